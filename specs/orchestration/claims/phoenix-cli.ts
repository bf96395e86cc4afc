// The claim about phoenix-cli: it succeeded, and so did every command that it ran in the guests.
import { counted } from "../../../fixtures/counted.ts";
import type { Deployment } from "../../../fixtures/deployment/deployment.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { GuestCommand, RunRecord } from "../../../fixtures/evidence/record.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { guestExec } from "../../../fixtures/target/guest-answer.ts";
import { check, known } from "../../claim.ts";
import { compared, notRead } from "../../operations/claims/changes.ts";

/** What was recorded and seen before the plan. */
export interface Earlier {
  readonly record: RunRecord;
  readonly before: Evidence;
  readonly after: Evidence;
}

/**
 * The same as below, for an apply. An apply leaves a command out when its guest already is as the tree says. Then the run
 * from before the plan counts, if no file that the command reads has changed since.
 */
export function applyCompleted(
  record: RunRecord,
  { gateway, dockerHost }: Deployment,
  earlier: Earlier | undefined,
): readonly Check[] {
  const both = { gateway, dockerHost };
  const words = [`create ${dockerHost.vmid}`, `converge ${gateway.ctid}`];
  const ran = (all: RunRecord, each: string) => all.commands.filter(({ argv }) => wordsOf(argv) === each);
  const carried = words.flatMap((each) => {
    if (!earlier || ran(record, each).length > 0) return [];
    const read = each.startsWith("create") ? readForDockerHost : readForGateway;
    return changedFiles(earlier, read).length === 0 ? ran(earlier.record, each) : [];
  });
  const checks = cliCompleted({ ...record, commands: [...carried, ...record.commands] }, both);
  if (!earlier) return checks;
  // Which file makes an earlier run too old is what an operator wants to know.
  return checks.map((each) => {
    if (each.ok || each.found !== notRun || each.where.startsWith("phoenix-cli ") === false) return each;
    const read = each.where.includes(" create ") ? readForDockerHost : readForGateway;
    const [first] = changedFiles(earlier, read);
    return first ? { ...each, found: `${notRun} after the change of ${first}` } : each;
  });
}

/** The files of the tree that differ, as far as a command reads them. */
function changedFiles({ before, after }: Earlier, reads: (path: string) => boolean): string[] {
  const { tree } = after.document.target;
  const inside = (path: string) => path.slice(tree.length + 1);
  const files = (e: Evidence) =>
    known(e.listing("hypervisor", "tree")).filter(({ path, type }) => type !== "d" && reads(inside(path)));
  const [changes, unread] = compared(files(before), files(after), ["type", "mode", "link", "sha256"]);
  if (changes.length === 0 && unread.length > 0) throw notRead(unread);
  return changes.map((said) => inside(said.slice(0, said.indexOf(": "))));
}

// Files that only the other guest's command reads. Every other file counts for both.
const forGateway =
  /^(etc\/nginx\/|etc\/phoenix_lxc_|bin\/lxc_setup\/|bin\/phoenix_hypervisor_lxc_|bin\/managers\/lxc-)/;
const forDockerHost = /^(etc\/phoenix_vm_|bin\/vm_features\/|bin\/managers\/vm-|persistent-storage\/)/;
const readForGateway = (path: string) => !forDockerHost.test(path);
const readForDockerHost = (path: string) => !forGateway.test(path);

const notRun = "it did not run";

/** Both commands exited with 0, and no command in a guest failed or was left running. */
export function cliCompleted(
  { commands }: RunRecord,
  { gateway, dockerHost }: Pick<Deployment, "gateway" | "dockerHost">,
): readonly Check[] {
  const create = `create ${dockerHost.vmid}`;
  const runs = commands.map((command) => ({ ...command, words: wordsOf(command.argv) }));
  const ended = [create, `converge ${gateway.ctid}`].map((words) => {
    const last = runs.findLast((run) => run.words === words);
    const found = last ? `exit code ${last.code}${last.code === 0 ? "" : `: ${tail(last.output)}`}` : notRun;
    return check({
      level: "behaves",
      where: `phoenix-cli ${words}`,
      ok: last?.code === 0,
      expected: "exit code 0",
      found,
      next: `phoenix-cli ${words}`,
    });
  });
  // Whatever else it was asked for one of the two guests, such as to converge the docker host, ended well too.
  const asked = new RegExp(` (${dockerHost.vmid}|${gateway.ctid})$`);
  const others = [...new Set(runs.flatMap(({ words = "" }) => (asked.test(words) ? [words] : [])))].flatMap(
    (words) => {
      const last = runs.findLast((run) => run.words === words);
      const where = `phoenix-cli ${words}`;
      if (!last || last.code === 0 || ended.some((one) => one.where === where)) return [];
      const found = `exit code ${last.code}: ${tail(last.output)}`;
      return [check({ level: "behaves", where, ok: false, expected: "exit code 0", found, next: where })];
    },
  );
  const guests = runs
    .filter(({ words }) => words !== undefined)
    .flatMap((run) => run.guestExecs.map((one) => inGuest(run.words, one)));
  const some = check({
    level: "behaves",
    where: `phoenix-cli ${create}`,
    ok: guests.length > 0,
    expected: "commands in the guest",
    found: guests.length === 0 ? "no commands" : counted(guests.length, "command"),
  });
  return [...ended, ...others, some, ...guests];
}

/** `create ID` from `/usr/…/phoenix-cli create ID`, whichever program ran it. */
function wordsOf(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((word) => /(^|\/)phoenix-cli$/.test(word));
  return at < 0 ? undefined : argv.slice(at + 1).join(" ");
}

function inGuest(words: string | undefined, { argv, code, answer }: GuestCommand): Check {
  const where = `phoenix-cli ${words}: ${argv.join(" ").replace(/\s+/g, " ").slice(0, 160)}`;
  const { ok, found } = read(code, answer);
  return check({
    level: "behaves",
    where,
    ok,
    expected: "exit code 0 in the guest",
    found,
    next: "run the command in the guest and read its output",
  });
}

function read(code: number, answer: string): { ok: boolean; found: string } {
  if (code !== 0) return { ok: false, found: `qm itself ended with ${code}: ${tail(answer)}` };
  try {
    const end = guestExec(answer);
    if (end.state === "running")
      return { ok: false, found: `still running after its timeout (pid ${end.pid})` };
    return {
      ok: end.code === 0,
      found: `exit code ${end.code}${end.code === 0 ? "" : `: ${tail(end.err || end.out)}`}`,
    };
  } catch {
    return { ok: false, found: `an answer that can't be read: ${tail(answer)}` };
  }
}

const tail = (text: string) => text.trim().split("\n").slice(-2).join(" | ").slice(-200);
