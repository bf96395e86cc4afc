// Runs shellcheck on a tree's scripts. What changes what a changed script does counts, and errors in any other; the rest is listed.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { counted } from "../../fixtures/counted.ts";
import { CannotTell } from "../../fixtures/errors.ts";
import type { Files } from "../../fixtures/evidence/from-tree.ts";
import { changesBehaviour, notAgain, shellcheckOptions } from "../../fixtures/evidence/shell-check.ts";
import { toType } from "../../fixtures/quote.ts";
import { howItEnded } from "../../fixtures/reason.ts";
import { compile, parseJson } from "../../fixtures/schema.ts";
import { forEach, run } from "./run.ts";
import type { Undetermined, Wrong } from "./static-results.ts";

interface Remark {
  /** The path that was given to shellcheck. */
  readonly file: string;
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
        required: ["file", "line", "column", "level", "code", "message"],
        properties: {
          file: { type: "string" },
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

/** Shell scripts, by name or first line. */
export const scripts = (files: Files): [path: string, text: string][] =>
  [...files].filter(([path, text]) => /\.sh$/.test(path) || /^#!.*\b(ba)?sh\b/.test(text.slice(0, 100)));

/**
 * Without a base: the errors of every script. With one: also every remark on the scripts that changed, as a remark unless it
 * says that the script does something else than it reads like.
 * `scratch` is a folder for temporary files; `mostMs` the time for long scripts; `cache` one that keeps answers by a script's digest, so the same bytes are checked once.
 */
export async function shellcheck(
  files: Files,
  base: Files | undefined,
  scratch: string,
  cache?: string,
  mostMs = longMs,
): Promise<{ wrong: Wrong[]; unknown: Undetermined[] }> {
  const all = scripts(files).filter(([path, text]) => base?.get(path) !== text);
  if (all.length === 0) return { wrong: [], unknown: [] };
  const version = (await run("shellcheck", ["--version"], { confinement: "wanted" }))?.out;
  if (version === undefined) {
    const reason = "shellcheck is not installed on this machine";
    return { wrong: [], unknown: [{ rule: "shellcheck", reason, next: "apt-get install shellcheck" }] };
  }
  const texts = new Set(all.map(([, text]) => text));
  const { remarks, unchecked } = await remarksOf(texts, version, { scratch, cache, mostMs });
  const wrong = all.flatMap(([file, text]) =>
    (remarks.get(text) ?? [])
      .filter(({ level }) => base !== undefined || level === "error")
      .map(({ line, column, level, code, message }): Wrong => {
        const counting = level === "error" ? "must" : "should";
        const severity = changesBehaviour({ code: `SC${code}`, level }) ? counting : "remark";
        return {
          ...{
            rule: "shellcheck",
            severity,
            expected: "a script that does what it reads like",
            found: `SC${code} ${message}`,
          },
          ...{ file, line, column, next: toType`shellcheck ${file}` },
        };
      }),
  );
  return { wrong: wrong.toSorted(byPlace), unknown: undetermined(all, unchecked) };
}

/** One entry for each reason why scripts were not checked, with the first of them. */
function undetermined(
  all: readonly (readonly [path: string, text: string])[],
  unchecked: ReadonlyMap<string, string>,
): Undetermined[] {
  const byReason = Map.groupBy(
    all.filter(([, text]) => unchecked.has(text)),
    ([, text]) => unchecked.get(text) ?? "",
  );
  return [...byReason].map(([why, [first, ...more]]) => {
    const [file = ""] = first ?? [];
    const others = more.length > 0 ? ` and ${counted(more.length, "other script")}` : "";
    return { rule: "shellcheck", reason: `${file}${others}: ${why}`, next: toType`shellcheck ${file}` };
  });
}

function byPlace(one: Wrong, other: Wrong): number {
  if (one.file !== other.file) return (one.file ?? "") < (other.file ?? "") ? -1 : 1;
  return (one.line ?? 0) - (other.line ?? 0);
}

/** What people write is checked in well under a second each; shellcheck takes a minute for a megabyte, and two gigabytes. */
const usual = { length: 100_000, mostMs: 240_000 };
const longMs = 25_000;

/**
 * The remarks on each text, from the cache or from running shellcheck now; and why a text was not checked. The long ones
 * together have `mostMs`: each alone, so that no other one is left unchecked with it.
 */
async function remarksOf(
  texts: ReadonlySet<string>,
  version: string,
  { scratch, cache, mostMs }: Readonly<{ scratch: string; cache: string | undefined; mostMs: number }>,
) {
  const remarks = new Map<string, readonly Remark[]>();
  const unchecked = new Map<string, string>();
  const place = (text: string) => {
    const digest = createHash("sha256").update(version).update("\0").update(text).digest("hex");
    return cache && join(cache, `${digest}.json`);
  };
  for (const text of texts) {
    const file = place(text);
    const kept = file && read(file);
    if (kept !== undefined) remarks.set(text, commentsOf(kept));
  }
  const asked = [...texts].filter((text) => !remarks.has(text));
  const check = async (batches: readonly (readonly string[])[], allMs: number) => {
    const until = performance.now() + allMs;
    const checked = async (some: readonly string[]) => {
      const left = until - performance.now();
      if (left < 1) throw new CannotTell("shellcheck had no time left for it: others took all of it");
      for (const [text, comments] of await ask(some, scratch, left)) {
        remarks.set(text, comments);
        const file = place(text);
        if (file) keep(file, JSON.stringify({ comments }));
      }
    };
    const failed = (text: string, error: CannotTell) => {
      unchecked.set(text, error.message);
      notAgain(text, error);
    };
    await forEach(batches, (some) => togetherOrAlone(some, checked, failed));
  };
  const isLong = (text: string) => text.length > usual.length;
  await check(dealt(asked.filter((text) => !isLong(text))), usual.mostMs);
  await check(
    asked.filter(isLong).map((text) => [text]),
    mostMs,
  );
  return { remarks, unchecked };
}

/** Works on all of them together; if that can't be told, on each alone: one must not leave the others undetermined. */
export async function togetherOrAlone<T>(
  some: readonly T[],
  work: (some: readonly T[]) => Promise<void>,
  failed: (one: T, why: CannotTell) => void,
): Promise<void> {
  try {
    await work(some);
  } catch (error) {
    if (!(error instanceof CannotTell)) throw error;
    if (some.length === 1) for (const one of some) failed(one, error);
    else for (const one of some) await togetherOrAlone([one], work, failed);
  }
}

/** Batches of at most twelve texts, long ones spread evenly: starting a program for each text takes 50 % longer. */
function dealt(texts: readonly string[]): string[][] {
  const longest = texts.toSorted((one, other) => other.length - one.length);
  const hands = Math.ceil(texts.length / 12);
  return Array.from({ length: hands }, (_, hand) => longest.filter((_, at) => at % hands === hand));
}

/** The remarks on some texts, from one run of shellcheck. */
async function ask(
  texts: readonly string[],
  scratch: string,
  mostMs: number,
): Promise<Map<string, readonly Remark[]>> {
  const cwd = mkdtempSync(join(scratch, "shellcheck-"));
  const names = texts.map((_, at) => `${at}.sh`);
  for (const [at, text] of texts.entries()) writeFileSync(join(cwd, `${at}.sh`), text, { mode: 0o600 });
  const ran = await run("shellcheck", [...shellcheckOptions, ...names], {
    cwd,
    confinement: "wanted",
    mostMs,
  });
  if (!ran || ran.code > 1) {
    const [said = ""] = (ran?.err ?? "").trim().split("\n");
    throw new CannotTell(`shellcheck could not check it: ${howItEnded({ status: ran?.code ?? null }, said)}`);
  }
  const comments = commentsOf(ran.out);
  return new Map(texts.map((text, at) => [text, comments.filter(({ file }) => file === names[at])]));
}

const commentsOf = (said: string) =>
  asRemarks(parseJson(said, "shellcheck"), { file: "shellcheck" }).comments;

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Ignores a cache that can't be written, because it only saves time. */
function keep(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.${process.pid}`, text);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // the next run checks again
  }
}
