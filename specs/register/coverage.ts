// Coverage of the register: specs and controls are read from the spec files, checked levels from a run's verdicts.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { BadInput } from "../../fixtures/errors.ts";
import type { Level } from "../../fixtures/judgement.ts";
import type { Requirement } from "./register.ts";

/** A spec file, read as text; its tests must have one form, which the register's test enforces. */
export interface SpecFile {
  /** Relative to `specs/`. */
  readonly path: string;
  readonly id: string;
  readonly text: string;
  readonly tests: readonly SpecTest[];
}

export interface SpecTest {
  readonly title: string;
  readonly role: "requirement" | "control";
  readonly id: string;
  readonly modes: readonly string[];
  /** The fixtures that its body takes; undefined when it is not written as `async ({ … }) =>`. */
  readonly uses: readonly string[] | undefined;
  /** The shared trials that it requests. */
  readonly trials: readonly string[];
}

/** The part of a run's verdicts that coverage needs: which levels were checked, for which revision. */
export interface Seen {
  readonly id: string;
  readonly revision: number;
  readonly checks: readonly { readonly level: Level; readonly notImitated?: string }[];
}

/** One requirement with its spec, its controls and the levels that a run checked. */
export interface Covered extends Requirement {
  readonly spec?: string;
  readonly controls: readonly { readonly title: string; readonly modes: readonly string[] }[];
  /** Levels that a run checked for this revision; undefined without a run. */
  readonly asserted?: readonly Level[];
}

const written = /^test\(\s*"([^"]+)",\s*(requirement|control)\(([^)]*)\)/gm;

/** Every spec file with its tests. */
export function readSpecs(directory = join(import.meta.dirname, "..")): SpecFile[] {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".spec.ts"))
    .sort()
    .map((path) => specFile(path, readFileSync(join(directory, path), "utf8")));
}

/** Reads a spec file's text. */
export function specFile(path: string, text: string): SpecFile {
  const found = [...text.matchAll(written)];
  const tests = found.map(({ 1: title = "", 2: role, 3: words = "", index }, at) => {
    const [id = "", ...modes] = [...words.matchAll(/"([^"]+)"/g)].map(([, word = ""]) => word);
    const body = text.slice(index, found[at + 1]?.index);
    const taken = /\basync \(\{([^}]*)\}\)/.exec(body)?.[1];
    const uses = taken
      ?.split(",")
      .map((name) => name.trim().replace(/:.*/s, ""))
      .filter(Boolean);
    const trials = [...body.matchAll(/\btrial\(trialContext, "(\w+)"\)/g)].map(([, name = ""]) => name);
    return { title, role: role as SpecTest["role"], id, modes, uses, trials };
  });
  return { path, id: basename(path).slice(0, 7), text, tests };
}

/** Joins the register, the specs and a run's verdicts. */
export function cover(
  register: readonly Requirement[],
  specs: readonly SpecFile[],
  seen?: readonly Seen[],
): Covered[] {
  return register.map((entry) => {
    const spec = specs.find(({ id }) => id === entry.id);
    const controls = (spec?.tests ?? []).filter(({ role }) => role === "control");
    const row = seen?.find(({ id, revision }) => id === entry.id && revision === entry.revision);
    const checked = (level: Level) =>
      row?.checks.some((check) => check.level === level && check.notImitated === undefined) === true;
    return {
      ...entry,
      ...(spec && { spec: spec.path }),
      controls: controls.map(({ title, modes }) => ({ title, modes })),
      ...(seen && { asserted: entry.levels.filter(checked) }),
    };
  });
}

/** What is missing, one line each; missing levels only when there is a run. */
export function gaps(covered: readonly Covered[]): string[] {
  const ids = covered.map(({ id }) => id);
  const twice = [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
  return [
    ...twice.map((id) => `${id} is used twice`),
    ...covered.flatMap(({ id, spec, controls, levels, asserted }) => {
      if (spec === undefined) return [`${id} has no spec`];
      const unseen = asserted ? levels.filter((level) => !asserted.includes(level)) : [];
      return [
        ...(controls.length === 0 ? [`${id} has no control`] : []),
        ...(unseen.length > 0 ? [`${id}: nothing was checked of ${unseen.join(", ")}`] : []),
      ];
    }),
  ];
}

/** The digest of a statement with its placeholders. Together with the revision it identifies the wording that a verdict is about. */
export function statementDigest(statement: string): string {
  return createHash("sha256").update(statement).digest("hex").slice(0, 16);
}

/** The revision and the statement's digest, by id. Ids are never removed, so that none is reused. */
export type Lock = Readonly<Record<string, { readonly revision: number; readonly digest: string }>>;

/** Each difference between the register and its lock, one line each, with what to do. */
export function lockErrors(register: readonly Requirement[], lock: Lock): string[] {
  return register.flatMap(({ id, revision, statement }) => {
    const locked = lock[id];
    if (!locked) return [`${id} is not in the lock: run node specs/register/requirements.ts --lock`];
    const same = locked.digest === statementDigest(statement);
    if (same && locked.revision === revision) return [];
    if (!same && locked.revision >= revision)
      return [
        `the statement of ${id} changed, its revision ${revision} did not: raise it to ${locked.revision + 1}`,
      ];
    if (same) return [`the revision of ${id} changed, its statement did not: put ${locked.revision} back`];
    return [`${id} has a new revision: run node specs/register/requirements.ts --lock`];
  });
}

/** The lock with the register's new ids and revisions. @throws BadInput when a statement changed and its revision did not. */
export function locked(register: readonly Requirement[], lock: Lock): Lock {
  const wrong = lockErrors(register, lock).filter((error) => !error.includes("--lock"));
  if (wrong.length > 0) throw new BadInput(wrong.join("\n"));
  const now = register.map(({ id, revision, statement }) => [
    id,
    { revision, digest: statementDigest(statement) },
  ]);
  return { ...lock, ...(Object.fromEntries(now) as Lock) };
}
