// The Playwright reporter that writes `tests.json`: what each test said, controls too. For who runs one test and looks at it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";
import type { Check } from "../fixtures/judgement.ts";
import { compile, parseJson } from "../fixtures/schema.ts";
import { asChecks } from "./verdicts.ts";

/** One test that ran. */
export interface TestRan {
  /** Playwright's project. */
  readonly project: string;
  readonly title: string;
  readonly status: TestResult["status"];
  readonly ms: number;
  /** What it looked at, by the names of the attachments: `checks`, or `refuted` for a control. */
  readonly checks: readonly Check[];
  /** Without colours. */
  readonly messages: readonly string[];
  /** The recording, where one was asked for. */
  readonly trace?: string;
}

/** Checks the shape of a `tests.json`. @throws BadInput when it is none. */
const asTests = compile<TestRan[]>("tests file", {
  type: "array",
  items: {
    type: "object",
    required: ["project", "title", "status", "ms", "checks", "messages"],
    properties: {
      project: { type: "string" },
      title: { type: "string" },
      status: { enum: ["passed", "failed", "timedOut", "skipped", "interrupted"] },
      ms: { type: "number" },
      checks: { type: "array" },
      messages: { type: "array", items: { type: "string" } },
      trace: { type: "string" },
    },
  },
});

/** Reads what the reporter wrote. @throws BadInput when the file is none of its. */
export function readTests(file: string): readonly TestRan[] {
  return asTests(parseJson(readFileSync(file, "utf8"), file), { file });
}

export default class TestsReporter implements Reporter {
  readonly #file: string;
  readonly #tests: TestRan[] = [];

  constructor({ outDir }: { readonly outDir: string }) {
    this.#file = join(outDir, "tests.json");
    mkdirSync(outDir, { recursive: true });
    rmSync(this.#file, { force: true });
  }

  printsToStdio(): boolean {
    return false;
  }

  onTestEnd({ title, parent }: TestCase, { status, duration, attachments, errors }: TestResult): void {
    const shown = attachments.filter(({ name }) => name === "checks" || name === "refuted");
    const trace = attachments.find(({ name }) => name === "trace")?.path;
    this.#tests.push({
      project: parent.project()?.name ?? "",
      title,
      status,
      ms: Math.round(duration),
      checks: shown.flatMap(({ name, body, path }) =>
        asChecks(JSON.parse((body ?? readFileSync(path ?? "")).toString("utf8")), { file: name }),
      ),
      messages: errors.map(({ message, value }) => stripVTControlCharacters(message ?? value ?? "")),
      ...(trace !== undefined && { trace }),
    });
  }

  onEnd(): void {
    writeFileSync(this.#file, JSON.stringify(this.#tests, null, 1), { mode: 0o600 });
  }
}
