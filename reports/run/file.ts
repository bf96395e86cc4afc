// Reads and writes `run.json`. It is checked against its schema both times, and every secret is removed before it is used.
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { redact } from "../../fixtures/evidence/redact.ts";
import { quoteWord } from "../../fixtures/quote.ts";
import { compile, parseJson } from "../../fixtures/schema.ts";
import { writeOutline } from "./outline.ts";
import schema from "./run.schema.json" with { type: "json" };
import type { Run } from "./run.ts";

const name = "run.json";
/** A run of fifty targets is a few megabytes. */
const limit = 256 * 1024 * 1024;

const check = compile<Run>("run document", schema);

/** Checks a value against `run.schema.json`. @throws BadInput listing every error. */
export const asRun = check;

/** The document as text: the form `json`. Equal documents are equal texts. */
export const runText = (run: Run): string => `${JSON.stringify(run, null, 2)}\n`;

/**
 * The run with every secret removed, as it is written and shown.
 * @throws Error if it does not fit its schema, which is a bug in the suite.
 */
export function cleanRun(run: Run): Run {
  const text = JSON.stringify(run, (_, value) => (typeof value === "string" ? redact(value) : value));
  try {
    return check(JSON.parse(text), { file: name });
  } catch (cause) {
    throw new Error(`${name} does not fit its schema: ${(cause as Error).message}`, { cause });
  }
}

/** Writes `run.json` and its outline into a folder, which is made if there is none. Returns the document's path. @throws BadInput if it can't be written. */
export function writeRun(folder: string, run: Run): string {
  const file = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.part`, runText(run), { mode: 0o600 });
    renameSync(`${file}.part`, file);
    writeOutline(folder, file, run);
  } catch (error) {
    throw new BadInput(
      problem(`Not written: ${file}: ${(error as Error).message}`, `ls -ld ${quoteWord(folder)}`),
    );
  }
  return file;
}

/** Reads the document of a run, from its folder or its file. @throws BadInput if it is none, with line and column. */
export function readRun(path: string): Run {
  let file = path;
  let text: string;
  try {
    if (statSync(path).isDirectory()) file = join(path, name);
    const { size } = statSync(file);
    if (size > limit) throw new Error(`it is larger than ${limit / 1024 / 1024} MiB`);
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new BadInput(
      problem(`No run can be read from ${file}: ${(error as Error).message}`, "ls -t reports/out"),
    );
  }
  return check(parseJson(text, file), { file, text });
}
