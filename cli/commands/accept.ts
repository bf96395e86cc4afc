// The main job: a stand-in judged before the plan, the plan applied, the stand-in judged again, and the report.
import type { Progress } from "../../fixtures/progress.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import { steps } from "../../provision/steps/index.ts";
import { exitCodeOf } from "../../reports/exit-code.ts";
import { summary } from "../../reports/summary.ts";
import type { Verdicts } from "../../reports/verdicts.ts";
import { onStandIn, type Prerequisites } from "../run/acceptance.ts";
import type { HostEnvironment } from "../run/ready.ts";

export interface AcceptOptions {
  /** `--tree PATH[@REF]`; without it, our sample tree. */
  readonly tree?: string;
  readonly literal: boolean;
  /** Remedy steps to leave out, to see what they are for. */
  readonly without: readonly string[];
  /** Runs every control as well: the same checks against known-bad states. */
  readonly controls: boolean;
  readonly json: boolean;
  /** Columns of the terminal, and whether it shows colours. */
  readonly width: number;
  readonly colour: boolean;
  readonly hostEnvironment: HostEnvironment;
}

/** What a whole run came to. */
export interface Acceptance {
  readonly before: Verdicts;
  readonly after: Verdicts;
  /** The HTML report. */
  readonly report: string;
}

/**
 * Runs the whole job and prints its page. Returns the exit code: 0 when nothing failed and nothing was left unknown,
 * 1 when a requirement fails after the plan, 2 when one could not be told, 70 when the suite itself failed, 130 or 143 when
 * it was interrupted.
 */
export async function accept(
  options: AcceptOptions,
  progress: Progress,
  print: (text: string) => void,
): Promise<number> {
  const page = ({ before, after, report }: Acceptance) =>
    options.json
      ? `${JSON.stringify({ report, phases: [before, after] }, null, 2)}\n`
      : `\n${summary([before, after], { ...options, report, steps: remedySteps() })}`;
  const done = await runAcceptance(options, options, progress, (acceptance) => print(page(acceptance)));
  return typeof done === "number" ? done : exitCodeOf([done.before, done.after]);
}

/**
 * Judges a stand-in before and after the plan, and reports; an interruption gives everything back and its exit code.
 * What it came to is handed to `show` as soon as it is known: giving the stand-in back takes another second.
 */
export async function runAcceptance(
  options: Pick<AcceptOptions, "tree" | "literal" | "without" | "controls">,
  prerequisites: Prerequisites,
  progress: Progress,
  show: (acceptance: Acceptance) => void = () => {},
): Promise<Acceptance | number> {
  return onStandIn(readTree(options.tree), prerequisites, progress, async (run) => {
    const before = await run.before();
    const after = await run.after(options);
    const acceptance = { before, after, report: await run.report(["before", "after"]) };
    show(acceptance);
    return acceptance;
  });
}

/** By requirement: the remedy steps that serve it, for what the plan's own words leave red. */
function remedySteps(): Record<string, string[]> {
  const pairs = steps
    .filter(({ kind }) => kind === "remedy")
    .flatMap(({ id, serves }) => serves.map((served) => [served, id] as const));
  return Object.fromEntries(
    pairs.map(([served]) => [served, pairs.filter(([other]) => other === served).map(([, id]) => id)]),
  );
}
