import { counted } from "../../fixtures/counted.ts";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { interruptible } from "../../fixtures/interruptible.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { quoteWord, toType } from "../../fixtures/quote.ts";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { type Action, readInventory, readTarget, type Target } from "../../fixtures/target/inventory.ts";
import { cleanRun, writeRun } from "../../reports/run/file.ts";
import { namesOfPart } from "../../reports/run/merge.ts";
import type { Part, Run, RunTarget, Trouble } from "../../reports/run/run.ts";
import { withWaivers } from "../../reports/run/waivers.ts";
import { register } from "../../specs/register/register.ts";
import { boundRuns } from "../run/old-runs.ts";
import { newRunFolder } from "../run/output.ts";
import { ofRevisions, readSeenRed } from "../run/seen-red.ts";
import { waiversFrom } from "../run/waivers.ts";
import { showRun, type WantedFormat } from "../run/write-formats.ts";
import { writeReports } from "../run/write-report.ts";
import { allowedOn, announcement, namedActions } from "../verify/actions.ts";
import { verifyDocument } from "../verify/document.ts";
import { verifyMany } from "../verify/many.ts";
import { type Asked, type OneTarget, type Surroundings, specsFor, verifyOne } from "../verify/verify-one.ts";

export interface VerifyOptions extends Asked {
  readonly inventory?: string;
  /** Names of targets; with none and without `all`, the inventory's only one. */
  readonly target: readonly string[];
  readonly all: boolean;
  readonly atOnce: number;
  /** Only this part of the targets. */
  readonly shard?: Pick<Part, "index" | "total">;
  /** The folder with the results of all parts, to be put together. */
  readonly merge?: string;
  readonly evidence?: string;
  readonly save?: string;
  readonly allow: readonly string[];
  readonly yes: boolean;
  readonly json: boolean;
  /** Prints only the verdict, and what is wrong. */
  readonly quiet?: boolean;
  readonly format: readonly WantedFormat[];
  /** `--waivers FILE`: the failures that are accepted. */
  readonly waivers?: string;
  /** False: no folder of the run is made, as for saved evidence that another command judges. */
  readonly keep?: false;
  /** The folder for HTML reports, one for each target. */
  readonly report?: string;
  readonly hostEnvironment: HostEnvironment;
  readonly progress: Progress;
  readonly print: (text: string) => void;
  readonly colour: boolean;
  readonly width: number;
}

/** Judges and prints the page. Returns the exit code of the verdicts: of several targets, the worst. */
export async function verify(options: VerifyOptions): Promise<number> {
  check(options);
  const began = new Date();
  if (options.merge !== undefined) {
    const { mergeFolder } = await import("../verify/merge.ts");
    return write(mergeFolder(options.merge), began, options);
  }
  const waivers = waiversFrom(options.waivers, options.inventory);
  const named = namedActions(options.allow);
  const loading = specsFor(options);
  loading.catch(() => {}); // it is awaited after the evidence
  const consent = consentOf(options, named);
  const lastRed = ofRevisions(readSeenRed(options.hostEnvironment), register);
  const targets = await interruptible((resources) =>
    verifyAll(options, named, { ...options, loading, consent, resources, lastRed }),
  );
  if (typeof targets === "number") return targets;
  const part = options.shard && partOf(namesOf(options), options.shard);
  return write(
    withWaivers(verifyDocument(targets, began, options, part), waivers, new Date()),
    began,
    options,
  );
}

/** Prints and writes what was found. Returns its exit code. */
async function write(found: Run, began: Date, options: VerifyOptions): Promise<number> {
  const run = cleanRun(found);
  const { report, ...shown } = options;
  showRun(run, { ...shown, again: again(run, options) }, options.print);
  if (report !== undefined)
    for (const page of await writeReports(run, report)) options.progress.say(`Report: ${page}`);
  if (options.keep !== false) {
    writeRun(newRunFolder(options.hostEnvironment, "verify", began), run);
    boundRuns(options.hostEnvironment, options.progress);
  }
  return run.exitCode;
}

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
  const part = options.shard && partOf(names, options.shard);
  if ((names.length > 1 || part) && inventory !== undefined) {
    const own = part ? namesOfPart(part) : names;
    const one = async (name: string) => judge(readTarget(inventory, name));
    return options.progress.step(`judging ${counted(own.length, "target")}`, () =>
      verifyMany(own, options.atOnce, one, options.progress),
    );
  }
  if (inventory === undefined) return [await judge(undefined)];
  const target = readTarget(inventory, names[0]);
  return [await options.progress.step(`judging ${target.name}`, () => judge(target))];
}

/** The names of the chosen targets; none for the inventory's only one. */
function namesOf({ inventory, target, all }: VerifyOptions): readonly string[] {
  return all && inventory !== undefined ? Object.keys(readInventory(inventory)) : target;
}

/** @throws BadInput if a part would have no target: a run that judges nothing must not look like one that passes. */
function partOf(names: readonly string[], { index, total }: Pick<Part, "index" | "total">): Part {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new BadInput(problem(`--target ${twice} is given twice`, toType`--target ${twice}`));
  if (names.length < total)
    throw new BadInput(
      problem(
        `There are fewer targets (${names.length}) than parts (${total})`,
        `--shard ${Math.min(index, names.length)}/${names.length}`,
      ),
    );
  return { index, total, names };
}

function consentOf({ yes, progress }: VerifyOptions, named: readonly Action[]): Surroundings["consent"] {
  return async (target, ids) => {
    const needed = named.filter((action) =>
      register.some(({ id, needs }) => ids.includes(id) && needs.includes(action)),
    );
    progress.say(announcement(target, needed, ids));
    if (yes) return;
    const { consent } = await import("../target/on-target.ts");
    await consent(target.name, "Do this on", progress);
  };
}

function check(options: VerifyOptions): void {
  const { inventory, evidence, only, require, target, all, allow, save, browser, contract } = options;
  const { before, beforeRecord, record } = options;
  const help = "npm run phoenix -- verify --help";
  const unknown = [...only, ...require].filter((id) => !register.some((one) => one.id === id));
  if (unknown.length > 0)
    throw new BadInput(
      problem(`No requirement ${unknown.join(", ")} in the register`, "npm run phoenix -- requirements"),
    );
  const several = all || target.length > 1 || options.merge !== undefined;
  if (options.merge !== undefined) {
    const rest = { inventory, evidence, save, before, "before-record": beforeRecord, record };
    const given = Object.entries({
      ...rest,
      shard: options.shard,
      waivers: options.waivers,
      all,
      browser,
      contract,
      yes: options.yes,
    }).filter(([, value]) => value);
    const lists = Object.entries({ target, only, require, allow }).filter(([, value]) => value.length > 0);
    for (const [name] of [...given, ...lists])
      throw new BadInput(problem(`--merge judges nothing itself: no --${name}`, help));
  } else if (inventory === undefined && evidence === undefined)
    throw new BadInput(problem("verify needs --inventory FILE or --evidence FILE", help));
  if (options.shard && !several)
    throw new BadInput(problem("--shard divides several targets: --all, or --target more than once", help));
  if (several && options.merge === undefined && inventory === undefined)
    throw new BadInput(problem("--all and --target need --inventory FILE", help));
  if (all && target.length > 0) throw new BadInput(problem("--all and --target exclude each other", help));
  if (evidence !== undefined && (allow.length > 0 || browser || contract || save !== undefined))
    throw new BadInput(
      problem("--evidence judges without the target: no --allow, --browser, --contract or --save", help),
    );
  const single = {
    ...{ "--evidence": evidence, "--before": before, "--before-record": beforeRecord, "--record": record },
  };
  for (const [name, value] of Object.entries(single))
    if (several && value !== undefined) throw new BadInput(problem(`${name} is of one target`, help));
  if (several && save !== undefined && !save.includes("{target}"))
    throw new BadInput(
      problem(
        `With several targets, ${save} would be overwritten by each`,
        `put {target} into its name: {target}-${quoteWord(save)}`,
      ),
    );
}
