// The results for a tree alone: each requirement level by level, and each check that belongs to no requirement.
import { bounded } from "../../fixtures/bounded.ts";
import { CannotTell } from "../../fixtures/errors.ts";
import { type TreeEvidence, treeAlone } from "../../fixtures/evidence/from-tree.ts";
import {
  type Check,
  fails,
  type Level,
  PartlyUnknown,
  tellNotImitated,
  worst,
} from "../../fixtures/judgement.ts";
import { type Requirement, register } from "../register/register.ts";
import { claims, type StaticClaim } from "./claims.ts";

/** Something wrong in a tree, with its place in the repository. */
export interface Wrong {
  readonly rule: string;
  /** A remark is listed, and fails nothing. */
  readonly severity: "must" | "should" | "remark";
  readonly expected: string;
  readonly found: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly next?: string;
  /** The rule that lists the same error at the same place. */
  readonly follows?: string;
}

/** A check on files that gave no result: never a pass. */
export interface Undetermined {
  readonly rule: string;
  readonly reason: string;
  readonly next?: string;
}

export interface RequirementResult {
  readonly id: string;
  readonly title: string;
  readonly verdict: "fail" | "unknown" | "pass" | "not judged";
  /** The levels that were judged. */
  readonly levels: readonly Level[];
  readonly checks: readonly Check[];
}

/** The result of one level. `not judged`: it needs a hypervisor. */
export interface LevelResult {
  readonly level: Level;
  readonly verdict: RequirementResult["verdict"];
  readonly checks: readonly Check[];
  readonly reason?: string;
}

/** Every requirement of the register, in its order, with what is wrong and what could not be determined. */
export function judgeRequirements(
  tree: TreeEvidence,
  base: TreeEvidence,
): { rows: RequirementResult[]; wrong: Wrong[]; unknown: Undetermined[] } {
  const wrong: Wrong[] = [];
  const unknown: Undetermined[] = [];
  const rows = register.map((requirement): RequirementResult => {
    const { id, title, severity } = requirement;
    const claim = claims[id];
    const levels = claim ? judgeLevels(requirement, claim, tree, base) : [];
    for (const { checks, verdict, reason = "" } of levels) {
      wrong.push(...checks.filter(fails).map((check) => wrongOf(id, severity, check)));
      if (verdict === "unknown") unknown.push({ rule: id, reason });
    }
    const judged = levels.filter(({ verdict }) => verdict !== "not judged");
    return {
      id,
      title,
      verdict: verdictOf(levels),
      levels: judged.map(({ level }) => level),
      checks: levels.flatMap(({ checks }) => checks),
    };
  });
  return { rows, wrong, unknown };
}

/** Runs a claim and gives a result for each level of the requirement. */
export function judgeLevels(
  { levels }: Pick<Requirement, "levels">,
  claim: StaticClaim,
  tree: TreeEvidence,
  base: TreeEvidence,
): readonly LevelResult[] {
  const { checks, unknown, reason } = run(claim, tree, base);
  return levels.map((level): LevelResult => {
    const own = checks.filter((check) => check.level === level);
    const why = unknown.find((each) => each.level === level)?.reason ?? reason ?? tellNotImitated(own);
    if (own.some(fails)) return { level, verdict: "fail", checks: own };
    if (why !== undefined) {
      const [said = ""] = why.split("\n");
      return {
        level,
        verdict: said.includes(treeAlone) ? "not judged" : "unknown",
        checks: own,
        reason: said,
      };
    }
    if (own.length > 0) return { level, verdict: "pass", checks: own };
    // Files never show what a client sees: no static claim looks at this level.
    if (level === "behaves") return { level, verdict: "not judged", checks: own, reason: treeAlone };
    return { level, verdict: "unknown", checks: own, reason: "the claim looked at nothing" };
  });
}

/** The worst verdict of the levels that were judged; `not judged` when none was. */
export function verdictOf(levels: readonly LevelResult[]): RequirementResult["verdict"] {
  const judged = levels.map(({ verdict }) => verdict).filter((verdict) => verdict !== "not judged");
  return judged.length === 0 ? "not judged" : (worst(judged) as RequirementResult["verdict"]);
}

interface Ran {
  readonly checks: readonly Check[];
  readonly unknown: readonly { readonly level: Level; readonly reason: string }[];
  /** Why the whole claim is undetermined. */
  readonly reason?: string;
}

const mostMs = 60_000;

function run(claim: StaticClaim, tree: TreeEvidence, base: TreeEvidence): Ran {
  try {
    const all = bounded("the claim", mostMs, () => claim(tree, base));
    const silent = all.filter(({ unknown }) => unknown).map(({ level, found }) => ({ level, reason: found }));
    return { checks: all.filter(({ unknown }) => !unknown), unknown: silent };
  } catch (error) {
    if (error instanceof PartlyUnknown) return error;
    if (error instanceof CannotTell) return { checks: [], unknown: [], reason: error.message };
    throw error;
  }
}

function wrongOf(rule: string, severity: Wrong["severity"], { expected, found, where, next }: Check): Wrong {
  return { rule, severity, expected, found, ...place(where), ...(next && { next }) };
}

/** The findings of the checks; an error that a requirement has at the same place, in the same words, follows from that one. */
export function withoutTwins(requirements: readonly Wrong[], checks: readonly Wrong[]): Wrong[] {
  return checks.map((one) => {
    const twin = requirements.find(
      ({ file, line, column, found }) =>
        one.file !== undefined &&
        [file, line, column].join(":") === [one.file, one.line, one.column].join(":") &&
        found.includes(one.found),
    );
    return twin ? { ...one, follows: twin.rule } : one;
  });
}

/** The file, line and column of a check's `where`, when it has them. */
export function place(where: string): Pick<Wrong, "file" | "line" | "column"> {
  const [, file, line, column] = /^([^\s:()]+)(?::(\d+))?(?::(\d+))?$/.exec(where) ?? [];
  if (!file?.includes("/")) return {};
  return { file, ...(line && { line: Number(line) }), ...(column && { column: Number(column) }) };
}
