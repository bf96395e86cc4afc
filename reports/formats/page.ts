// The gate's report for a terminal: the verdict, then new, fixed and left findings, each with its place and what to do next.
import { counted } from "../../fixtures/counted.ts";
import type { Finding, Report } from "../report/report.ts";
import { cut, oneLine } from "./words.ts";

export interface PageOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly colour: boolean;
  /** Only the verdict, and what is found or unknown. */
  readonly quiet?: boolean;
}

/** The report as text, ending in a newline. */
export function page(report: Report, { width, colour, quiet = false }: PageOptions): string {
  const { tree, base, mode, verdict, ms, findings, unknown, rows } = report;
  const paint = (text: string, code: number) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const shown = findings.filter(({ waived }) => waived === undefined);
  const of = (change: Finding["change"]) =>
    shown.filter((finding) => finding.change === change && finding.severity !== "remark");
  const word = { pass: paint("pass", 32), fail: paint("fail", 31), unknown: paint("unknown", 33) }[verdict];
  const against = base === undefined ? "" : ` against ${oneLine(base)}`;
  const parts = [`${word}: ${oneLine(tree)}${against}, ${mode}, ${(ms / 1000).toFixed(1)} s`];
  const section = (title: string, list: readonly Finding[], show: (finding: Finding) => string[]) => {
    if (list.length > 0) parts.push("", `${title} (${list.length})`);
    // Not push(...all): a long list would exceed the limit for arguments.
    for (const finding of list) for (const line of show(finding)) parts.push(line);
  };
  const broken = of(base === undefined ? "found" : "new");
  const causes = broken.filter(
    ({ follows }) => follows === undefined || !broken.some(({ rule }) => rule === follows),
  );
  section(base === undefined ? "Found" : "Newly broken", causes, (finding) => [
    ...full(finding, width, paint),
    ...(finding === causes.findLast(({ rule }) => rule === finding.rule) ? followers(finding, broken) : []),
  ]);
  const open = [
    ...(unknown.length > 0 ? ["", `Unknown (${unknown.length})`] : []),
    ...unknown.flatMap(({ rule, reason, next }) => [
      `  ${paint("?", 33)} ${oneLine(rule)}: ${oneLine(reason)}`,
      ...(next ? [`      ${oneLine(next)}`] : []),
    ]),
  ];
  if (quiet) return `${[...parts, ...open].join("\n")}\n`;
  section("Newly fixed", of("fixed"), (finding) => [`  ${paint("✓", 32)} ${head(finding)}`]);
  section("Left as it was", of("left"), (finding) => [
    cut(`  · ${head(finding)}: ${oneLine(finding.found)}`, width),
  ]);
  const remarks = shown.filter(
    ({ severity, change }) => severity === "remark" && (change === "new" || change === "found"),
  );
  const kinds = [...Map.groupBy(remarks, kindOf).values()];
  if (remarks.length > 0) parts.push("", `Remarks, which fail nothing (${remarks.length})`);
  for (const [first, ...more] of kinds)
    if (first) {
      const times = more.length > 0 ? ` ×${more.length + 1}` : "";
      parts.push(cut(`  · ${head(first)}${times}: ${oneLine(first.found)}`, width));
    }
  const waived = findings.filter((finding) => finding.waived !== undefined);
  section("Waived", waived, (finding) => [
    `  ~ ${head(finding)}: ${oneLine(finding.found)}`,
    `      ${oneLine(finding.waived ?? "")}`,
  ]);
  for (const line of open) parts.push(line);
  const silent = rows.filter((row) => row.verdict === "not judged").map(({ id }) => id);
  const judged = rows.length - silent.length;
  parts.push(
    "",
    `${judged} of ${counted(rows.length, "requirement")} judged${mode === "static" ? " from files alone" : ""}.`,
  );
  if (silent.length > 0 && mode === "static")
    parts.push(cut(`Not judged without a hypervisor: ${silent.join(", ")}`, width));
  for (const { id, notImitated } of rows)
    if (notImitated) parts.push(oneLine(`Not imitated on a stand-in: ${id} (${notImitated.join("; ")})`));
  parts.push(last(report));
  return `${parts.join("\n")}\n`;
}

function last({ verdict, base, findings, mode }: Report): string {
  const left = findings.filter(({ change, severity }) => change === "left" && severity !== "remark").length;
  const stays = left > 0 ? ` Findings that were there before: ${left}.` : "";
  if (verdict === "pass")
    return `${base === undefined ? "Nothing is wrong." : "Nothing is newly broken."}${stays}${mode === "static" ? " Next: the same command with --full." : ""}`;
  if (verdict === "unknown") return `Something is unknown, so this is not a pass.${stays}`;
  return `${base === undefined ? "Something is wrong." : "Something is newly broken."}${stays}`;
}

function full(finding: Finding, width: number, paint: (text: string, code: number) => string): string[] {
  const { expected, found, next } = finding;
  return [
    `  ${paint("✗", 31)} ${head(finding)}`,
    cut(`      expected ${oneLine(expected)}`, width),
    // Why an apply stopped is said at the end of a long line.
    cut(`      found    ${oneLine(found)}`, finding.rule === "apply" ? Number.POSITIVE_INFINITY : width),
    ...(next ? [cut(`      next     ${oneLine(next)}`, width)] : []),
  ];
}

/** Remarks of one kind in one file are one line: by their rule, and the number that a program gives its remarks. */
const kindOf = ({ rule, file = "", found }: Finding) =>
  [rule, file, /^SC\d+/.exec(found)?.[0] ?? found].join("\0");

/** Which rules' findings probably follow from this one's: one line, so that one cause is read once. */
function followers({ rule }: Finding, all: readonly Finding[]): string[] {
  const names = [...new Set(all.filter(({ follows }) => follows === rule).map((one) => one.rule))];
  return names.length === 0 ? [] : [`      ${oneLine(`probably follow from it: ${names.join(", ")}`)}`];
}

const head = ({ rule, file, line, column }: Finding) =>
  oneLine(
    `${rule}${file === undefined ? "" : ` ${[file, line, column].filter((part) => part !== undefined).join(":")}`}`,
  );
