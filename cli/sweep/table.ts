// The table of the crash test: a line per point, a column per fault, and the states after rollback and after resume.
import { type Fault, isConsistent, isUnknown, type SweepRow } from "./sweep.ts";

/** The table as text, with the totals at its end. */
export function table(rows: readonly SweepRow[]): string {
  const faults = [...new Set(rows.map(({ fault }) => fault))];
  const keys = [...new Set(rows.map(keyOf))];
  const widest = Math.max(...keys.map((key) => key.length), 5);
  const head = `${"during, k, point".padEnd(widest)}  ${faults.map((fault) => fault.padEnd(width)).join("  ")}`;
  const lines = keys.map((key) => {
    const cells = faults.map((fault) => cell(rows.find((row) => keyOf(row) === key && row.fault === fault)));
    return `${key.padEnd(widest)}  ${cells.join("  ")}`.trimEnd();
  });
  const inconsistent = rows.filter((row) => !isConsistent(row) && !isUnknown(row));
  const unknown = rows.filter(isUnknown);
  const reasons = [...inconsistent, ...unknown].map(
    (row) => `✗ ${keyOf(row)}, ${row.fault}: rollback: ${row.rolledBack}; resume: ${row.resumed}`,
  );
  const total = faults.map((fault: Fault) => {
    const own = rows.filter((row) => row.fault === fault);
    return `${fault}: ${own.filter(isConsistent).length} of ${own.length} consistent`;
  });
  const words = "Each cell: the state after rollback, the state after resume.";
  return `${[head, ...lines, "", words, ...reasons, `${total.join(", ")}. Inconsistent: ${inconsistent.length}.${unknown.length > 0 ? ` Unknown: ${unknown.length}.` : ""}`].join("\n")}\n`;
}

const width = "before after".length;
const keyOf = ({ point }: SweepRow) => `${point.during} ${String(point.k).padStart(3)} ${point.name}`;

function cell(row: SweepRow | undefined): string {
  if (!row) return "·".padEnd(width);
  if (isUnknown(row)) return "UNKNOWN".padEnd(width);
  const word = (text: string, good: string) => (text === good ? good : "INCONSISTENT");
  return `${word(row.rolledBack, "before")} ${word(row.resumed, "after")}`.padEnd(width);
}
