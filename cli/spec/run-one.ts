// Runs one test on a target: the test runner loads while fresh evidence is collected, then runs the test.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkSpace, diskTrouble } from "../../fixtures/disk.ts";
import { collect, writeEvidence } from "../../fixtures/evidence/collect.ts";
import type { Progress } from "../../fixtures/progress.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { readTests, type TestRan } from "../../reports/tests-reporter.ts";
import type { Row } from "../../reports/verdict.ts";
import { readVerdicts } from "../../reports/verdicts.ts";
import { project, startChild } from "../run/child.ts";
import { machineTrouble } from "../run/machine-trouble.ts";
import { startSignal } from "../run/wait-for-start-signal.ts";
import type { Selected } from "./select.ts";

export interface OneRun {
  readonly run: string;
  readonly phase: "before" | "after";
  readonly target: Target;
  readonly browser: { readonly executable: string; readonly certutil: string };
  /** Records what the test did, for Playwright's own viewer. */
  readonly trace: boolean;
}

/** The result of one run. */
export interface Ran {
  readonly test: TestRan;
  /** The requirement's row. For a control it is incomplete. */
  readonly row: Row;
  readonly bugs: readonly string[];
  /** When the evidence was collected. */
  readonly at: string;
}

/** Runs the test on newly collected evidence. @throws CannotTell without evidence, BadInput for trouble of this machine, Error when the test runner failed. */
export async function runOne(
  selected: Selected,
  { run, phase, target, browser, trace }: OneRun,
  progress: Progress,
): Promise<Ran> {
  const dir = join(run, phase);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const log = join(dir, "playwright.log");
  const environment = {
    PHOENIX_RUN: run,
    PHOENIX_PHASE: phase,
    PHOENIX_ONE: "1",
    PHOENIX_LAST: "any", // a rollback need not wait for other tests
    PHOENIX_TARGET: target.name,
    PHOENIX_TIMEOUT_FACTOR: String(target.timeoutFactor ?? 1),
    PHOENIX_WITHHOLD: phase === "before" ? "apply" : "",
    PHOENIX_WAIT: "1",
    PHOENIX_BROWSER: browser.executable,
    PHOENIX_CERTUTIL: browser.certutil,
  };
  const cli = join(project, "node_modules", "@playwright", "test", "cli.js");
  const which = ["--grep", `${literally(selected.title)}(?: @|$)`, literally(selected.file)];
  const argv = [cli, "test", "--no-deps", "--workers", "1", ...(trace ? ["--trace", "on"] : []), ...which];
  const runner = startChild(argv, environment, { log, privateFolder: run });
  let at: string;
  try {
    at = await progress.step("collecting evidence", async () => {
      await using hypervisor = await connect(target);
      const evidence = await collect(target, hypervisor);
      writeEvidence(join(dir, "evidence.json"), evidence);
      return evidence.document.at;
    });
  } catch (error) {
    runner.closeInput(); // without the start signal it ends and runs no test
    await runner.ended.catch(() => {});
    throw error;
  }
  runner.closeInput(startSignal);
  const code = await progress.step("running the test", () => runner.ended);
  checkSpace(dir, 1);
  const tests = existsSync(join(dir, "tests.json")) ? readTests(join(dir, "tests.json")) : [];
  const [test] = tests;
  if (code > 1 || !test || tests.length > 1)
    throw (
      diskTrouble(readFileSync(log, "utf8")) ??
      new Error(`the test runner ran ${tests.length} tests and ended with exit code ${code}: see ${log}`)
    );
  const verdicts = readVerdicts(join(dir, "verdicts.json"));
  const trouble = await machineTrouble(verdicts);
  if (trouble) throw trouble;
  const { rows, bugs } = verdicts;
  const row = rows.find(({ id }) => id === selected.id);
  if (!row) throw new Error(`no row for ${selected.id}: see ${log}`);
  return { test, row, bugs, at };
}

/** A regular expression that matches exactly this text. */
const literally = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
