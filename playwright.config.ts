// The one place besides the command line that reads the environment: which run and phase is judged, with which programs.
import { join } from "node:path";
import { defineConfig, type ReporterDescription } from "@playwright/test";
import { secretsFolder } from "./fixtures/evidence/kept-secrets.ts";
import { secret } from "./fixtures/evidence/redact.ts";
import { setSurroundings } from "./fixtures/target/surroundings.ts";
import { comeLast, takeTurns, testsOf } from "./specs/register/who-acts.ts";

const {
  PHOENIX_RUN = "",
  PHOENIX_PRIVATE = PHOENIX_RUN,
  PHOENIX_PHASE = "after",
  PHOENIX_TARGET = "",
  PHOENIX_WITHHOLD = "",
} = process.env;
const {
  PHOENIX_ENGINE = "",
  PHOENIX_IMAGE = "",
  PHOENIX_SCRATCH = "",
  PHOENIX_KEEP_WORKERS = "",
  PHOENIX_LAST = "",
  PHOENIX_PARALLEL_TRIALS = "",
  PHOENIX_WAIT = "",
  PHOENIX_ONE = "",
  PHOENIX_QUICK = "",
  PHOENIX_SEED = "",
} = process.env;
const { PHOENIX_BROWSER = "/usr/bin/chromium-headless-shell", PHOENIX_CERTUTIL = "/usr/bin/certutil" } =
  process.env;

// Every worker reads this file: its connections may use the agent and the variables that an inventory names.
setSurroundings({ environment: (name) => process.env[name], onSecret: secret });

/** How many times longer than usual the target may take: every limit of a test grows with it. */
const timeoutFactor = Number(process.env.PHOENIX_TIMEOUT_FACTOR || 1);

const phaseDir = join(PHOENIX_RUN, PHOENIX_PHASE);
/** What may hold secrets: recordings, pages at a failure, whatever a test attaches. The first reporter makes clean copies. */
const privateDir = join(PHOENIX_PRIVATE, PHOENIX_PHASE);

/** Verdicts and Allure results are written for a run alone; tests of our own code only print. */
async function reporters(): Promise<ReporterDescription[]> {
  const { allureOptions } = await import("./reports/allure/options.ts");
  const { registerFor } = await import("./specs/register/register.ts");
  const { readSpecs } = await import("./specs/register/coverage.ts");
  const withSpec = readSpecs().map(({ id }) => id);
  const { readTarget } = await import("./fixtures/target/inventory.ts");
  // Statements show the values of the deployment that this run judges.
  const { name: target, deployment } = readTarget(
    join(PHOENIX_RUN, "inventory.json"),
    PHOENIX_TARGET || undefined,
  );
  const run = { phase: PHOENIX_PHASE, target, register: registerFor(deployment) };
  const cleaning = { secrets: secretsFolder(PHOENIX_PRIVATE), outDir: join(phaseDir, "attached") };
  const clean: ReporterDescription = ["./reports/clean-reporter.ts", cleaning];
  const verdicts: ReporterDescription = ["./reports/reporter.ts", { outDir: phaseDir, ...run, withSpec }];
  // `npm run spec` prints one result as soon as it can: no report is written for it.
  if (PHOENIX_ONE) return [clean, verdicts, ["./reports/tests-reporter.ts", { outDir: phaseDir }]];
  return [clean, verdicts, ["allure-playwright", allureOptions(join(phaseDir, "steps"))]];
}

// With a seed, generated inputs are the same in every run: what is green stays green. Without one they are new each time.
if (PHOENIX_SEED)
  (await import("fast-check")).default.configureGlobal({ seed: Number.parseInt(PHOENIX_SEED, 10) });

// Reporters live in the runner; each worker reads this file as well, and starts the sooner for not loading them.
const inWorker = process.env.TEST_WORKER_INDEX !== undefined;
// Ours come first: they turn red again what a worker has called expected (specs/reuse-worker.ts).
const reporter: ReporterDescription[] = [...(PHOENIX_RUN && !inWorker ? await reporters() : []), ["list"]];

// Who acts, the register says: those run one at a time. What takes the plan back is a part of a run alone, which says when:
// `after` all others are over, or at `any` time, in a phase that does without it. A command that names a file never brings it.
const acting = testsOf(takeTurns);
const last = testsOf(comeLast);
const teardown = PHOENIX_LAST === "after" ? { teardown: "last" } : {};

// What `.ci/run quick` leaves to the whole run: files that take a second and more, since they start test runners, servers,
// browsers or hundreds of processes, or try hundreds of made-up inputs.
const slow = [
  "cli/attack/attack.test.ts",
  "cli/commands/audit.test.ts",
  "cli/commands/canaries.test.ts",
  "cli/commands/contract-portainer.test.ts",
  "cli/commands/nightly.test.ts",
  "cli/commands/targets.test.ts",
  "cli/commands/verify.test.ts",
  "cli/gate/",
  "cli/main.test.ts",
  "cli/nightly/",
  "cli/package.test.ts",
  "cli/run/projects.test.ts",
  "cli/completion.test.ts",
  "cli/terminal.test.ts",
  "fixtures/starter.test.ts",
  "cli/run/wait-for-start-signal.test.ts",
  "cli/spec/sample.test.ts",
  "cli/sweep/",
  "cli/verify/guard.test.ts",
  "fixtures/evidence/collect.test.ts",
  "fixtures/evidence/redact-stream.test.ts",
  "fixtures/portainer/",
  "fixtures/setup/",
  "fixtures/standin/portainer/",
  "fixtures/standin/portainer-contract/",
  "fixtures/standin/sample-tree.test.ts",
  "fixtures/quote.test.ts",
  "fixtures/target/ssh/",
  "provision/deployment.property.test.ts",
  "provision/edit/",
  "provision/facts.test.ts",
  "provision/journal/",
  "provision/steps/steps.property.test.ts",
  "reports/allure/build.test.ts",
  "reports/audit/",
  "reports/site/",
  "reports/formats/hostile.test.ts",
  "reports/reporter.test.ts",
  "reports/run-tests.test.ts",
  "reports/typed-secrets.test.ts",
  "specs/consent.test.ts",
  "specs/gateway/claims/vhost.property.test.ts",
  "specs/light/",
  "specs/operations/claims/validity.test.ts",
  "specs/static/",
  "specs/testing/any-deployment.test.ts",
].map((path) => new RegExp(`^${join(import.meta.dirname, path).replaceAll(".", "\\.")}`));

export default defineConfig({
  forbidOnly: true,
  retries: 0,
  reporter,
  outputDir: PHOENIX_RUN ? join(privateDir, "artifacts") : "test-results",
  timeout: 60_000 * timeoutFactor,
  // Whoever has us started early says when there is something to judge.
  ...(PHOENIX_WAIT && {
    globalSetup:
      PHOENIX_WAIT === "tied" ? "./cli/run/tied-to-starter.ts" : "./cli/run/wait-for-start-signal.ts",
  }),
  globalTimeout: 1_800_000 * timeoutFactor,
  expect: { timeout: 10_000 * timeoutFactor },
  use: {
    run: PHOENIX_RUN,
    privateFolder: PHOENIX_PRIVATE,
    phase: PHOENIX_PHASE,
    withhold: PHOENIX_WITHHOLD.split(",").filter(Boolean),
    browserPrograms: { executable: PHOENIX_BROWSER, certutil: PHOENIX_CERTUTIL },
    commandLine: join(import.meta.dirname, "cli/main.ts"),
    engineHost: PHOENIX_ENGINE,
    image: PHOENIX_IMAGE,
    scratch: PHOENIX_SCRATCH,
    parallelTrials: PHOENIX_PARALLEL_TRIALS === "1",
    keepWorkers: PHOENIX_KEEP_WORKERS === String(process.ppid),
  } as object,
  projects: [
    {
      name: "unit",
      testMatch: "**/*.test.ts",
      fullyParallel: true,
      ...(PHOENIX_QUICK && { testIgnore: [/node_modules/, ...slow] }),
    },
    { name: "contract", testMatch: "**/*.contract.ts", workers: 1 },
    { name: "act", testMatch: "**/*.spec.ts", grep: acting, workers: 1, ...teardown },
    { name: "judge", testMatch: "**/*.spec.ts", grep: /@requirement\b/, grepInvert: [acting, last] },
    { name: "controls", testMatch: "**/*.spec.ts", grep: /@control\b/, workers: 1, ...teardown },
    ...(PHOENIX_LAST ? [{ name: "last", testMatch: "**/*.spec.ts", grep: last, workers: 1 }] : []),
  ],
});
