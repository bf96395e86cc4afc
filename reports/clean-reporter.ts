// The reporter that comes first: it takes the secrets out of what all later reporters get, before they write any of it. Steps
// have what a test typed, errors have what a page showed, recordings have both. Files that a test attached stay in the private
// folder of the run; the others get a clean copy.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Reporter, TestCase, TestError, TestResult, TestStep } from "@playwright/test/reporter";
import { hearSecrets } from "../fixtures/evidence/kept-secrets.ts";
import { redact, redactBytes } from "../fixtures/evidence/redact.ts";
import { isZip, repack } from "./archive.ts";

export interface CleanReporterOptions {
  /** Where the workers keep the secrets that they use. */
  readonly secrets: string;
  /** For the clean copies of attached files. */
  readonly outDir: string;
}

type Attachment = TestResult["attachments"][number];

export default class CleanReporter implements Reporter {
  readonly #outDir: string;
  readonly #hear: () => void;
  readonly #done = new WeakSet<Attachment>();
  #copies = 0;

  constructor({ secrets, outDir }: CleanReporterOptions) {
    this.#outDir = outDir;
    this.#hear = hearSecrets(secrets);
  }

  printsToStdio(): boolean {
    return false;
  }

  onStepBegin(_test: TestCase, _result: TestResult, step: TestStep): void {
    this.#hear();
    clean(step);
  }

  onStepEnd(_test: TestCase, _result: TestResult, step: TestStep): void {
    this.#hear();
    clean(step);
    for (const attachment of step.attachments) this.#attachment(attachment);
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    this.#hear();
    clean(test.annotations);
    clean(result.annotations);
    clean(result.errors);
    if (result.error) clean(result.error);
    for (const stream of [result.stdout, result.stderr]) {
      // A piece may end within a secret.
      const whole = Buffer.concat(stream.map((piece) => Buffer.from(piece)));
      if (whole.length > 0) stream.splice(0, stream.length, redactBytes(whole));
    }
    for (const step of result.steps) cleanSteps(step);
    for (const attachment of result.attachments) this.#attachment(attachment);
  }

  onError(error: TestError): void {
    this.#hear();
    clean(error);
  }

  #attachment(attachment: Attachment): void {
    if (this.#done.has(attachment)) return;
    this.#done.add(attachment);
    attachment.name = redact(attachment.name);
    if (attachment.body) attachment.body = redactBytes(attachment.body);
    if (attachment.path === undefined) return;
    const bytes = readFileSync(attachment.path);
    this.#copies += 1;
    mkdirSync(this.#outDir, { recursive: true });
    const copy = join(this.#outDir, `${this.#copies}-${redact(basename(attachment.path))}`);
    writeFileSync(copy, isZip(bytes) ? repack(bytes, redactBytes) : redactBytes(bytes), { mode: 0o600 });
    attachment.path = copy;
  }
}

function cleanSteps(step: TestStep): void {
  clean(step);
  for (const inner of step.steps) cleanSteps(inner);
}

/** A comparison colours the letters that differ, also those within a secret: then the colours go. */
function redactColoured(text: string): string {
  const colourless = stripVTControlCharacters(text);
  const clean = redact(colourless);
  return clean === colourless ? text : clean;
}

/** Redacts every text in an object, in place. Steps and attachments are cleaned by themselves. */
function clean(value: object): void {
  for (const [key, inner] of Object.entries(value)) {
    if (["parent", "steps", "attachments", "location"].includes(key)) continue;
    if (typeof inner === "string") (value as Record<string, unknown>)[key] = redactColoured(inner);
    else if (typeof inner === "object" && inner !== null) clean(inner as object);
  }
}
