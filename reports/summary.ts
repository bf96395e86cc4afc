// The summary of a run for a terminal: one line per requirement, the counts, and what to do about each that is not green.
import { type Check, fails, verdicts } from "../fixtures/judgement.ts";
import { visibleLines } from "../fixtures/visible-lines.ts";
import { type Cause, causesOf } from "./causes.ts";
import { indent, paint } from "./look.ts";
import type { Row } from "./verdict.ts";
import type { Verdicts } from "./verdicts.ts";

/** The style of the page. The command reads the terminal and the environment; this file reads neither. */
export interface SummaryStyle {
  /** Columns of the terminal. No line of the table is longer. */
  readonly width: number;
  readonly colour: boolean;
  /** Only the literal steps were applied: lists what they leave red. */
  readonly literal?: boolean;
  /** By requirement: the remedy steps that serve it. */
  readonly steps?: Readonly<Record<string, readonly string[]>>;
  /** The path of the HTML report, if there is one. */
  readonly report?: string;
  /** Only the counts of the last phase, and what is wrong. */
  readonly quiet?: boolean;
}

/**
 * The whole page, ending in a newline. The last phase is the one whose verdict counts.
 * @throws Error if there is no phase, or if two phases have different rows.
 */
export function summary(phases: readonly Verdicts[], style: SummaryStyle): string {
  const last = phases.at(-1);
  if (!last) throw new Error("No phase to summarise");
  const odd = phases.find(({ rows }) => ids(rows) !== ids(last.rows));
  if (odd) throw new Error(`The phases "${odd.phase}" and "${last.phase}" have different rows`);
  const bugs = last.bugs.map(
    (bug) => `This is a bug in the suite: ${visibleLines(bug.trim().split("\n", 1)[0] ?? "")}`,
  );
  if (style.quiet)
    return joined([[counts(last)], beginWith(causesOf(last.rows)), wrong(last.rows, style), bugs]);
  return joined([
    table(phases, last, style),
    phases.map(counts),
    beginWith(causesOf(last.rows)),
    style.literal ? literalBlock(last.rows, style.steps ?? {}) : [],
    details(last.rows, style),
    leftOut(last.rows),
    bugs,
    style.report ? [`Report: ${style.report}`] : [],
  ]);
}

const joined = (blocks: readonly (readonly string[])[]): string =>
  blocks
    .filter((block) => block.length > 0)
    .map((block) => `${block.join("\n")}\n`)
    .join("\n");

const ids = (rows: readonly Row[]) => rows.map(({ id }) => id).join(" ");

function table(phases: readonly Verdicts[], last: Verdicts, style: SummaryStyle): string[] {
  const heads = phases.map(({ phase }) => phase);
  const widths = phases.map(({ phase, rows }) =>
    Math.max(phase.length, 9, ...rows.map(({ verdict }) => verdict.length + 2)),
  );
  const line = (cells: string[], rest: string) => [...cells, rest].join("  ").trimEnd();
  const lead = (row: { id: string; kind: string; plan: string }) => [
    row.id.padEnd(7),
    row.kind.padEnd(1),
    row.plan.padEnd(4),
  ];
  const title = line(
    [...lead({ id: "Id", kind: "", plan: "Plan" }), ...heads.map((head, i) => head.padEnd(widths[i] ?? 0))],
    "Seen",
  );
  const room = style.width - [7, 1, 4, ...widths].reduce((sum, width) => sum + width + 2, 0);
  const lines = last.rows.map((row, index) => {
    const cells = phases.map(({ rows }, i) =>
      paint(rows[index]?.verdict ?? "unknown", style.colour, widths[i] ?? 0),
    );
    const gap = index > 0 && area(row) !== area(last.rows[index - 1] ?? row) ? "\n" : "";
    return gap + line([...lead(row), ...cells], truncate(row.seen || row.statement, room));
  });
  return [title.slice(0, style.width).trimEnd(), ...lines];
}

const area = ({ id }: Row) => id.split("-", 1)[0];

/** Cuts between code points, and marks the cut. */
export function truncate(text: string, width: number): string {
  const points = [...text.replace(/[\s\p{Cc}]+/gu, " ")];
  if (points.length <= width) return points.join("");
  return width < 1
    ? ""
    : `${points
        .slice(0, width - 1)
        .join("")
        .trimEnd()}…`;
}

/** One line: how many rows got which verdict, and how long the phase took. */
function counts({ phase, target, rows, ms, status }: Verdicts): string {
  const numbers = verdicts
    .toReversed()
    .map((verdict) => [rows.filter((row) => row.verdict === verdict).length, verdict]);
  const some = numbers.filter(
    ([number, verdict]) => number !== 0 || verdict === "pass" || verdict === "fail",
  );
  const cut = status === "interrupted" || status === "timedout" ? ", interrupted" : "";
  const partly = rows.filter((row) => row.verdict === "pass" && row.checks.some(isLeftOut)).length;
  const words = partly > 0 ? ` (${partly} of them with a check that this target cannot imitate)` : "";
  const said = some
    .map(([number, verdict]) => `${number} ${verdict}${verdict === "pass" ? words : ""}`)
    .join(", ");
  return `${phase} (${target}): ${said} of ${rows.length} in ${(ms / 1000).toFixed(1)} s${cut}`;
}

function literalBlock(rows: readonly Row[], steps: Readonly<Record<string, readonly string[]>>): string[] {
  const red = rows.filter(({ verdict }) => verdict === "fail");
  if (red.length === 0) return ["The plan's text alone leaves nothing red."];
  const needs = ({ id, remedies }: Row) => {
    const known = [...(steps[id] ?? []), ...(remedies.length > 0 ? [`(${remedies.join(", ")})`] : [])];
    return known.length > 0 ? `needs ${known.join(" ")}` : "no remedy known";
  };
  return [
    "Left red by the plan's text alone:",
    ...red.map((row) => `  ${row.id} ${row.statement}: ${needs(row)}`),
  ];
}

/** Where one row is the probable cause of others: the row nearest to the cause, and which follow from it. */
function beginWith(causes: readonly Cause[]): string[] {
  return causes
    .filter(({ followers }) => followers.length > 0)
    .map(({ row, followers }) => {
      const ids = followers.map(({ id }) => id).join(", ");
      return `Begin with ${row.id} (${row.statement}): from it probably follow ${ids}`;
    });
}

/** Every row that fails or is unknown, each cause before what follows from it, failures first, with what to do next. */
function wrong(rows: readonly Row[], style: SummaryStyle): string[] {
  return causesOf(rows).flatMap(({ row, followers }) => [
    ...detail(row, style),
    ...followers.flatMap((follower) => detail(follower, style, row)),
  ]);
}

/** Every row that is not green: what is wrong, then what is accepted or open. Rows that wait for the same thing share one line. */
function details(rows: readonly Row[], style: SummaryStyle): string[] {
  const waived = rows.filter(({ verdict }) => verdict === "waived");
  const lines = [...wrong(rows, style), ...waived.flatMap((row) => detail(row, style))];
  const pending = rows.filter(({ verdict }) => verdict === "pending").map(({ id }) => id);
  const open = Map.groupBy(
    rows.filter(({ verdict }) => verdict === "not judged"),
    ({ reason }) => reason,
  );
  return [
    ...lines,
    ...[...open].map(
      ([reason, left]) =>
        `${paint("not judged", style.colour)}: ${reason}: ${left.map(({ id }) => id).join(", ")}`,
    ),
    ...(pending.length > 0 ? [`${paint("pending", style.colour)}: ${pending.join(", ")}`] : []),
  ];
}

function detail(row: Row, { colour, literal = false }: SummaryStyle, cause?: Row): string[] {
  const head = `${paint(row.verdict, colour)} ${row.id} ${row.statement}`;
  const failed = row.checks.filter(fails);
  const said =
    row.verdict === "fail" && failed.length > 0
      ? failed.flatMap(explain)
      : [`    ${visibleLines(row.reason)}`];
  if (cause) return [head, ...said, `    Probably follows from ${cause.id}: mend that first`];
  const owed = row.kind === "L" || (row.severity === "must" && !literal);
  const next =
    owed && row.verdict === "fail" ? [...new Set(failed.flatMap((check) => check.next ?? []))] : [];
  return [
    head,
    ...said,
    ...(next.length > 0 ? ["    Next:", ...next.map((text) => `        ${visibleLines(text)}`)] : []),
  ];
}

const isLeftOut = ({ notImitated }: Check) => notImitated !== undefined;

/** Each check that the target cannot imitate, in a line with its reason. */
function leftOut(rows: readonly Row[]): string[] {
  const lines = rows.flatMap(({ id, checks }) =>
    checks
      .filter(isLeftOut)
      .map(({ level, expected, found, where, notImitated }) =>
        `    ${id} ${level}: ${expected}, found ${found} (${where}): ${notImitated}`.replaceAll(
          /\s*\n\s*/g,
          " ",
        ),
      ),
  );
  return lines.length > 0 ? ["Not imitated here:", ...new Set(lines)] : [];
}

const explain = ({ level, expected, found, where }: Check) => [
  `    ${level}: ${visibleLines(where)}`,
  `        expected ${indent(visibleLines(expected))}`,
  `        found    ${indent(visibleLines(found))}`,
];
