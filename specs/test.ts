// What specs import: `test` with this project's fixtures, and `requirement` and `control`, which say what a test judges.
import { spawn } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test as base, type Page, type TestDetails, type TestInfo } from "@playwright/test";
import { type BrowserPrograms, browserFor } from "../fixtures/browser/trusting.ts";
import type { Deployment } from "../fixtures/deployment/deployment.ts";
import { CannotTell, NotJudged, Refused } from "../fixtures/errors.ts";
import { type Client, openClient } from "../fixtures/evidence/client.ts";
import { collect, readEvidence, trusted, writeEvidence } from "../fixtures/evidence/collect.ts";
import type { Evidence } from "../fixtures/evidence/evidence.ts";
import { keepSecrets, secretsFolder } from "../fixtures/evidence/kept-secrets.ts";
import { lazily } from "../fixtures/evidence/lazy.ts";
import { type RunRecord, readRecord } from "../fixtures/evidence/record.ts";
import { secret } from "../fixtures/evidence/redact.ts";
import { during, type FaultOf } from "../fixtures/faults/index.ts";
import { PortainerApi } from "../fixtures/portainer/api.ts";
import { Portainer, type Visitor } from "../fixtures/portainer/pages.ts";
import { portainerAnswers, portainerStatus } from "../fixtures/portainer/status.ts";
import type { Hypervisor } from "../fixtures/target/hypervisor.ts";
import { type Action, readTarget, type Target } from "../fixtures/target/inventory.ts";
import { assertAwaited } from "./assertions.ts";
import type { Answered } from "./claim.ts";
import { guarded, refusalOf } from "./consent.ts";
import { failureMode } from "./register/failure-modes.ts";
import { requirementOf } from "./register/register.ts";
import { keepWorkerAfterFailure } from "./reuse-worker.ts";

export { expect } from "@playwright/test";
export { holds, refuted } from "./assertions.ts";
export type { Answered } from "./claim.ts";

/** Makes a fault on the stand-in, runs the body, repairs the fault. */
export type BrokenWhile = <T>(fault: FaultOf, body: () => Promise<T>) => Promise<T>;

/** Does the work once for all specs of this worker. */
export type Once = <T>(what: string, work: () => Promise<T>) => Promise<T>;

/** What a trial runs with. */
export interface TrialContext {
  readonly target: Target;
  readonly hypervisor: Hypervisor;
  readonly client: Client;
  readonly evidence: Evidence;
  readonly once: Once;
  /** Whether trials that do not interfere run in parallel. */
  readonly parallelTrials: boolean;
}

/** What an apply left for later judgements; undefined or missing if this run has none. */
export interface RunFiles {
  /** The evidence from before the plan. */
  readonly before: string | undefined;
  /** The record of the run of phoenix-cli before the plan. */
  readonly beforeRecord: string | undefined;
  /** The record that apply wrote. */
  readonly record: string | undefined;
}

interface WorkerFixtures {
  /** The run's directory: its inventory, and one directory for each phase. */
  run: string;
  /** The run's private folder: what may hold secrets is written there. Without one: the run's directory. */
  privateFolder: string;
  /** Which of the run's phases is judged: `before`, `after`, … */
  phase: string;
  /** Files of the run that some specs compare with. */
  files: RunFiles;
  /** Actions that this phase must not take, whatever the target allows. */
  withhold: readonly Action[];
  /** Whether trials that do not interfere run in parallel: set for a whole run, which requests all of them. */
  parallelTrials: boolean;
  /** Whether this project's reporter counts as failures what a worker marked as expected: see reuse-worker.ts. */
  keepWorkers: boolean;
  browserPrograms: BrowserPrograms;
  /** The path of this project's command line, which specs run as a user does. */
  commandLine: string;
  target: Target;
  /** The values of the target's deployment. */
  deployment: Deployment;
  /** The evidence that was collected in this phase; reading it opens no connection. */
  evidence: Evidence;
  /** Connects at the first command; all tests of this worker share it. */
  connection: Hypervisor & { readonly failed: boolean };
  /** Results that the tests of this worker share: the first test's result counts for those after it. */
  shared: Once;
}

interface TestFixtures {
  /** Runs for every test, and decides from its result whether the worker is reused. */
  workerReuse: undefined;
  /** Runs for every test: a test that gives no verdict, or does not await it, fails. */
  awaited: undefined;
  /** Why this test must not act on the target. It stops a requirement's test at its first use of a fixture that acts. */
  refusal: CannotTell | undefined;
  hypervisor: Hypervisor;
  once: Once;
  /** The evidence from before the plan. @throws NotJudged if this run has none. */
  earlier: () => Evidence;
  /** The record that apply wrote in this phase. */
  record: RunRecord;
  /** What was recorded and collected before the plan; undefined when one of them is missing, and in that phase itself. */
  earlierRun: { readonly record: RunRecord; readonly before: Evidence } | undefined;
  client: Client;
  trialContext: TrialContext;
  freshEvidence: () => Promise<Evidence>;
  /** Makes a fault on the stand-in, collects fresh evidence, repairs the fault. */
  broken: (fault: FaultOf) => Promise<Evidence>;
  /** Makes a fault on the stand-in, runs the body, repairs the fault. */
  brokenWhile: BrokenWhile;
  /** Portainer's page as a visitor sees it, without a password. */
  visitor: Visitor;
  portainer: Portainer;
  api: PortainerApi;
  /** Runs this project's own command line as a user would. */
  phoenix: (...args: string[]) => Promise<Answered>;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  run: ["", { option: true, scope: "worker" }],
  privateFolder: ["", { option: true, scope: "worker" }],
  phase: ["after", { option: true, scope: "worker" }],
  withhold: [[], { option: true, scope: "worker" }],
  parallelTrials: [false, { option: true, scope: "worker" }],
  keepWorkers: [false, { option: true, scope: "worker" }],
  browserPrograms: [
    { executable: "", certutil: "" },
    { option: true, scope: "worker" },
  ],
  commandLine: ["", { option: true, scope: "worker" }],
  // Starts when a spec first requests a page, since most never do. Each worker's browser has its own home directory.
  browser: [
    async ({ playwright, target, evidence, privateFolder, phase, browserPrograms }, use, { workerIndex }) => {
      const certificate = trusted(target, evidence.document.places.gateway);
      const home = join(privateFolder, phase, `browser-${workerIndex}`);
      const browser = await playwright.chromium.launch(
        browserFor(target, certificate, home, browserPrograms),
      );
      await use(browser);
      await browser.close();
      rmSync(home, { recursive: true, force: true });
    },
    { scope: "worker" },
  ],
  target: [
    async ({ run, privateFolder, withhold }, use) => {
      const target = readTarget(join(run, "inventory.json"));
      // Playwright writes what a spec types into its results, so the reporters have to know the password.
      keepSecrets(secretsFolder(privateFolder));
      await use({ ...target, allows: target.allows.filter((action) => !withhold.includes(action)) });
    },
    { scope: "worker" },
  ],
  deployment: [async ({ target }, use) => use(target.deployment), { scope: "worker" }],
  files: [
    async ({ run, phase }, use) =>
      use({
        before: join(run, "before", "evidence.json"),
        beforeRecord: join(run, "before", "record.json"),
        record: join(run, phase, "record.json"),
      }),
    { scope: "worker" },
  ],
  evidence: [
    async ({ run, phase }, use) => use(readEvidence(join(run, phase, "evidence.json"))),
    { scope: "worker" },
  ],
  connection: [
    async ({ target }, use) => {
      // Most specs only read evidence, so the SSH client is loaded only when it is needed.
      await using hypervisor = lazily(async () =>
        (await import("../fixtures/target/ssh.ts")).connect(target),
      );
      await use(hypervisor);
    },
    { scope: "worker" },
  ],
  shared: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern here.
    async ({}, use) => {
      const done = new Map<string, Promise<unknown>>();
      await use(<T>(what: string, work: () => Promise<T>) => {
        const found = (done.get(what) as Promise<T> | undefined) ?? work();
        done.set(what, found);
        return found;
      });
    },
    { scope: "worker" },
  ],
  workerReuse: [
    async ({ keepWorkers, connection }, use, info) => {
      await use(undefined);
      keepWorkerAfterFailure(info, keepWorkers, connection.failed);
    },
    { auto: true },
  ],
  awaited: [
    // It depends on workerReuse only so that it is torn down first.
    async ({ workerReuse: _ }, use, info) => {
      await use(undefined);
      await assertAwaited(info);
    },
    { auto: true },
  ],
  refusal: [
    // It depends on workerReuse only so that it is torn down first.
    async ({ target, withhold, workerReuse: _ }, use, info) => {
      const refusal = refusalOf(info.tags, { target, withhold });
      await use(refusal);
      // A requirement that has to be tried cannot pass on evidence alone.
      if (refusal !== undefined && info.status === "passed") throw refusal;
    },
    { auto: true },
  ],
  hypervisor: async ({ connection, refusal }, use) => use(guarded(connection, refusal)),
  once: async ({ shared, refusal }, use) => use(guarded(shared, refusal)),
  earlier: async ({ files }, use) =>
    use(() => ofRun(files.before, "evidence from before the plan (--before)", readEvidence)),
  earlierRun: async ({ files, phase }, use) => {
    const { before, beforeRecord: record } = files;
    const there = phase !== "before" && before && record && existsSync(before) && existsSync(record);
    await use(there ? { record: readRecord(record), before: readEvidence(before) } : undefined);
  },
  record: async ({ files }, use) => use(ofRun(files.record, "the record of an apply (--record)", readRecord)),
  client: async ({ target, evidence, refusal }, use) => {
    await using client = openClient(target, trusted(target, evidence.document.places.gateway));
    await use(guarded(client, refusal));
  },
  trialContext: async ({ target, hypervisor, client, evidence, once, parallelTrials, refusal }, use) =>
    use(guarded({ target, hypervisor, client, evidence, once, parallelTrials }, refusal)),
  freshEvidence: async ({ target, connection, run, refusal }, use, { testId }) => {
    const collectFresh = async () => {
      const evidence = await collect(target, connection);
      writeEvidence(join(run, "fresh", `${testId}-${Date.now()}.json`), evidence);
      return evidence;
    };
    await use(guarded(collectFresh, refusal));
  },
  brokenWhile: async ({ target, hypervisor, client }, use) => {
    await use(async (fault, body) => {
      if (target.kind !== "stand-in")
        throw new Refused(`faults are made only on a stand-in, and ${target.name} is not one`);
      const healthy = await portainerStatus(client);
      try {
        return await during(fault(target), hypervisor, body);
      } finally {
        if (healthy.code === 200) await portainerAnswers(client);
      }
    });
  },
  broken: async ({ brokenWhile, freshEvidence }, use) => use((fault) => brokenWhile(fault, freshEvidence)),
  visitor: async ({ page, client, target }, use, info) => {
    await use(new Portainer(page, client, { url: target.url, passwordFile: "" }));
    await picture(page, info);
  },
  api: async ({ client, target, run, connection, refusal }, use) => {
    if (refusal === undefined) await fetchPassword(target, connection, passwordFileOf(target, run));
    await use(guarded(new PortainerApi(client, passwordFileOf(target, run)), refusal));
  },
  portainer: async ({ page, client, target, run, connection, refusal }, use, info) => {
    const passwordFile = passwordFileOf(target, run);
    if (refusal === undefined) await fetchPassword(target, connection, passwordFile);
    const portainer = new Portainer(page, client, { url: target.url, passwordFile });
    await use(guarded(portainer, refusal));
    await picture(page, info);
  },
  phoenix: async ({ run, target, refusal, commandLine }, use) => {
    const where = ["--inventory", join(run, "inventory.json"), "--target", target.name];
    await use(guarded((...args: string[]) => runCommand([commandLine, ...args, ...where]), refusal));
  },
});

/** Reads a file of the run. @throws NotJudged if the run has none, saying what is needed. */
function ofRun<T>(file: string | undefined, what: string, read: (file: string) => T): T {
  if (file === undefined || !existsSync(file)) throw new NotJudged(`needs ${what}`);
  return read(file);
}

/** What the browser shows at the end of a requirement's test, for the report. A page that is gone, or hangs, has no picture. */
async function picture(page: Page, info: TestInfo): Promise<void> {
  if (!info.tags.includes("@requirement") || page.url() === "about:blank") return;
  const mask = [page.locator("input[type=password]")];
  const body = await page.screenshot({ timeout: 5_000, mask }).catch(() => undefined);
  if (body) await info.attach("what the browser shows at the end", { body, contentType: "image/png" });
}

const passwordFileOf = ({ adminPasswordFile }: Target, run: string) =>
  adminPasswordFile ?? join(run, "portainer-password");

/** Copies the administrator's password from the hypervisor, unless this machine already has it. */
async function fetchPassword(
  { adminPasswordOnHypervisor: there }: Target,
  hypervisor: Hypervisor,
  file: string,
) {
  if (there === undefined || existsSync(file)) return;
  const { code, out } = await hypervisor.run(["cat", there]);
  if (code === 0 && out.trim() !== "") writeFileSync(file, secret(out.trim()), { mode: 0o600 });
}

function runCommand(args: readonly string[]): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 600_000,
    });
    const answered = { out: "", err: "" };
    child.stdout.on("data", (piece) => (answered.out += piece));
    child.stderr.on("data", (piece) => (answered.err += piece));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === null) reject(new CannotTell(`the command line did not end: ${args[1]}`));
      else resolve({ code, ...answered });
    });
  });
}

/** The details of the one test that judges a requirement. @throws Error for an id that the register does not have. */
export function requirement(id: string): TestDetails {
  return details(id, "requirement");
}

/**
 * The details of a test that shows the requirement's check turn red, and which failure modes its bad state is.
 * @throws Error for an unknown id or mode.
 */
export function control(id: string, ...modes: string[]): TestDetails {
  return details(id, "control", modes);
}

function details(id: string, role: "requirement" | "control", modes: readonly string[] = []): TestDetails {
  const { area, kind, plan, severity, title, revision } = requirementOf(id);
  const labels = {
    severity: severity === "must" ? "critical" : "normal",
    epic: area,
    feature: `${id} ${title}`,
    requirement: id,
    revision: String(revision),
    plan,
    kind: kind === "L" ? "literal" : "remedy",
    role,
  };
  const annotation = Object.entries(labels).map(([name, description]) => ({
    type: `allure.label.${name}`,
    description,
  }));
  const shown = modes.map((mode) => ({ type: "failure-mode", description: failureMode(mode).id }));
  return { tag: [`@${id}`, `@${role}`], annotation: [...annotation, ...shown] };
}
