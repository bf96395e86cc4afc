// The main job: a stand-in judged before the plan, the plan applied, the stand-in judged again, and the report.
import type { Progress } from "../../fixtures/progress.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import { steps } from "../../provision/steps/index.ts";
import { exitCodeOf } from "../../reports/exit-code.ts";
import { reportOf } from "../../reports/report/compare.ts";
import { fromVerdicts } from "../../reports/report/from-run.ts";
import { summary } from "../../reports/summary.ts";
import type { Verdicts } from "../../reports/verdicts.ts";
import { onStandIn, type Prerequisites } from "../run/acceptance.ts";
import { standInDeployment } from "../run/deployment.ts";
import type { HostEnvironment } from "../run/ready.ts";
import { type WantedFormat, writeFormats } from "../run/write-formats.ts";
import { checkSteps } from "../target/known-steps.ts";

export interface AcceptOptions {
  /** `--tree PATH[@REF]`; without it, our sample tree. */
  readonly tree?: string;
  /** `--deployment FILE`; without it, the plan's own deployment. */
  readonly deployment?: string;
  /** Only the changes that the plan's text names. */
  readonly literal: boolean;
  /** Steps to leave out. */
  readonly without: readonly string[];
  /** Also runs every control: the same checks against known-bad states. */
  readonly controls: boolean;
  readonly json: boolean;
  readonly format: readonly WantedFormat[];
  /** Columns of the terminal, and whether it shows colours. */
  readonly width: number;
  readonly colour: boolean;
  readonly hostEnvironment: HostEnvironment;
}

/** The results of a whole run. */
export interface Acceptance {
  readonly before: Verdicts;
  readonly after: Verdicts;
  /** The HTML report. */
  readonly report: string;
}

/**
 * Runs the whole job and prints its page. Returns the exit code of the verdicts after the plan (`reports/exit-code.ts`), or
 * the exit code of the interruption.
 */
export async function accept(
  options: AcceptOptions,
  progress: Progress,
  print: (text: string) => void,
): Promise<number> {
  checkSteps(options.without, "accept");
  const page = ({ before, after, report }: Acceptance) =>
    options.json
      ? `${JSON.stringify({ report, phases: [before, after] }, null, 2)}\n`
      : `\n${summary([before, after], { ...options, report, steps: remedySteps() })}`;
  const began = performance.now();
  const done = await runAcceptance(options, options, progress, (acceptance) => {
    print(page(acceptance));
    const about = {
      tree: options.tree ?? "sample",
      mode: "run",
      ms: Math.round(performance.now() - began),
    } as const;
    writeFormats(reportOf({ tree: fromVerdicts(acceptance.after) }, about), options.format);
  });
  return typeof done === "number" ? done : exitCodeOf([done.before, done.after]);
}

/**
 * Judges a stand-in before and after the plan, and writes the report. If interrupted, cleans up and returns the exit code.
 * Calls `show` as soon as the results are known: removing the stand-in takes another second.
 */
export async function runAcceptance(
  options: Pick<
    AcceptOptions,
    "tree" | "deployment" | "literal" | "without" | "controls" | "hostEnvironment"
  >,
  prerequisites: Prerequisites,
  progress: Progress,
  show: (acceptance: Acceptance) => void = () => {},
): Promise<Acceptance | number> {
  const deployment = standInDeployment(options.deployment, options.hostEnvironment.vm);
  const tree = readTree(options.tree, deployment);
  return onStandIn({ tree, deployment }, prerequisites, progress, async (run) => {
    const before = await run.before();
    const after = await run.after(options);
    const acceptance = { before, after, report: await run.report(["before", "after"]) };
    show(acceptance);
    return acceptance;
  });
}

/** By requirement: the remedy steps that serve it. A literal run lists them for each red requirement. */
function remedySteps(): Record<string, string[]> {
  const pairs = steps
    .filter(({ kind }) => kind === "remedy")
    .flatMap(({ id, serves }) => serves.map((served) => [served, id] as const));
  return Object.fromEntries(
    pairs.map(([served]) => [served, pairs.filter(([other]) => other === served).map(([, id]) => id)]),
  );
}
