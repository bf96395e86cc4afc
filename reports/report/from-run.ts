// Adds the verdicts of a run on a stand-in to the results from files.
import { type Check, fails } from "../../fixtures/judgement.ts";
import { causesOf } from "../causes.ts";
import type { Verdicts } from "../verdicts.ts";
import type { Judged } from "./compare.ts";
import type { ReportRow } from "./report.ts";

const order = ["fail", "unknown", "pending", "waived", "pass", "not judged"] as const;

/**
 * The verdicts of a run as results of a report. Rows without a title show the statement. A requirement without a spec is
 * "not judged". `on` says where it was judged.
 */
export function fromVerdicts(
  { rows, bugs }: Pick<Verdicts, "rows" | "bugs">,
  titles: ReadonlyMap<string, string> = new Map(),
  on = "a stand-in",
): Judged {
  const causes = causesOf(rows).flatMap(({ row, followers }) =>
    followers.map(({ id }) => [id, row.id] as const),
  );
  const causeOf = new Map(causes);
  return {
    rows: rows.map(({ id, verdict, reason, statement, checks }) => ({
      id,
      title: titles.get(id) ?? statement,
      verdict: verdict === "pending" ? "not judged" : verdict,
      ...(["pending", "not judged"].includes(verdict) && { why: reason }),
      levels: [...new Set(checks.filter(counts).map(({ level }) => level))],
      ...leftOut(checks),
      checks,
    })),
    wrong: rows
      .filter(({ verdict }) => verdict === "fail")
      .flatMap(({ id, severity, checks, reason }) => {
        const red = checks.filter((check) => fails(check) && !check.unknown);
        const cause = causeOf.get(id);
        const follows = cause === undefined ? {} : { follows: cause };
        if (red.length === 0)
          return [
            { rule: id, severity, expected: `the requirement holds on ${on}`, found: reason, ...follows },
          ];
        return red.map(({ expected, found, where, next }) => ({
          ...{ rule: id, severity, expected, found: `${found} (on ${on}: ${where})` },
          ...(next && { next }),
          ...follows,
        }));
      }),
    unknown: [
      ...rows
        .filter(({ verdict }) => verdict === "unknown")
        .map(({ id, reason }) => ({ rule: id, reason: reason.split("\n")[0] ?? "" })),
      ...bugs.map((bug) => ({ rule: "suite", reason: bug.split("\n")[0] ?? "" })),
    ],
  };
}

/** The results from files and from a stand-in together: the worse of two verdicts counts. */
export function together(files: Judged, own: Judged): Judged {
  const other = new Map(own.rows.map((row) => [row.id, row]));
  const rows = files.rows.map((row): Judged["rows"][number] => {
    const more = other.get(row.id);
    if (!more) return row;
    const levels = [...new Set([...row.levels, ...more.levels])];
    const { notImitated } = more;
    const checks = [...(row.checks ?? []), ...(more.checks ?? [])];
    const verdict = worse(row.verdict, more.verdict);
    return { ...row, verdict, levels, ...(notImitated && { notImitated }), checks };
  });
  return { rows, wrong: [...files.wrong, ...own.wrong], unknown: [...files.unknown, ...own.unknown] };
}

/**
 * The results after an apply that stopped: why it stopped is a finding, and what fails since probably follows from it. Without
 * a reason, the same results.
 */
export function afterStop(judged: Judged, stopped: string | undefined): Judged {
  if (stopped === undefined) return judged;
  const why = {
    rule: "apply",
    severity: "must",
    expected: "every change of the plan is made",
    found: stopped,
  } as const;
  const since = judged.wrong.map((wrong) => (wrong.rule === ran ? wrong : { ...wrong, follows: "apply" }));
  return { ...judged, wrong: [why, ...since] };
}

/** The requirement about what Phoenix's commands ran in the guests: it has the guest's own words. */
const ran = "ORC-001";

/**
 * The results of a tree on a stand-in of its own, with those from one where its base ran before: there a row counts if it is
 * worse, so that one cause is one finding.
 */
export function alsoOverBase(own: Judged, over: Judged): Judged {
  const had = new Map(own.rows.map(({ id, verdict }) => [id, verdict]));
  const isWorse = (id: string, verdict: ReportRow["verdict"]) => {
    const was = had.get(id);
    return was !== undefined && was !== verdict && worse(was, verdict) === verdict;
  };
  const worseRows = over.rows.filter(({ id, verdict }) => isWorse(id, verdict));
  const counting = new Set(worseRows.map(({ id }) => id));
  const rows = new Set(over.rows.map(({ id }) => id));
  // A finding of no requirement, such as a plan that can't be applied, counts unless it was found already.
  const said = ({ rule }: { readonly rule: string }) =>
    counting.has(rule) || (!rows.has(rule) && !own.wrong.some((wrong) => wrong.rule === rule));
  return together(own, {
    rows: worseRows,
    wrong: over.wrong.filter(said),
    unknown: over.unknown.filter(said),
  });
}

const counts = ({ notImitated }: Check) => notImitated === undefined;

/** What the stand-in cannot imitate of a requirement, as `level: reason`. */
export function leftOut(checks: readonly Check[]): Pick<ReportRow, "notImitated"> {
  const told = checks.flatMap(({ level, notImitated }) =>
    notImitated === undefined ? [] : [`${level}: ${notImitated}`],
  );
  return told.length > 0 ? { notImitated: [...new Set(told)] } : {};
}

const worse = (one: ReportRow["verdict"], two: ReportRow["verdict"]) =>
  order.indexOf(one) < order.indexOf(two) ? one : two;
