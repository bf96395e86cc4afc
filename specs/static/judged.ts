// What a tree alone comes to: each requirement as far as files tell, and each check that needs no requirement.
import type { TreeEvidence } from "../../fixtures/evidence/from-tree.ts";
import { type Check, judge } from "../../fixtures/judgement.ts";
import { register } from "../register.ts";
import { claims } from "./claims.ts";

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

export interface Told {
  readonly id: string;
  readonly title: string;
  readonly verdict: "fail" | "pass" | "not judged";
  readonly links: readonly string[];
}

/** Every requirement of the register, in its order, and what is wrong. */
export function judgeRequirements(tree: TreeEvidence, base: TreeEvidence): { rows: Told[]; wrong: Wrong[] } {
  const wrong: Wrong[] = [];
  const rows = register.map(({ id, title, severity }): Told => {
    const claim = claims[id];
    const seen = claim ? judge(() => claim(tree, base), tree).checks.filter(({ untold }) => !untold) : [];
    const links = [...new Set(seen.map(({ link }) => link))];
    wrong.push(...seen.filter(({ ok }) => !ok).map((check) => wrongOf(id, severity, check)));
    const verdict = seen.length === 0 ? "not judged" : seen.every(({ ok }) => ok) ? "pass" : "fail";
    return { id, title, verdict, links };
  });
  return { rows, wrong };
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
