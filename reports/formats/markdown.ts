// A report as Markdown for a pull request: short, and text of the tree is never interpreted as markup.
import { counted } from "../../fixtures/counted.ts";
import type { Finding, Report } from "../report/report.ts";
import { cut, oneLine } from "./words.ts";

/** Code hosts cut or refuse a longer comment. */
const limit = 60_000;

/** Markdown of at most 60,000 characters, a part for each report. What does not fit is counted. */
export function markdown(...reports: readonly Report[]): string {
  const share = Math.max(1_000, Math.floor((limit - 100) / reports.length));
  const parts = reports.map((report) => partOf(report, share - 1));
  const fitting = parts.slice(0, Math.max(1, Math.floor((limit - 100) / share)));
  const missing = parts.length - fitting.length;
  return `${fitting.join("\n")}${missing === 0 ? "" : `\n${missing} more reports did not fit.\n`}`;
}

function partOf({ tree, base, mode, verdict, ms, findings, unknown, rows }: Report, limit: number): string {
  const shown = findings.filter((finding) => finding.waived === undefined);
  const of = (change: Finding["change"]) =>
    shown.filter((finding) => finding.change === change && finding.severity !== "remark");
  const remarks = shown.filter(
    ({ severity, change }) => severity === "remark" && (change === "new" || change === "found"),
  );
  const waived = rows.flatMap((one) =>
    one.waived === undefined ? [] : [`- ${code(one.id)}: ${plain(one.waived)}\n`],
  );
  const word = { pass: "✅ pass", fail: "❌ fail", unknown: "❔ unknown" }[verdict];
  const against = base === undefined ? "" : ` against ${code(base)}`;
  const judged = rows.filter((row) => row.verdict !== "not judged").length;
  const name = mode === "run" ? "acceptance" : "gate";
  const head = `## Phoenix ${name}: ${word}\n\n${code(tree)}${against}, ${mode === "run" ? "" : `${mode}, `}${(ms / 1000).toFixed(1)} s, ${judged} of ${counted(rows.length, "requirement")} judged.\n`;
  const silent = unknown.map(({ rule, reason }) => `- ${code(rule)}: ${plain(reason)}\n`);
  const apart = rows.flatMap(({ id, notImitated = [] }) =>
    notImitated.map((reason) => `- ${code(id)}: ${plain(reason)}\n`),
  );
  const sections = [
    table(base === undefined ? "Found" : "Newly broken", base === undefined ? of("found") : of("new")),
    table("Newly fixed", of("fixed")),
    { open: `\n### Waived: ${waived.length}\n\n`, lines: waived, close: "" },
    { open: `\n### Could not be told: ${silent.length}\n\n`, lines: silent, close: "" },
    { open: `\n### Not imitated on a stand-in: ${apart.length}\n\n`, lines: apart, close: "" },
    folded("Left as it was", of("left")),
    folded("Remarks, which fail nothing", remarks),
  ].filter(({ lines }) => lines.length > 0);
  // Every section is opened and closed, even if its lines do not fit.
  let room = limit - head.length - 100;
  for (const { open, close } of sections) room -= open.length + close.length;
  let missing = 0;
  let text = head;
  for (const { open, lines, close } of sections) {
    const fitting = lines.findIndex((_, index) => {
      room -= lines[index]?.length ?? 0;
      return room < 0;
    });
    const shown = fitting === -1 ? lines : lines.slice(0, fitting);
    missing += lines.length - shown.length;
    text += open + shown.join("") + close;
  }
  return missing === 0 ? text : `${text}\n${missing} more lines did not fit.\n`;
}

interface Section {
  readonly open: string;
  readonly lines: readonly string[];
  readonly close: string;
}

function table(title: string, findings: readonly Finding[]): Section {
  const open = `\n### ${title}: ${findings.length}\n\n| Rule | Place | Expected | Found |\n|---|---|---|---|\n`;
  return { open, lines: findings.map(row), close: "" };
}

function folded(title: string, findings: readonly Finding[]): Section {
  const lines = findings.map(
    (finding) => `- ${code(finding.rule)} ${code(place(finding))}: ${plain(finding.found)}\n`,
  );
  const open = `\n<details><summary>${title}: ${findings.length}</summary>\n\n`;
  return { open, lines, close: "\n</details>\n" };
}

const row = (finding: Finding) =>
  `| ${code(finding.rule)} | ${code(place(finding))} | ${plain(finding.expected)} | ${plain(finding.found)} |\n`;
const place = ({ file = "", line }: Finding) => (line === undefined ? file : `${file}:${line}`);

/** Code hosts link names, issue numbers and URLs in the rendered text. A zero-width space prevents it. */
const plain = (text: string) =>
  cut(oneLine(text), 400).replaceAll(/[&<>`*_[\]|\\~#@]|(?<=https?|ftp|www)[:.]/gi, (char) => {
    const prefix = "#@:.".includes(char) ? "&#8203;" : "";
    return `&#${char.codePointAt(0)};${prefix}`;
  });
/** Text as code, in HTML, so that no backtick or pipe can end it. */
const code = (text: string) => (text === "" ? "" : `<code>${plain(text)}</code>`);
