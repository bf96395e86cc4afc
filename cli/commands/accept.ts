// The main job: a stand-in judged before the plan, the plan applied, the stand-in judged again, and the report.

import { deploymentDigest } from "../../fixtures/deployment/digest.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import { steps } from "../../provision/steps/index.ts";
import { exitCodeOf } from "../../reports/exit-code.ts";
import { phaseOf, requirementsOf, revisionOf, runOf, verdictOfExit } from "../../reports/run/build.ts";
import { cleanRun, writeRun } from "../../reports/run/file.ts";
import type { Run as RunDocument, RunTarget } from "../../reports/run/run.ts";
import { withWaivers } from "../../reports/run/waivers.ts";
import type { Secret } from "../../reports/secrets.ts";
import type { Verdicts } from "../../reports/verdicts.ts";
import { registerFor } from "../../specs/register/register.ts";
import { type Applied, onStandIn, type Prerequisites, type Run } from "../run/acceptance.ts";
import { standInDeployment } from "../run/deployment.ts";
import { boundRuns } from "../run/old-runs.ts";
import { contractAgreement, tool, treeSource } from "../run/provenance.ts";
import type { HostEnvironment } from "../run/ready.ts";
import { ofRevisions, readSeenRed, withControlsOf, writeSeenRed } from "../run/seen-red.ts";
import { waiversFrom } from "../run/waivers.ts";
import { showRun, type WantedFormat } from "../run/write-formats.ts";
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
  /** Prints only the verdict, and what is wrong. */
  readonly quiet?: boolean;
  readonly format: readonly WantedFormat[];
  /** `--waivers FILE`: the failures that are accepted. */
  readonly waivers?: string;
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
  /** The same as one document, which is in the run's folder. */
  readonly run: RunDocument;
  /** The secrets that the run used: keys, passwords that were typed, tokens in answers. None of them is in its folder. */
  readonly secrets: readonly Secret[];
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
  const done = await runAcceptance(options, options, progress, ({ run, report }) => {
    showRun(run, { ...options, report }, print);
  });
  return typeof done === "number" ? done : done.run.exitCode;
}

/**
 * Judges a stand-in before and after the plan, and writes the report and the document of the run. If interrupted, cleans up and
 * returns the exit code. Calls `show` as soon as the results are known: removing the stand-in takes another second.
 */
export async function runAcceptance(
  options: Pick<
    AcceptOptions,
    "tree" | "deployment" | "literal" | "without" | "controls" | "waivers" | "hostEnvironment"
  > &
    Pick<Applied, "prepare">,
  prerequisites: Prerequisites,
  progress: Progress,
  show: (acceptance: Acceptance) => void = () => {},
): Promise<Acceptance | number> {
  const startedAt = new Date();
  const waivers = waiversFrom(options.waivers);
  const deployment = standInDeployment(options.deployment, options.hostEnvironment.vm);
  const tree = readTree(options.tree, deployment);
  return onStandIn({ tree, deployment }, prerequisites, progress, async (run) => {
    const before = await run.before();
    const after = await run.after(options);
    run.close();
    const found = documentOf(run, [before, after], startedAt, options);
    const document = cleanRun(withWaivers(found, waivers, new Date()));
    writeRun(run.dir, document);
    const report = await run.report(document);
    const acceptance = { before, after, report, run: document, secrets: run.secrets };
    show(acceptance);
    boundRuns(options.hostEnvironment, progress);
    return acceptance;
  });
}

/** The document of a run. What its controls showed is kept for later runs. */
function documentOf(
  run: Run,
  phases: readonly [Verdicts, Verdicts],
  began: Date,
  { tree, hostEnvironment }: Pick<AcceptOptions, "tree" | "hostEnvironment">,
): RunDocument {
  const startedAt = began.toISOString();
  const ms = Date.now() - began.getTime();
  const { name, deployment } = run.target;
  const register = registerFor(deployment);
  const suite = tool();
  const seen = withControlsOf(readSeenRed(hostEnvironment), phases[1].rows, suite, startedAt);
  writeSeenRed(hostEnvironment, seen);
  const exitCode = exitCodeOf(phases);
  const target: RunTarget = {
    ...{ target: name, kind: "stand-in", exitCode, verdict: verdictOfExit(exitCode), startedAt, ms },
    deployment: deploymentDigest(deployment),
    tree: treeSource(tree),
    plan: run.plan,
    standIn: { image: run.image, vm: hostEnvironment.vm },
    evidence: phases.map((phase) => run.evidence(phase)),
    ...{ allowed: run.target.allows, required: [], removed: [], phases: phases.map(phaseOf) },
    requirements: requirementsOf(register, phases, {
      steps: remedySteps(),
      lastRed: ofRevisions(seen, register),
    }),
  };
  return runOf({
    ...{ command: "accept", startedAt, ms, exitCode, tool: suite, register: revisionOf(register) },
    ...{ contract: contractAgreement(began), targets: [target] },
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
