// The gate's report for a pull request: short, and nothing in it can be taken for markup.
import type { Finding, GateReport } from "./report.ts";

/** Hosts cut a longer comment, or refuse it. */
const limit = 60_000;

/** Markdown of at most 60,000 characters; what did not fit is counted. */
export function markdown({ tree, base, mode, verdict, ms, findings, untold, rows }: GateReport): string {
  const of = (change: Finding["change"]) => findings.filter((finding) => finding.change === change);
  const word = { pass: "✅ pass", fail: "❌ fail", unknown: "❔ could not tell" }[verdict];
  const against = base === undefined ? "" : ` against ${code(base)}`;
  const judged = rows.filter((row) => row.verdict !== "not judged").length;
  const head = `## Phoenix gate: ${word}\n\n${code(tree)}${against}, ${mode}, ${(ms / 1000).toFixed(1)} s, ${judged} of ${rows.length} requirements judged.\n`;
  const silent = untold.map(({ rule, reason }) => `- ${code(rule)}: ${plain(reason)}\n`);
  const sections = [
    table(base === undefined ? "Found" : "Newly broken", base === undefined ? of("found") : of("new")),
    table("Newly fixed", of("fixed")),
    ...(silent.length > 0 ? [["\n### Could not be told\n\n", ...silent]] : []),
    folded("Left as it was", of("left")),
  ];
  let text = head;
  let left = 0;
  for (const [title = "", ...lines] of sections) {
    if (lines.length > 0 && text.length + title.length < limit - 200) text += title;
    for (const line of lines) {
      if (text.length + line.length > limit - 200) left++;
      else text += line;
    }
  }
  return left === 0 ? text : `${text}\n\n${left} more lines did not fit.\n`;
}

function table(title: string, findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  return [`\n### ${title}\n\n| Rule | Place | Expected | Found |\n|---|---|---|---|\n`, ...findings.map(row)];
}

function folded(title: string, findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const lines = findings.map(
    (finding) => `- ${code(finding.rule)} ${code(place(finding))}: ${plain(finding.found)}\n`,
  );
  return [`\n<details><summary>${title}: ${findings.length}</summary>\n\n`, ...lines, "\n</details>\n"];
}

const row = (finding: Finding) =>
  `| ${code(finding.rule)} | ${code(place(finding))} | ${plain(finding.expected)} | ${plain(finding.found)} |\n`;
const place = ({ file = "", line }: Finding) => (line === undefined ? file : `${file}:${line}`);

const oneLine = (text: string) =>
  text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\p{Cc}/gu, "�")
    .slice(0, 400);
/** Text that stays text: every character that markdown or HTML gives a meaning is taken by its number. */
const plain = (text: string) =>
  oneLine(text).replaceAll(/[&<>`*_[\]|\\~#@]/g, (char) => `&#${char.codePointAt(0)};`);
/** A word as code; in HTML, so that no backtick or pipe in it can end it. */
const code = (text: string) => (text === "" ? "" : `<code>${plain(text)}</code>`);
