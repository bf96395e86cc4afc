// Makes the parts of a run's document from verdicts, and verdicts from it again. Pure.
import { createHash } from "node:crypto";
import { Exit } from "../../fixtures/exit-codes.ts";
import type { Check, Level } from "../../fixtures/judgement.ts";
import { visibleLines } from "../../fixtures/visible-lines.ts";
import type { Judged } from "../report/compare.ts";
import type { Described, Requirement, Row } from "../verdict.ts";
import type { Verdicts } from "../verdicts.ts";
import {
  lastOf,
  type PhaseResult,
  type RegisterRevision,
  type Run,
  type RunCheck,
  type RunPhase,
  type RunRequirement,
  type RunTarget,
  type RunVerdict,
  runSchema,
  type SeenRed,
  type Waiver,
} from "./run.ts";

/** What a report adds to a register entry. */
export interface Known {
  /** By requirement: the remedy steps that serve it. */
  readonly steps?: Readonly<Record<string, readonly string[]>>;
  /** By requirement: when its controls were last seen red, before this run. */
  readonly lastRed?: Readonly<Record<string, readonly SeenRed[]>>;
}

/** The verdict that an exit code stands for. */
export function verdictOfExit(code: number): RunVerdict {
  if (code === Exit.pass) return "pass";
  if (code === Exit.fail) return "fail";
  return code === Exit.unknown ? "unknown" : "error";
}

/** The digest and the number of the requirements. */
export const revisionOf = (register: readonly Pick<Requirement, "id" | "revision">[]): RegisterRevision => ({
  digest: sha256(JSON.stringify(register.map(({ id, revision }) => [id, revision]))),
  requirements: register.length,
});

/** SHA-256 as the document names it. */
export const sha256 = (text: string | Buffer): string =>
  `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** The document with what follows from its other fields. */
export const runOf = (given: Omit<Run, "$schema" | "version" | "verdict">): Run => ({
  ...{ $schema: runSchema, version: 1, command: given.command },
  ...given,
  verdict: verdictOfExit(given.exitCode),
});

/** A phase without its rows. */
export const phaseOf = ({ phase, startedAt, ms, status, bugs }: Verdicts): RunPhase => ({
  ...{ name: phase, startedAt, ms, status, bugs },
});

/**
 * One entry for each requirement, with its results in these phases. The last phase counts.
 * @throws Error unless each phase has a row for each requirement.
 */
export function requirementsOf(
  register: readonly Described[],
  phases: readonly Verdicts[],
  { steps = {}, lastRed = {} }: Known = {},
): RunRequirement[] {
  return register.map((entry) => {
    const results = phases.map(({ phase, rows }) => ({ phase, row: rowOf(rows, entry.id) }));
    const { row } = results.at(-1) ?? {};
    if (!row) throw new Error("This is a bug in the suite: a run without a phase");
    return {
      ...described(entry),
      steps: steps[entry.id] ?? [],
      verdict: row.verdict,
      phases: results.map((each) => resultOf(each.phase, each.row)),
      controls: row.controls,
      lastRed: lastRed[entry.id] ?? [],
    };
  });
}

/** The same for the gate: the base, if there is one, and then the tree. A requirement of which files say nothing is not judged. */
export function gateRequirements(
  register: readonly Described[],
  { tree, base }: { readonly tree: Judged; readonly base?: Judged },
  lastRed: Readonly<Record<string, readonly SeenRed[]>> = {},
): RunRequirement[] {
  const named = [...(base ? ([["base", base]] as const) : []), ["tree", tree] as const];
  return register.map((entry) => {
    const phases = named.map(([phase, { rows, wrong, unknown }]): PhaseResult => {
      const row = rows.find(({ id }) => id === entry.id);
      const { verdict = "not judged", levels = [], checks = [] } = row ?? {};
      const reasons = {
        fail: wrong.filter(({ rule }) => rule === entry.id).map(({ found }) => found),
        unknown: unknown.filter(({ rule }) => rule === entry.id).map(({ reason }) => reason),
      };
      const reason = verdict === "fail" || verdict === "unknown" ? reasons[verdict].join("; ") : "";
      const seen = reason.replaceAll(/\s+/g, " ").trim();
      return { phase, verdict, seen, reason, levels: levels as Level[], checks: checks.map(checkOf), ms: 0 };
    });
    return {
      ...{ ...described(entry), steps: [], verdict: phases.at(-1)?.verdict ?? "not judged", phases },
      ...{ controls: { passed: 0, failed: 0, names: [], shown: [] }, lastRed: lastRed[entry.id] ?? [] },
    };
  });
}

/** The phases of a target as verdicts: in the last one the verdict that counts, after waivers. */
export function verdictsOf({ target, phases, requirements }: RunTarget): Verdicts[] {
  return phases.map(({ name, ...phase }, at) => ({
    ...{ version: 1, phase: name, target, ...phase },
    rows: requirements.map((one) => asRow(one, name, at === phases.length - 1)),
  }));
}

function asRow(one: RunRequirement, phase: string, counts: boolean): Row {
  const { id, revision, kind, plan, severity, statement, levels, remedies, follows, controls } = one;
  const { verdict, seen, reason, checks, ms } =
    one.phases.find((result) => result.phase === phase) ?? lastOf(one);
  return {
    ...{ id, revision, kind, plan, severity, statement, levels, remedies, ...(follows && { follows }) },
    ...{ verdict: counts ? one.verdict : verdict, seen, reason, checks, controls, ms },
    ...(counts && one.waiver && accepted(one.waiver, reason)),
  };
}

/** `accepted by A, until DATE (TICKET): reason`. */
export const wordsOf = ({ approver, expires, ticket, reason }: Waiver): string =>
  `accepted by ${approver}, until ${expires} (${ticket}): ${reason}`;

/** What a page says of a failure that is accepted: by whom, until when, why, and what was found. */
function accepted(waiver: Waiver, found: string): Pick<Row, "seen" | "reason"> {
  const said = `${wordsOf(waiver)}; ${found}`;
  return { seen: visibleLines(said).replaceAll(/\s+/g, " ").trim(), reason: said };
}

function described(entry: Described) {
  const { id, revision, area, kind, plan, severity, title, statement, rationale, levels, remedies, follows } =
    entry;
  return {
    ...{ id, revision, area, kind, plan, severity, title, statement, rationale, levels, remedies },
    ...(follows && { follows }),
  };
}

function resultOf(phase: string, { verdict, seen, reason, checks, ms }: Row): PhaseResult {
  const judged = checks.filter(({ notImitated }) => notImitated === undefined);
  const levels = [...new Set(judged.map(({ level }) => level))];
  return { phase, verdict, seen, reason, levels, checks: checks.map(checkOf), ms };
}

/** The check, with the command that its `where` names: `qm status 1001 (exit code 0)`. */
export function checkOf(check: Check): RunCheck {
  const [, command, code] = /^(.+) \(exit code (\d+)\)$/s.exec(check.where) ?? [];
  return command === undefined ? check : { ...check, command, exitCode: Number(code) };
}

function rowOf(rows: readonly Row[], wanted: string): Row {
  const row = rows.find(({ id }) => id === wanted);
  if (!row) throw new Error(`This is a bug in the suite: no row for ${wanted}`);
  return row;
}
