// Compares a tree with its base: new, left and fixed findings, and the verdict.
import type { Check } from "../../fixtures/judgement.ts";
import { compile } from "../../fixtures/schema.ts";
import type { Finding, Report, ReportRow, Unanswered } from "./report.ts";

type Wrong = Omit<Finding, "change">;

/** The results for one tree. */
export interface Judged {
  readonly rows: readonly (Omit<ReportRow, "before"> & { readonly checks?: readonly Check[] })[];
  readonly wrong: readonly Wrong[];
  readonly unknown: readonly Unanswered[];
}

const text = { type: "string" };
const count = { type: "integer", minimum: 0 };
const list = (required: string[], properties: object) => ({
  type: "array",
  items: { type: "object", required, properties },
});
const judged = {
  type: "object",
  required: ["rows", "wrong", "unknown"],
  properties: {
    rows: list(["id", "title", "verdict", "levels"], {
      id: text,
      title: text,
      verdict: text,
      levels: { type: "array", items: text },
      notImitated: { type: "array", items: text },
      checks: { type: "array", items: { type: "object" } },
    }),
    wrong: list(["rule", "severity", "expected", "found"], {
      ...{
        rule: text,
        severity: { enum: ["must", "should", "remark"] },
        expected: text,
        found: text,
        next: text,
        follows: text,
      },
      ...{ file: text, line: count, column: count },
    }),
    unknown: list(["rule", "reason"], { rule: text, reason: text, next: text }),
  },
};

/** Checks the answer of the static judge. @throws BadInput if it has another shape. */
export const asJudged = compile<{ tree: Judged; base?: Judged }>("answer of the static judge", {
  type: "object",
  required: ["tree"],
  properties: { tree: judged, base: judged },
});

/**
 * The identity of a finding, independent of its line: the rule, the file, what was expected and found. For a requirement the
 * found value does not count: another wrong value, or another time on a stand-in, is not a new finding. Places in a list do not
 * count either, as a list may be reordered; the number of a guest, which is never below 100, does.
 */
export function keyOf({ rule, file, expected, found }: Wrong): string {
  const requirement = /^[A-Z]{3}-\d{3}$/.test(rule);
  const said = found.replaceAll(/\bline \d+/g, "line").replaceAll(/\/\d{1,2}(?=[/ ]|$)/g, "/*");
  return [rule, file, expected, requirement ? "" : said].join("\0");
}

/**
 * The findings of a tree compared with those of its base: new, then left, then fixed ones. `wasJudged` says of a finding of the
 * base whether the tree was judged by its rule as far as the base was: what nobody looked at is not fixed.
 */
export function compared(
  tree: readonly Wrong[],
  base: readonly Wrong[] | undefined,
  wasJudged: (wrong: Wrong) => boolean = () => true,
): Finding[] {
  if (!base) return tree.map((wrong) => ({ ...wrong, change: "found" }));
  const count = new Map<string, Wrong[]>();
  for (const wrong of base) count.set(keyOf(wrong), [...(count.get(keyOf(wrong)) ?? []), wrong]);
  const marked = tree.map((wrong): Finding => {
    const before = count.get(keyOf(wrong))?.shift();
    return { ...wrong, change: before ? "left" : "new" };
  });
  const gone = [...count.values()].flat().filter(wasJudged);
  const fixed = gone.map((wrong): Finding => ({ ...wrong, change: "fixed" }));
  const of = (change: Finding["change"]) => marked.filter((finding) => finding.change === change);
  return [...of("new"), ...of("left"), ...fixed];
}

/** Whether a finding counts: it is new, or there is no base, nobody has accepted it, and it is more than a remark. */
export const counts = ({
  change,
  waived,
  severity,
}: Pick<Finding, "change" | "waived" | "severity">): boolean =>
  (change === "new" || change === "found") && waived === undefined && severity !== "remark";

/** The verdict of the gate: a finding that counts fails, and what is newly unknown is no pass. */
export function verdictOfFindings(
  findings: readonly Pick<Finding, "change" | "waived" | "severity">[],
  unknown: readonly Unanswered[],
  rows: readonly { readonly verdict: string; readonly before?: string }[],
): Report["verdict"] {
  if (findings.some(counts)) return "fail";
  const worse = rows.some((row) => row.verdict === "unknown" && row.before !== "unknown");
  return worse || unknown.length > 0 ? "unknown" : "pass";
}

/** Whether a rule was judged in the tree at every level at which the base was. */
function judgedAsFar(rule: string, tree: Judged, base: Judged | undefined): boolean {
  if (tree.unknown.some((one) => one.rule === rule)) return false;
  const was = base?.rows.find(({ id }) => id === rule);
  if (!was) return true;
  const is = tree.rows.find(({ id }) => id === rule);
  if (!is || is.verdict === "not judged" || is.verdict === "unknown") return false;
  return was.levels.every((level) => is.levels.includes(level));
}

/** The whole report. With a base, only new findings count; without one, all. */
export function reportOf(
  { tree, base }: { tree: Judged; base?: Judged },
  about: Pick<Report, "tree" | "mode" | "ms"> & { base?: string },
): Report {
  const findings = compared(tree.wrong, base?.wrong, ({ rule }) => judgedAsFar(rule, tree, base));
  const before = new Map(base?.rows.map(({ id, verdict }) => [id, verdict]));
  const rows = tree.rows.map((row): ReportRow => {
    const was = before.get(row.id);
    return was ? { ...row, before: was } : row;
  });
  const verdict = verdictOfFindings(findings, tree.unknown, rows);
  return { format: 1, ...about, verdict, findings, unknown: tree.unknown, rows };
}
