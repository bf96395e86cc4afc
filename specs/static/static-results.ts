// What a tree alone comes to: each requirement link by link, and each check that needs no requirement.
import { CannotTell } from "../../fixtures/errors.ts";
import { type TreeEvidence, treeAlone } from "../../fixtures/evidence/from-tree.ts";
import { type Check, type Link, PartlyTold, worst } from "../../fixtures/judgement.ts";
import { type Requirement, register } from "../register/register.ts";
import { claims, type StaticClaim } from "./claims.ts";

/** Something wrong in a tree, with its place in the repository. */
export interface Wrong {
  readonly rule: string;
  readonly severity: "must" | "should";
  readonly expected: string;
  readonly found: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly next?: string;
}

/** Something that files alone should tell, and did not: never a pass. */
export interface Silence {
  readonly rule: string;
  readonly reason: string;
  readonly next?: string;
}

export interface Told {
  readonly id: string;
  readonly title: string;
  readonly verdict: "fail" | "unknown" | "pass" | "not judged";
  /** The links that were judged. */
  readonly links: readonly Link[];
}

/** What became of one link. `not judged`: it needs a hypervisor. */
export interface LinkTold {
  readonly link: Link;
  readonly verdict: Told["verdict"];
  readonly checks: readonly Check[];
  readonly reason?: string;
}

/** Every requirement of the register, in its order, with what is wrong and what should have been told. */
export function judgeRequirements(
  tree: TreeEvidence,
  base: TreeEvidence,
): { rows: Told[]; wrong: Wrong[]; untold: Silence[] } {
  const wrong: Wrong[] = [];
  const untold: Silence[] = [];
  const rows = register.map((requirement): Told => {
    const { id, title, severity } = requirement;
    const claim = claims[id];
    const links = claim ? judgeLinks(requirement, claim, tree, base) : [];
    for (const { checks, verdict, reason = "" } of links) {
      wrong.push(...checks.filter(({ ok }) => !ok).map((check) => wrongOf(id, severity, check)));
      if (verdict === "unknown") untold.push({ rule: id, reason });
    }
    const judged = links.filter(({ verdict }) => verdict !== "not judged");
    return { id, title, verdict: verdictOf(links), links: judged.map(({ link }) => link) };
  });
  return { rows, wrong, untold };
}

/** Runs a claim and says of each of the requirement's links what it came to. */
export function judgeLinks(
  { links }: Pick<Requirement, "links">,
  claim: StaticClaim,
  tree: TreeEvidence,
  base: TreeEvidence,
): readonly LinkTold[] {
  const { checks, untold, reason } = run(claim, tree, base);
  return links.map((link): LinkTold => {
    const own = checks.filter((check) => check.link === link);
    const why = untold.find((each) => each.link === link)?.reason ?? reason;
    if (own.some(({ ok }) => !ok)) return { link, verdict: "fail", checks: own };
    if (why !== undefined) {
      const [said = ""] = why.split("\n");
      return {
        link,
        verdict: said.includes(treeAlone) ? "not judged" : "unknown",
        checks: own,
        reason: said,
      };
    }
    if (own.length > 0) return { link, verdict: "pass", checks: own };
    return { link, verdict: "unknown", checks: own, reason: "the claim looked at nothing" };
  });
}

/** The worst of the links that were judged; where none was, `not judged`. */
export function verdictOf(links: readonly LinkTold[]): Told["verdict"] {
  const judged = links.map(({ verdict }) => verdict).filter((verdict) => verdict !== "not judged");
  return judged.length === 0 ? "not judged" : (worst(judged) as Told["verdict"]);
}

interface Ran {
  readonly checks: readonly Check[];
  readonly untold: readonly { readonly link: Link; readonly reason: string }[];
  /** Why the whole claim could not be told. */
  readonly reason?: string;
}

function run(claim: StaticClaim, tree: TreeEvidence, base: TreeEvidence): Ran {
  try {
    const all = claim(tree, base);
    const silent = all.filter(({ untold }) => untold).map(({ link, found }) => ({ link, reason: found }));
    return { checks: all.filter(({ untold }) => !untold), untold: silent };
  } catch (error) {
    if (error instanceof PartlyTold) return error;
    if (error instanceof CannotTell) return { checks: [], untold: [], reason: error.message };
    throw error;
  }
}

function wrongOf(rule: string, severity: Wrong["severity"], { expected, found, where, next }: Check): Wrong {
  return { rule, severity, expected, found, ...place(where), ...(next && { next }) };
}

/** `file:line:column`, where a check's `where` is one. */
export function place(where: string): Pick<Wrong, "file" | "line" | "column"> {
  const [, file, line, column] = /^([^\s:()]+)(?::(\d+))?(?::(\d+))?$/.exec(where) ?? [];
  if (!file?.includes("/")) return {};
  return { file, ...(line && { line: Number(line) }), ...(column && { column: Number(column) }) };
}
