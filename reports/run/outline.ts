// A run in some hundred bytes: who was judged, when, and one letter a requirement. It is written beside `run.json`, so that
// thousands of runs are read in a minute, and says which bytes it was made from: the document alone is the truth.
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Verdict } from "../../fixtures/judgement.ts";
import { compile, parseJson } from "../../fixtures/schema.ts";
import { isJudged, lastOf, type Run, type RunTarget, type Trouble } from "./run.ts";

/** One target in one run, in some hundred bytes. */
export interface Outline {
  /** The start of the run, ISO 8601 in UTC. */
  readonly at: string;
  readonly target: string;
  readonly kind: RunTarget["kind"] | "no result";
  readonly verdict: RunTarget["verdict"];
  /** Why there is no result. */
  readonly trouble?: string;
  /** The digest of the register, which says what the letters stand for: two nights with another one don't compare. */
  readonly register: string;
  readonly deployment: string;
  /** A letter for each requirement, in the order of `ids`. */
  readonly letters: string;
  readonly ids: readonly string[];
  /** Why it is no pass: the first rows that fail, or could not be told, with what was found. None for a pass. */
  readonly why?: readonly Reason[];
}

/** One row of a run that is no pass, in words. */
export interface Reason {
  readonly id: string;
  /** At most `longestReason` characters. */
  readonly seen: string;
}

/** How many rows an outline explains, and how long each of them may be. */
const mostReasons = 5;
const longestReason = 200;

const letterOf: Readonly<Record<Verdict, string>> = {
  pass: "p",
  fail: "f",
  unknown: "u",
  "not judged": "n",
  pending: "o",
  waived: "w",
};
const verdictOf = Object.fromEntries(Object.entries(letterOf).map(([verdict, letter]) => [letter, verdict]));

/** Judged from a file: an older night judged again is no night of its own. */
const isAgain = (one: RunTarget | Trouble) =>
  isJudged(one) && one.evidence.some(({ file }) => file !== undefined);

/** The nights of a run: one for each of its targets. The gate's trees are no targets. */
export function outlinesOf({ startedAt, register, targets, command }: Run): Outline[] {
  if (command === "gate") return [];
  return targets
    .filter((one) => !isAgain(one))
    .map((one): Outline => {
      const about = { at: startedAt, target: one.target, register: register.digest };
      if (!isJudged(one)) return { ...about, ...withoutResult(one) };
      return {
        ...{ ...about, kind: one.kind, verdict: one.verdict, deployment: one.deployment },
        letters: one.requirements.map(({ verdict }) => letterOf[verdict]).join(""),
        ids: one.requirements.map(({ id }) => id),
        ...whyOf(one),
      };
    });
}

/** Failures first: they are what was found, and the rest is what nobody could tell. */
function whyOf({ requirements }: RunTarget): Pick<Outline, "why"> {
  const rows = (["fail", "unknown"] as const).flatMap((verdict) =>
    requirements.filter((row) => row.verdict === verdict),
  );
  const why = rows.slice(0, mostReasons).map((row): Reason => {
    const { seen, reason } = lastOf(row);
    const text = (seen || reason).trim().split("\n", 1)[0] ?? "";
    return { id: row.id, seen: text.length > longestReason ? `${text.slice(0, longestReason - 1)}…` : text };
  });
  return why.length > 0 ? { why } : {};
}

const withoutResult = ({
  trouble,
}: Trouble): Pick<Outline, "kind" | "verdict" | "trouble" | "deployment" | "letters" | "ids"> => ({
  kind: "no result",
  verdict: "error",
  ...{ trouble: trouble.split("\n", 1)[0] ?? "", deployment: "", letters: "", ids: [] },
});

const texts = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { type: "string" }]));

/** The schema of an outline without its ids. */
export const outlineSchema = {
  type: "object",
  required: ["at", "target", "kind", "verdict", "register", "deployment", "letters"],
  additionalProperties: false,
  properties: {
    ...texts("at", "target", "trouble", "register", "deployment"),
    kind: { enum: ["host", "stand-in", "tree", "no result"] },
    verdict: { enum: ["pass", "fail", "unknown", "error"] },
    letters: { type: "string", pattern: "^[a-z]*$" },
    why: {
      type: "array",
      maxItems: mostReasons,
      items: {
        type: "object",
        required: ["id", "seen"],
        additionalProperties: false,
        properties: texts("id", "seen"),
      },
    },
  },
} as const;

const name = "outline.json";

/** The document that an outline was made from: if it was written to since, the outline says nothing about it. */
interface Source {
  readonly size: number;
  /** Whole seconds: some archives and file systems keep no more. */
  readonly seconds: number;
}

interface OutlineFile {
  readonly version: 2;
  readonly source: Source;
  readonly targets: readonly Outline[];
}

const check = compile<OutlineFile>("outline of a run", {
  type: "object",
  required: ["version", "source", "targets"],
  properties: {
    version: { const: 2 },
    source: {
      type: "object",
      required: ["size", "seconds"],
      properties: { size: { type: "integer" }, seconds: { type: "integer" } },
    },
    targets: {
      type: "array",
      items: {
        ...outlineSchema,
        required: [...outlineSchema.required, "ids"],
        properties: { ...outlineSchema.properties, ids: { type: "array", items: { type: "string" } } },
      },
    },
  },
});

function sourceOf(document: string): Source {
  const { size, mtimeMs } = statSync(document);
  return { size, seconds: Math.floor(mtimeMs / 1000) };
}

/** Writes the outline of a run beside its document, which is written already. */
export function writeOutline(folder: string, document: string, run: Run): void {
  const outline: OutlineFile = { version: 2, source: sourceOf(document), targets: outlinesOf(run) };
  const file = join(folder, name);
  writeFileSync(`${file}.part`, JSON.stringify(outline), { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

/** What the outline beside a document says; nothing, if there is none that was made from this document. */
export function readOutline(document: string): readonly Outline[] | undefined {
  const file = join(document, "..", name);
  try {
    const { source, targets } = check(parseJson(readFileSync(file, "utf8"), file), { file });
    const now = sourceOf(document);
    return source.size === now.size && source.seconds === now.seconds ? targets : undefined;
  } catch {
    return undefined;
  }
}

/** The verdict on a requirement in a night; undefined if it was not in the register, or there was no result. */
export function verdictIn({ letters, ids }: Outline, id: string): Verdict | undefined {
  const at = ids.indexOf(id);
  return at < 0 ? undefined : (verdictOf[letters[at] ?? ""] as Verdict | undefined);
}

/** How many requirements of a night have this verdict. */
export function countIn({ letters }: Outline, verdict: Verdict): number {
  let count = 0;
  for (const letter of letters) if (letter === letterOf[verdict]) count += 1;
  return count;
}
