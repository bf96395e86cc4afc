// What shellcheck says of a tree's scripts: of a changed one everything, of any other only what it calls an error.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Files } from "../../fixtures/evidence/from-tree.ts";
import { compile, parseJson } from "../../fixtures/schema.ts";
import type { Silence, Wrong } from "./judged.ts";
import { forEach, run } from "./run.ts";

interface Remark {
  readonly line: number;
  readonly column: number;
  readonly level: "error" | "warning" | "info" | "style";
  readonly code: number;
  readonly message: string;
}

const asRemarks = compile<{ comments: readonly Remark[] }>("output of shellcheck", {
  type: "object",
  required: ["comments"],
  properties: {
    comments: {
      type: "array",
      items: {
        type: "object",
        required: ["line", "column", "level", "code", "message"],
        properties: {
          line: { type: "integer", minimum: 1 },
          column: { type: "integer", minimum: 1 },
          level: { enum: ["error", "warning", "info", "style"] },
          code: { type: "integer" },
          message: { type: "string" },
        },
      },
    },
  },
});

/** What is a shell script by its name or its first line. */
export const scripts = (files: Files): [path: string, text: string][] =>
  [...files].filter(([path, text]) => /\.sh$/.test(path) || /^#!.*\b(ba)?sh\b/.test(text.slice(0, 100)));

/**
 * Without a base: the errors of every script. With one: everything that it says of the scripts that changed.
 * `cache` is a folder that keeps its answers by a script's digest: the same bytes are read once.
 */
export async function shellcheck(
  files: Files,
  base: Files | undefined,
  cache?: string,
): Promise<{ wrong: Wrong[]; untold: Silence[] }> {
  const all = scripts(files).filter(([path, text]) => base?.get(path) !== text);
  if (all.length === 0) return { wrong: [], untold: [] };
  const version = (await run("shellcheck", ["--version"]))?.out;
  if (version === undefined) {
    const reason = "shellcheck is not installed here";
    return { wrong: [], untold: [{ rule: "shellcheck", reason, next: "apt-get install shellcheck" }] };
  }
  // The longest first: what starts last should end soon.
  const order = all.toSorted(([, one], [, other]) => other.length - one.length);
  const remarks = await forEach(order, ([, text]) => remarksOf(text, version, cache));
  const wrong = order.flatMap(([file], at) =>
    (remarks[at] ?? [])
      .filter(({ level }) => base !== undefined || level === "error")
      .map(({ line, column, level, code, message }): Wrong => {
        const severity = level === "error" ? "must" : "should";
        return {
          ...{ rule: "shellcheck", severity, expected: "nothing to remark", found: `SC${code} ${message}` },
          ...{ file, line, column, next: `shellcheck ${file}` },
        };
      }),
  );
  return { wrong: wrong.toSorted(byPlace), untold: [] };
}

function byPlace(one: Wrong, other: Wrong): number {
  if (one.file !== other.file) return (one.file ?? "") < (other.file ?? "") ? -1 : 1;
  return (one.line ?? 0) - (other.line ?? 0);
}

async function remarksOf(text: string, version: string, cache?: string): Promise<readonly Remark[]> {
  const digest = createHash("sha256").update(version).update("\0").update(text).digest("hex");
  const file = cache && join(cache, `${digest}.json`);
  const kept = file && read(file);
  const said = kept ?? (await ask(text));
  const { comments } = asRemarks(parseJson(said, "shellcheck"), { file: "shellcheck" });
  if (file && kept === undefined) keep(file, said);
  return comments;
}

/** Files that a script sources are not followed: they may not be here. */
async function ask(text: string): Promise<string> {
  const args = ["--shell=bash", "--format=json1", "--exclude=SC1090,SC1091", "-"];
  const ran = await run("shellcheck", args, { input: text });
  if (!ran || ran.code > 1)
    throw new Error(`shellcheck ended with exit code ${ran?.code}: ${ran?.err.trim()}`);
  return ran.out;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** A cache that can't be written is no cache; it decides nothing. */
function keep(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.${process.pid}`, text);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // the next run asks again
  }
}
