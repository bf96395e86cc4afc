// The Playwright reporter that writes `verdicts.json`. It changes no exit code and no verdict.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { FullResult, Reporter, Suite, TestCase, TestError, TestResult } from "@playwright/test/reporter";
import type { Check } from "../fixtures/judgement.ts";
import { printable } from "../fixtures/printable.ts";
import { isBug, judgeRun, type Requirement, type TestOutcome } from "./verdict.ts";
import { asChecks, asRegister, asVerdicts, type Verdicts } from "./verdicts.ts";

/** `["./reports/reporter.ts", options]` in Playwright's configuration. */
export interface VerdictReporterOptions {
  /** The folder for `verdicts.json`; created if missing. */
  readonly outDir: string;
  /** The register, each statement with the values of the run's deployment. */
  readonly register: readonly Requirement[];
  /** The requirements that have a spec: one without an outcome was not selected. */
  readonly withSpec?: readonly string[];
  readonly phase: string;
  readonly target: string;
  /** `lines`: prints one line per finished requirement test. Default: prints nothing. */
  readonly progress?: "none" | "lines";
}

export default class VerdictReporter implements Reporter {
  readonly #options: VerdictReporterOptions;
  readonly #register: readonly Requirement[];
  readonly #bugs: string[] = [];
  #suite: Suite | undefined;
  /** When the first test began. A runner may start long before there is something to judge. */
  #began: Date | undefined;

  constructor(options: VerdictReporterOptions) {
    this.#options = options;
    this.#register = asRegister(options.register, { file: "the reporter's register" });
    // Workers start later and read this in playwright.config.ts. Other processes ignore it, because the process id differs.
    process.env.PHOENIX_KEEP_WORKERS = String(process.pid);
  }

  printsToStdio(): boolean {
    return this.#options.progress === "lines";
  }

  onBegin(_config: unknown, suite: Suite): void {
    this.#suite = suite;
    rmSync(join(this.#options.outDir, "verdicts.json"), { force: true });
  }

  onError(error: TestError): void {
    this.#bugs.push(plain(error));
  }

  onTestBegin(_test: TestCase, { startTime }: TestResult): void {
    this.#began ??= startTime;
  }

  /** Runs before the same method of other reporters, and before Playwright counts. */
  onTestEnd(test: TestCase, result: TestResult): void {
    if (isKept(test)) test.expectedStatus = "passed";
    if (this.#options.progress !== "lines" || !test.tags.includes("@requirement")) return;
    console.log(printable(`${result.status.padEnd(11)} ${test.title} (${Math.round(result.duration)} ms)`));
  }

  /** Playwright ignores errors of a reporter, so they are printed here. Without the file, every reader reports an error. */
  onEnd(result: FullResult): void {
    try {
      this.#conclude(result);
    } catch (error) {
      console.error(
        printable(`This is a bug in the suite: no verdicts were written: ${(error as Error).message}`),
      );
    }
  }

  #conclude({ status, startTime, duration }: FullResult): void {
    const tests = this.#suite?.allTests() ?? [];
    const cut =
      status === "interrupted" || status === "timedout" ? `the run was ${ended[status]}` : undefined;
    const blocker = this.#bugs[0] ?? tests.map(setUpError).find((message) => message !== undefined) ?? cut;
    const outcomes = tests.flatMap((test) => outcomesOf(test, blocker));
    const bugs = [...this.#bugs, ...outcomes.flatMap(({ messages }) => messages.filter(isBug))];
    const { outDir, phase, target } = this.#options;
    const began = this.#began ?? startTime;
    const rows = judgeRun(this.#register, outcomes, this.#options.withSpec);
    const head = {
      version: 1,
      phase,
      target,
      startedAt: began.toISOString(),
      ms: Math.round(startTime.getTime() + duration - began.getTime()),
    } as const;
    write(outDir, { ...head, status, bugs: [...new Set(bugs)], rows });
  }
}

function write(outDir: string, document: Verdicts): void {
  const file = join(outDir, "verdicts.json");
  asVerdicts(document, { file });
  mkdirSync(outDir, { recursive: true });
  writeFileSync(`${file}.part`, `${JSON.stringify(document, null, 2)}\n`);
  renameSync(`${file}.part`, file);
}

const ended = { interrupted: "interrupted", timedout: "stopped by its own time limit" } as const;

/** The outcomes of one test: one per requirement id; none for a test that is neither a requirement test nor a control. */
function outcomesOf(test: TestCase, blocker: string | undefined): TestOutcome[] {
  const role = roles.find((one) => test.tags.includes(`@${one}`));
  if (!role) return [];
  const result = test.results.at(-1);
  const skip = test.annotations.find(({ type }) => type === "skip" || type === "fixme");
  const { checks, problem } = result ? attachedChecks(result) : {};
  const status: TestOutcome["status"] =
    !result || (result.status === "skipped" && !skip) ? "absent" : result.status;
  const why = skip?.description ?? (skip ? undefined : blocker);
  const messages = [...(result?.errors.map(plain) ?? []), problem, isIdle(status) ? why : undefined];
  const modes = test.annotations
    .filter(({ type }) => type === "failure-mode")
    .map(({ description = "" }) => description);
  const same = {
    ...{ modes, role, title: test.title, status, expectedRed: test.expectedStatus === "failed" },
    ...{
      messages: messages.filter((text) => text !== undefined),
      ms: result?.duration ?? 0,
      ...(checks && { checks }),
    },
  };
  const ids = test.tags.map((tag) => /^@([A-Z]{3}-\d{3})$/.exec(tag)?.[1]).filter((id) => id !== undefined);
  if (ids.length === 0)
    throw new Error(`This is a bug in the suite: "${test.title}" is a ${role} without an id`);
  return ids.map((id) => ({ id, ...same }));
}

/** The failure was made "expected" by our fixture, to keep the worker, and not by the spec itself. */
const isKept = ({ expectedStatus, annotations }: TestCase) =>
  expectedStatus === "failed" && !annotations.some(({ type }) => type === "fail");

const roles = ["control", "requirement"] as const;
const isIdle = (status: TestOutcome["status"]) =>
  status === "skipped" || status === "absent" || status === "interrupted";

/** The error of a failed test without an id (a set-up project): the likely reason why other tests did not run. */
function setUpError(test: TestCase): string | undefined {
  const error = test.outcome() === "unexpected" ? test.results.at(-1)?.errors[0] : undefined;
  return error && !test.tags.some((tag) => tag === "@requirement" || tag === "@control")
    ? plain(error)
    : undefined;
}

function attachedChecks(result: TestResult): { checks?: Check[]; problem?: string } {
  const found = result.attachments.filter(({ name }) => name === "checks");
  if (found.length === 0) return {};
  try {
    const texts = found.map(({ body, path }) => (body ?? readFileSync(path ?? "")).toString("utf8"));
    return { checks: texts.flatMap((text) => asChecks(JSON.parse(text), { file: "checks" })) };
  } catch (error) {
    return {
      problem: `This is a bug in the suite: the attachment "checks" cannot be read: ${(error as Error).message}`,
    };
  }
}

const plain = ({ message, value }: TestError) =>
  stripVTControlCharacters(message ?? value ?? "an error without a message");
