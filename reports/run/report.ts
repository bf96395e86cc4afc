// The findings of a run: of the gate as it compared them, of other commands as they follow from the checks.

import { compared } from "../report/compare.ts";
import { fromVerdicts, leftOut } from "../report/from-run.ts";
import type { Report, ReportRow } from "../report/report.ts";
import type { Row } from "../verdict.ts";
import { verdictsOf, wordsOf } from "./build.ts";
import { lastOf, type RunTarget, type Trouble } from "./run.ts";

/** The report of one target. The verdict is that of the document: a report never decides. */
export function reportOfTarget(one: RunTarget): Report {
  const { target, ms, exitCode, requirements, base, mode } = one;
  const verdict = exitCode === 0 ? "pass" : exitCode === 1 ? "fail" : "unknown";
  const about = { format: 1, tree: one.tree?.name ?? target } as const;
  const rows = requirements.map((row): ReportRow => {
    const { id, title, verdict: counts, phases } = row;
    const { levels, checks, reason } = lastOf(row);
    const silent = counts === "pending" || counts === "not judged";
    const before = mode === undefined ? undefined : phases.find(({ phase }) => phase === "base")?.verdict;
    return {
      ...{ id, title, verdict: counts === "pending" ? "not judged" : counts, levels, ...leftOut(checks) },
      ...(silent && { why: reason }),
      ...(before !== undefined && { before }),
      ...(row.waiver && { waived: wordsOf(row.waiver) }),
    };
  });
  if (one.findings)
    return {
      ...{ ...about, ...(base && { base: base.name }), mode: mode ?? "static", verdict, ms },
      ...{ findings: one.findings, unknown: one.unanswered ?? [], rows },
    };
  const last = verdictsOf(one).at(-1);
  const { wrong, unknown } = fromVerdicts(last ?? { rows: [], bugs: [] }, new Map(), target);
  // A failure that is accepted is a finding too, and says by whom.
  const accepted = fromVerdicts({ rows: failing(last?.rows ?? []), bugs: [] }, new Map(), target).wrong;
  const found = compared([...wrong, ...accepted], undefined).map((finding) => {
    const waived = rows.find(({ id }) => id === finding.rule)?.waived;
    return waived === undefined ? finding : { ...finding, waived };
  });
  return { ...about, mode: "run", verdict, ms, findings: found, unknown, rows };
}

/** The waived rows, as they were judged. */
const failing = (rows: readonly Row[]): Row[] =>
  rows.filter(({ verdict }) => verdict === "waived").map((row) => ({ ...row, verdict: "fail" }));

/** The report of a target without a result: nothing was found, and that could not be told. */
export const troubleReport = ({ target, ms, trouble }: Trouble): Report => ({
  ...{ format: 1, tree: target, mode: "run", verdict: "unknown", ms, findings: [], rows: [] },
  unknown: [{ rule: "target", reason: trouble.split("\n", 1)[0] ?? "" }],
});
