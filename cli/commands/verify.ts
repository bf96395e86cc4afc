import { BadInput, problem } from "../../fixtures/errors.ts";
import type { Progress } from "../../fixtures/progress.ts";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { type Action, readInventory, readTarget, type Target } from "../../fixtures/target/inventory.ts";
import { terminal } from "../../reports/formats/terminal.ts";
import { revisionOf, runOf } from "../../reports/run/build.ts";
import { cleanRun, runText, writeRun } from "../../reports/run/file.ts";
import type { Run, RunTarget, Trouble } from "../../reports/run/run.ts";
import { worstExit } from "../../reports/run/targets.ts";
import { register } from "../../specs/register/register.ts";
import { interruptible } from "../run/interruptible.ts";
import { newRunFolder } from "../run/output.ts";
import { contractAgreement, tool } from "../run/provenance.ts";
import { ofRevisions, readSeenRed } from "../run/seen-red.ts";
import { type WantedFormat, writeFormats } from "../run/write-formats.ts";
import { allowedOn, announcement, namedActions } from "../verify/actions.ts";
import { verifyMany } from "../verify/many.ts";
import { type Asked, type OneTarget, type Surroundings, specsFor, verifyOne } from "../verify/verify-one.ts";

export interface VerifyOptions extends Asked {
  readonly inventory?: string;
  /** Names of targets; with none and without `all`, the inventory's only one. */
  readonly target: readonly string[];
  readonly all: boolean;
  readonly atOnce: number;
  readonly evidence?: string;
  readonly save?: string;
  readonly allow: readonly string[];
  readonly yes: boolean;
  readonly json: boolean;
  readonly format: readonly WantedFormat[];
  readonly hostEnvironment: HostEnvironment;
  readonly progress: Progress;
  readonly print: (text: string) => void;
  readonly colour: boolean;
  readonly width: number;
}

/** Judges and prints the page. Returns the exit code of the verdicts: of several targets, the worst. */
export async function verify(options: VerifyOptions): Promise<number> {
  check(options);
  const named = namedActions(options.allow);
  const loading = specsFor(options);
  loading.catch(() => {}); // it is awaited after the evidence
  const consent = consentOf(options, named);
  const began = new Date();
  const lastRed = ofRevisions(readSeenRed(options.hostEnvironment), register);
  const targets = await interruptible((resources) =>
    verifyAll(options, named, { ...options, loading, consent, resources, lastRed }),
  );
  if (typeof targets === "number") return targets;
  const run = cleanRun(documentOf(targets, began));
  options.print(options.json ? runText(run) : terminal(run, { ...options, again: again(run, options) }));
  writeFormats(run, options.format);
  writeRun(newRunFolder(options.hostEnvironment, "verify", began), run);
  return run.exitCode;
}

const documentOf = (targets: readonly (RunTarget | Trouble)[], began: Date): Run =>
  runOf({
    ...{ command: "verify", startedAt: began.toISOString(), ms: Date.now() - began.getTime() },
    exitCode: worstExit(targets.map(({ exitCode }) => exitCode)),
    ...{ tool: tool(), register: revisionOf(register), contract: contractAgreement(began), targets },
  });

/** The command that judges the same target again. */
const again = ({ targets }: Run, { inventory = "FILE" }: VerifyOptions) =>
  `npm run phoenix -- verify --inventory ${inventory} --target ${targets[0]?.target}`;

async function verifyAll(
  options: VerifyOptions,
  named: readonly Action[],
  around: Surroundings,
): Promise<(RunTarget | Trouble)[]> {
  const { inventory, evidence, save } = options;
  const judge = (target: Target | undefined) => {
    const allowed = target ? allowedOn(target, named, new Date()) : (["observe"] as const);
    const file = save?.replaceAll("{target}", target?.name ?? "target");
    const one: OneTarget = {
      ...(target && { target }),
      ...(evidence !== undefined && { evidenceFile: evidence }),
      ...(file !== undefined && { save: file }),
      allowed,
    };
    return verifyOne(one, options, around);
  };
  const names = namesOf(options);
  if (names.length > 1 && inventory !== undefined)
    return verifyMany(
      names,
      options.atOnce,
      async (name) => judge(readTarget(inventory, name)),
      options.progress,
    );
  return [await judge(inventory === undefined ? undefined : readTarget(inventory, names[0]))];
}

/** The names of the chosen targets; none for the inventory's only one. */
function namesOf({ inventory, target, all }: VerifyOptions): readonly string[] {
  return all && inventory !== undefined ? Object.keys(readInventory(inventory)) : target;
}

function consentOf({ yes, progress }: VerifyOptions, named: readonly Action[]): Surroundings["consent"] {
  return async (target, ids) => {
    const needed = named.filter((action) =>
      register.some(({ id, needs }) => ids.includes(id) && needs.includes(action)),
    );
    progress.say(announcement(target, needed, ids));
    if (yes) return;
    const { consent } = await import("../target/on-target.ts");
    await consent(target.name, "Do this on");
  };
}

function check(options: VerifyOptions): void {
  const { inventory, evidence, only, require, target, all, allow, save, before, record, browser } = options;
  const help = "npm run phoenix -- verify --help";
  const unknown = [...only, ...require].filter((id) => !register.some((one) => one.id === id));
  if (unknown.length > 0)
    throw new BadInput(
      problem(`No requirement ${unknown.join(", ")} in the register`, "npm run phoenix -- requirements"),
    );
  if (inventory === undefined && evidence === undefined)
    throw new BadInput(problem("verify needs --inventory FILE or --evidence FILE", help));
  const several = all || target.length > 1;
  if (several && inventory === undefined)
    throw new BadInput(problem("--all and --target need --inventory FILE", help));
  if (all && target.length > 0) throw new BadInput(problem("--all and --target exclude each other", help));
  if (evidence !== undefined && (allow.length > 0 || browser || save !== undefined))
    throw new BadInput(
      problem("--evidence judges without the target: no --allow, --browser or --save", help),
    );
  const single = { "--evidence": evidence, "--before": before, "--record": record };
  for (const [name, value] of Object.entries(single))
    if (several && value !== undefined) throw new BadInput(problem(`${name} is of one target`, help));
  if (several && save !== undefined && !save.includes("{target}"))
    throw new BadInput(
      problem(
        `With several targets, ${save} would be overwritten by each`,
        `put {target} into its name: {target}-${save}`,
      ),
    );
}
