// What a stand-in adds to what files tell: the verdicts of a whole run, in the gate's words.
import type { Verdicts } from "../verdicts.ts";
import type { Judged } from "./compare.ts";
import type { GateRow } from "./report.ts";

const order = ["fail", "unknown", "pending", "waived", "pass", "not judged"] as const;

/** A run's verdicts. A requirement without a spec was not judged. */
export function fromVerdicts(
  { rows, bugs }: Pick<Verdicts, "rows" | "bugs">,
  titles: ReadonlyMap<string, string>,
): Judged {
  return {
    rows: rows.map(({ id, verdict, statement, checks }) => ({
      id,
      title: titles.get(id) ?? statement,
      verdict: verdict === "pending" ? "not judged" : verdict,
      levels: [...new Set(checks.map(({ level }) => level))],
    })),
    wrong: rows
      .filter(({ verdict }) => verdict === "fail")
      .flatMap(({ id, severity, checks, reason }) => {
        const red = checks.filter(({ ok, unknown }) => !ok && !unknown);
        if (red.length === 0)
          return [{ rule: id, severity, expected: "the requirement holds on a stand-in", found: reason }];
        return red.map(({ expected, found, where, next }) => ({
          ...{ rule: id, severity, expected, found: `${found} (on a stand-in: ${where})` },
          ...(next && { next }),
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

/** Files and stand-in together: of two verdicts on a requirement the worse one counts. */
export function together(files: Judged, own: Judged): Judged {
  const other = new Map(own.rows.map((row) => [row.id, row]));
  const rows = files.rows.map((row): Judged["rows"][number] => {
    const more = other.get(row.id);
    if (!more) return row;
    const levels = [...new Set([...row.levels, ...more.levels])];
    return { ...row, verdict: worse(row.verdict, more.verdict), levels };
  });
  return { rows, wrong: [...files.wrong, ...own.wrong], unknown: [...files.unknown, ...own.unknown] };
}

const worse = (one: GateRow["verdict"], two: GateRow["verdict"]) =>
  order.indexOf(one) < order.indexOf(two) ? one : two;
