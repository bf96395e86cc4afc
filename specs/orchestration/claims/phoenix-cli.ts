// The claim about phoenix-cli: it succeeded, and so did every command that it ran in the guests.
import type { Deployment } from "../../../fixtures/deployment/deployment.ts";
import type { GuestCommand, RunRecord } from "../../../fixtures/evidence/record.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { guestExec } from "../../../fixtures/target/guest-answer.ts";
import { check } from "../../claim.ts";

/** Both commands exited with 0, and no command in a guest failed or was left running. */
export function cliCompleted({ commands }: RunRecord, { gateway, dockerHost }: Deployment): readonly Check[] {
  const create = `create ${dockerHost.vmid}`;
  const runs = commands.map((command) => ({ ...command, words: wordsOf(command.argv) }));
  const ended = [create, `converge ${gateway.ctid}`].map((words) => {
    const last = runs.findLast((run) => run.words === words);
    const found = last
      ? `exit code ${last.code}${last.code === 0 ? "" : `: ${tail(last.output)}`}`
      : "it did not run";
    return check({
      level: "behaves",
      where: `phoenix-cli ${words}`,
      ok: last?.code === 0,
      expected: "exit code 0",
      found,
      next: `phoenix-cli ${words}`,
    });
  });
  const guests = runs
    .filter(({ words }) => words !== undefined)
    .flatMap((run) => run.guestExecs.map((one) => inGuest(run.words, one)));
  const some = check({
    level: "behaves",
    where: `phoenix-cli ${create}`,
    ok: guests.length > 0,
    expected: "commands in the guest",
    found: guests.length === 0 ? "no commands" : `${guests.length} commands`,
  });
  return [...ended, some, ...guests];
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
