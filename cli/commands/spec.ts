// `spec`: runs one requirement or one control, on a stand-in that is kept between calls, or on a given target.

import { dirname, join } from "node:path";
import { checkSpace } from "../../fixtures/disk.ts";
import { BadInput, problem, Refused } from "../../fixtures/errors.ts";
import { keptSecrets, secretsFolder } from "../../fixtures/evidence/kept-secrets.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { interruptible } from "../../fixtures/interruptible.ts";
import { jsonText } from "../../fixtures/printable.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { toType } from "../../fixtures/quote.ts";
import { ensureBrowser } from "../../fixtures/setup/chromium.ts";
import { cacheFolder, type HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { type StateName, stateNames } from "../../fixtures/standin/states.ts";
import { readTarget, type Target, writeTarget } from "../../fixtures/target/inventory.ts";
import { scanForSecrets } from "../../reports/secrets.ts";
import { requirementOf } from "../../specs/register/register.ts";
import { lease, stopAll } from "../kept/lease.ts";
import { outcomeOf, page } from "../spec/page.ts";
import { type OneRun, type Ran, runOne } from "../spec/run-one.ts";
import { type Selected, select } from "../spec/select.ts";
import { runOnChange } from "../spec/watch.ts";

export interface SpecOptions {
  readonly id?: string;
  readonly control?: string;
  /** `INVENTORY[:TARGET]` */
  readonly on?: string;
  readonly phase: "before" | "after";
  readonly tree?: string;
  /** `--deployment FILE`; without it, the approved plan's own. */
  readonly deployment?: string;
  readonly trace: boolean;
  readonly watch: boolean;
  /** Only restore this state of the kept stand-in. */
  readonly reset?: string | true;
  /** Only remove the kept stand-ins. */
  readonly stop: boolean;
  readonly json: boolean;
  readonly quiet?: boolean;
  readonly hostEnvironment: HostEnvironment;
  readonly progress: Progress;
  readonly print: (text: string) => void;
  readonly colour: boolean;
}

/** Runs one spec, or resets or removes the kept stand-in. Returns the exit code of the verdict. */
export async function spec(options: SpecOptions): Promise<number> {
  const { id, on, hostEnvironment, progress, print } = options;
  if (options.stop) {
    print(`Stand-ins removed: ${await stopAll(hostEnvironment)}\n`);
    return Exit.pass;
  }
  if (options.reset !== undefined) return reset(options, options.reset);
  if (id === undefined)
    throw new BadInput(problem("The requirement's id is missing", "npm run phoenix -- requirements"));
  const selected = select(id, options.control);
  const target = on === undefined ? undefined : targetOn(on, options);
  if (target && selected.role === "control" && target.kind !== "stand-in")
    throw new Refused(
      problem(
        `A control makes a fault, which is only allowed on a stand-in: ${target.name} is not a stand-in`,
        toType`npm run spec -- ${id} --control ${options.control ?? ""}`,
      ),
    );
  if (options.watch) return runOnChange(words(options), ["specs", "fixtures"], progress.say);
  return interruptible(async () =>
    target
      ? conclude(selected, await onTarget(selected, target, options), options, `on ${target.name}`)
      : onKept(selected, options),
  );
}

/** The command without `--watch`. */
function words({ id = "", control, on, phase, tree, deployment, trace, json }: SpecOptions): string[] {
  const values = {
    "--control": control,
    "--on": on,
    "--phase": phase,
    "--tree": tree,
    "--deployment": deployment,
  };
  const given = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
  return ["spec", id, ...given, ...(trace ? ["--trace"] : []), ...(json ? ["--json"] : [])];
}

const stateOf = (phase: "before" | "after"): StateName => (phase === "before" ? "fresh" : "planned");

async function onKept(selected: Selected, options: SpecOptions): Promise<number> {
  const { phase, trace, progress } = options;
  const state = stateOf(phase);
  const acts =
    selected.role === "control" || requirementOf(selected.id).needs.some((one) => one !== "observe");
  using kept = await lease({ ...options, state, acts }, progress);
  const target = readTarget(join(kept.run, "inventory.json"));
  const { run, browser } = kept;
  const ran = await runOne(selected, { run, phase, target, browser, trace }, progress);
  return conclude(selected, { ran, run }, options, `on the kept stand-in (${state})`);
}

async function reset(options: SpecOptions, asked: string | true): Promise<number> {
  const state = asked === true ? "planned" : stateNames.find((name) => name === asked);
  if (!state) {
    const what = `Unknown state ${asked}. The states: ${stateNames.join(", ")}`;
    throw new BadInput(problem(what, "npm run spec -- --reset planned"));
  }
  using kept = await lease({ ...options, state, acts: false }, options.progress, "reset");
  const { restored, ms } = kept;
  const what = restored.length > 0 ? `restored: ${restored.join(", ")}` : "nothing had changed";
  options.print(`The kept stand-in is ${state}: ${what}; ${(ms / 1000).toFixed(1)} s\n`);
  return Exit.pass;
}

/** The target of `INVENTORY[:TARGET]`. @throws BadInput when an option applies only to the kept stand-in. */
function targetOn(on: string, { phase, tree, deployment }: SpecOptions): Target {
  if (phase !== "after" || tree !== undefined || deployment !== undefined)
    throw new BadInput(
      problem(
        "--phase, --tree and --deployment apply only to the kept stand-in, not to a target of --on",
        "npm run spec -- --help",
      ),
    );
  const [, inventory = on, name] = /^(.+?):([^:/]+)$/.exec(on) ?? [];
  return readTarget(inventory, name);
}

/** Runs the test on a given target, in a new private folder that the next run removes. */
async function onTarget(
  selected: Selected,
  target: Target,
  { hostEnvironment, progress, trace }: SpecOptions,
): Promise<{ ran: Ran; run: string }> {
  const all = join(cacheFolder(hostEnvironment), "spec");
  checkSpace(all);
  const run = privateFolder(all, "run");
  writeTarget(run, target);
  const browser = await ensureBrowser(progress, hostEnvironment.path);
  const one: OneRun = { run, phase: "after", target, browser, trace };
  return { ran: await runOne(selected, one, progress), run };
}

function conclude(
  selected: Selected,
  { ran, run }: { readonly ran: Ran; readonly run: string },
  { json, quiet = false, print, progress, colour }: SpecOptions,
  where: string,
): number {
  const outcome = outcomeOf(selected, ran);
  const { title, role, id, file } = selected;
  const { checks, trace } = ran.test;
  if (json) print(jsonText({ id, title, role, file, ...outcome, checks, trace, at: ran.at }));
  else print(page(selected, ran, { where, colour, quiet }));
  if (trace !== undefined) progress.say(traceHint(trace, run));
  return outcome.exitCode;
}

/** The text after `--trace`: how to open the recording, and that it may contain secrets. */
function traceHint(trace: string, run: string): string {
  const kept = keptSecrets(secretsFolder(run));
  const secrets = kept.map((value) => ({ name: "a secret of the specs", value }));
  const leaks = scanForSecrets(dirname(trace), secrets);
  if (leaks.length > 0) throw new Error(`secrets in the recording: ${JSON.stringify(leaks)}`);
  const warning =
    "The secrets that the suite knows are masked in it. It shows pages and answers of the target: only you can read the file.";
  return `Next, to look at the recording:\n    npx playwright show-trace ${trace}\n${warning}`;
}
