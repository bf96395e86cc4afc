// `test`: the tests of our own code, the stand-in's contract, a sample of the crash test, then the main job with every
// control.
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { interruptible, isInterrupted } from "../../fixtures/interruptible.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { emulated } from "../../fixtures/standin/standin.ts";
import type { Counts } from "../../reports/count.ts";
import { runTests, totals } from "../../reports/run-tests.ts";
import { summary } from "../../reports/summary.ts";
import type { Applied } from "../run/acceptance.ts";
import { type Canary, plantCanaries, plantInPortainer, searchRun } from "../run/canaries.ts";
import { project } from "../run/child.ts";
import { type HostEnvironment, makeReady } from "../run/ready.ts";
import { isConsistent } from "../sweep/sweep.ts";
import { table } from "../sweep/table.ts";
import { type Acceptance, type AcceptOptions, runAcceptance } from "./accept.ts";
import { sweepRows } from "./sweep.ts";

export interface TestOptions {
  /** Arguments for Playwright. With arguments, the crash test and the main job are left out. */
  readonly args: readonly string[];
  readonly hostEnvironment: HostEnvironment;
}

/** Runs the tests; the last line counts them all. Returns `pass` if none failed and some passed. */
export async function test(
  options: TestOptions,
  progress: Progress,
  print: (text: string) => void,
): Promise<number> {
  return interruptible((resources) => runAll(options, progress, print, resources));
}

async function runAll(
  { args, hostEnvironment }: TestOptions,
  progress: Progress,
  print: (text: string) => void,
  resources: AsyncDisposableStack,
): Promise<number> {
  if (existsSync(join(project, "installed-in")))
    throw new BadInput(
      problem("An installed package has no tests: they are in a checkout", "npm run accept"),
    );
  const ready = await makeReady(hostEnvironment, progress, resources);
  // Many tests wait for servers, so two at a time take less than two thirds of the time; those of the contract share a
  // stand-in and run one at a time, beside the others.
  const chosen = args.length > 0 ? args : ["--project", "unit", "--project", "contract", "--workers", "2"];
  const scratch = privateFolder(join(ready.cache, "runs"), "tests");
  // It contains the key of a stand-in.
  resources.defer(async () => rmSync(scratch, { recursive: true, force: true }));
  const own = await runTests(chosen, {
    PHOENIX_ENGINE: ready.engine.host,
    PHOENIX_IMAGE: ready.image,
    PHOENIX_SCRATCH: scratch,
    PHOENIX_TIMEOUT_FACTOR: String(hostEnvironment.vm === "qemu" ? emulated : 1),
    PHOENIX_BROWSER: ready.browser.executable,
    PHOENIX_CERTUTIL: ready.browser.certutil,
    // The whole run has the same generated inputs each time; a chosen file draws new ones.
    ...(args.length === 0 && { PHOENIX_SEED: "1" }),
  });
  rmSync(scratch, { recursive: true, force: true });
  if (isInterrupted() || args.length > 0) {
    print(`${totals(own.counts)}\n`);
    return own.code;
  }
  const swept = await sweepRows(
    { every: 20, scenario: ["files"], only: [], deployment: defaultDeployment },
    ready,
    progress,
  );
  if (typeof swept === "number") return swept;
  print(`\n${table(swept)}\n`);
  const consistent = swept.filter(isConsistent).length;
  const inconsistent = swept.length - consistent;
  const sweep: Counts = {
    ...{ passed: consistent, failed: inconsistent, skipped: 0, errors: 0 },
    wrong: inconsistent > 0 ? [`${inconsistent} stops of the crash test, see its table above`] : [],
  };
  const planted = privateFolder(join(ready.cache, "runs"), "canaries");
  resources.defer(async () => rmSync(planted, { recursive: true, force: true }));
  const canaries = [...plantCanaries(planted)];
  const options: AcceptOptions & Pick<Applied, "prepare"> = {
    prepare: async (target) => void canaries.push(...(await plantInPortainer(target))),
    tree: planted,
    literal: false,
    without: [],
    controls: true,
    json: false,
    format: [],
    width: 120,
    colour: false,
    hostEnvironment,
  };
  const job = await runAcceptance(options, { ready }, progress);
  if (typeof job === "number") return job;
  print(`\n${summary([job.before, job.after], { ...options, report: job.report })}\n`);
  // A file that does not load counts as a failed test.
  const { errors } = own.counts;
  const silent = own.code !== Exit.pass && own.counts.failed + errors === 0;
  const ours: Counts = {
    ...own.counts,
    failed: own.counts.failed + errors + (silent ? 1 : 0),
    wrong: [...own.counts.wrong, ...(silent ? [`the tests ended with exit code ${own.code}`] : [])],
  };
  const all = [sweep, countOf(job), countCanaries(job, canaries)].reduce(add, ours);
  print(`${totals(all)}\n`);
  if (own.code !== Exit.pass) return own.code;
  return all.failed > 0 ? Exit.fail : Exit.pass;
}

/** The main job counted as tests: each requirement passes after the plan, each literal one fails before it, each control fails. */
function countOf({ before, after }: Acceptance): Counts {
  const judged = after.rows.filter(({ verdict }) => verdict !== "pending");
  const red = before.rows.filter(({ kind }) => kind === "L");
  const wrong = [
    ...[...before.bugs, ...after.bugs].map((bug) => `a bug in the suite: ${bug.split("\n")[0]}`),
    ...judged
      .filter(({ verdict }) => verdict !== "pass")
      .map(({ id, verdict }) => `${id} is ${verdict} after the plan`),
    ...red
      .filter(({ verdict }) => verdict !== "fail")
      .map(({ id, verdict }) => `${id} was ${verdict} before the plan, not fail: it was never seen red`),
    ...judged
      .filter(({ controls }) => controls.passed + controls.failed === 0)
      .map(({ id }) => `${id} has no control`),
    ...judged.flatMap(({ id, controls }) =>
      Array.from({ length: controls.failed }, () => `${id}: a control passed, although its state is broken`),
    ),
  ];
  const controls = judged.reduce((sum, row) => sum + row.controls.passed, 0);
  const passed =
    judged.filter(({ verdict }) => verdict === "pass").length +
    red.filter(({ verdict }) => verdict === "fail").length +
    controls;
  return { passed, failed: wrong.length, skipped: 0, errors: 0, wrong };
}

/** Each planted secret, and each that the run itself used, counts as a test: it was in use, and no byte of the run holds it. */
function countCanaries(job: Acceptance, canaries: readonly Canary[]): Counts {
  const { escaped, unused } = searchRun(dirname(dirname(job.report)), canaries, job.secrets);
  const wrong = [...escaped, ...unused];
  const passed = wrong.length > 0 ? 0 : canaries.length + job.secrets.length;
  return { passed, failed: wrong.length, skipped: 0, errors: 0, wrong };
}

function add(one: Counts, other: Counts): Counts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
    errors: one.errors + other.errors,
    wrong: [...one.wrong, ...other.wrong],
  };
}
