// A run as CSV (RFC 4180): one row for each requirement of each target, for a spreadsheet.
import { isJudged, lastOf, type Run, type RunRequirement, type RunTarget } from "../run/run.ts";
import { oneLine } from "./words.ts";

const columns = [
  ...[
    "target",
    "target kind",
    "requirement",
    "revision",
    "area",
    "kind",
    "plan",
    "severity",
    "title",
    "statement",
  ],
  ...["verdict", "judged", "before", "found", "reason", "levels", "control last seen red"],
  ...["waiver", "owner", "approver", "expires", "deployment", "register", "run"],
];

/** The header, and a row for each requirement; a target without a result has one row, with its trouble as the reason. */
export function csv(run: Run): string {
  const rows = run.targets.flatMap((one) =>
    isJudged(one)
      ? one.requirements.map((row) => cells(run, one, row))
      : [{ target: one.target, verdict: "no result", reason: one.trouble, run: run.startedAt }],
  );
  const lines = rows.map((row: Readonly<Record<string, string>>) =>
    columns.map((name) => cell(row[name] ?? "")),
  );
  return [columns, ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}

function cells(run: Run, one: RunTarget, row: RunRequirement): Record<string, string> {
  const { verdict, seen, reason, levels } = lastOf(row);
  const red = row.lastRed.map(({ at }) => at).toSorted();
  const { waiver } = row;
  return {
    ...{ target: one.target, "target kind": one.kind, requirement: row.id, revision: String(row.revision) },
    ...{ area: row.area, kind: row.kind, plan: row.plan, severity: row.severity, title: row.title },
    ...{ statement: row.statement, verdict: row.verdict, judged: verdict, found: seen, reason },
    before: row.phases.at(-2)?.verdict ?? "",
    levels: levels.join(" "),
    "control last seen red": red.at(-1) ?? "",
    ...(waiver && {
      waiver: waiver.ticket,
      owner: waiver.owner,
      approver: waiver.approver,
      expires: waiver.expires,
    }),
    ...{ deployment: one.deployment, register: run.register.digest, run: run.startedAt },
  };
}

/** A cell in quotes. A spreadsheet takes a text that starts with one of these signs for a formula: an apostrophe prevents it. */
function cell(text: string): string {
  const line = oneLine(text);
  const safe = /^\s*[=+\-@]/.test(line) ? `'${line}` : line;
  return `"${safe.replaceAll('"', '""')}"`;
}
