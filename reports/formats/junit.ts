// A report as JUnit XML: one case per requirement and per check of files.
import { counts } from "../report/compare.ts";
import type { Finding, Report, ReportRow } from "../report/report.ts";
import { clean, oneLine } from "./words.ts";

/** The names of the checks that belong to no requirement. */
const checks = ["json", "schema", "nginx", "bash", "shellcheck", "compose", "unread-key", "apply"];

/** JUnit XML, with a suite for each report. Without a base every finding fails its case; with a base only a new one does. */
export const junit = (...reports: readonly Report[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${reports.map(suiteOf).join("")}</testsuites>\n`;

function suiteOf(report: Report): string {
  const { tree, base, mode, ms, findings, unknown, rows } = report;
  const does = mode === "run" ? "run" : "gate";
  const counting = findings.filter(counts);
  const own = (rule: string) => counting.filter((finding) => finding.rule === rule);
  const names = [
    ...new Set([...checks, ...findings.map(({ rule }) => rule), ...unknown.map(({ rule }) => rule)]),
  ];
  const rules = names.filter((rule) => !rows.some(({ id }) => id === rule));
  const silent = (rule: string) => unknown.filter((each) => each.rule === rule).map(({ reason }) => reason);
  const cases = [
    ...rows.map((row) =>
      testcase(
        `${does}.requirement`,
        `${row.id} ${row.title}`,
        own(row.id),
        silent(row.id),
        unjudged(row, base),
      ),
    ),
    ...rules.map((rule) => testcase(`${does}.check`, rule, own(rule), silent(rule))),
  ];
  const count = (tag: string) => cases.filter((text) => text.includes(`<${tag} `)).length;
  const name = `${does} of ${tree}${base === undefined ? "" : ` against ${base}`}, ${mode}`;
  const numbers = `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}"`;
  const suite = `<testsuite name="${escaped(oneLine(name))}" ${numbers} time="${(ms / 1000).toFixed(3)}">`;
  return `${suite}\n${cases.join("\n")}\n</testsuite>\n`;
}

function testcase(
  kind: string,
  name: string,
  red: readonly Finding[],
  silent: readonly string[],
  said = "",
): string {
  const head = `<testcase classname="${kind}" name="${escaped(oneLine(name))}"`;
  const [first] = red;
  if (first) {
    const text = red.map(
      ({ file = "no file", line, column, expected, found, next }) =>
        `${[file, line, column].filter((part) => part !== undefined).join(":")}\nexpected ${expected}\nfound    ${found}${next ? `\nnext     ${next}` : ""}`,
    );
    return `${head}><failure message="${escaped(oneLine(first.found).slice(0, 300))}">${escaped(text.join("\n\n"))}</failure></testcase>`;
  }
  if (silent.length > 0)
    return `${head}><error message="${escaped(oneLine(silent.join("; ")).slice(0, 300))}"/></testcase>`;
  return said ? `${head}>${said}</testcase>` : `${head}/>`;
}

/** The element for a row without a finding or a reason. Only a requirement that was judged and holds is a pass. */
function unjudged({ verdict, waived, why }: ReportRow, base: string | undefined): string {
  if (verdict === "not judged")
    return `<skipped message="${escaped(oneLine(`not judged: ${why ?? "it needs a hypervisor"}`))}"/>`;
  if (verdict === "waived") return `<skipped message="${escaped(oneLine(`waived: ${waived ?? ""}`))}"/>`;
  if (verdict === "pending") return '<skipped message="pending"/>';
  if (verdict === "unknown") return '<error message="unknown"/>';
  return verdict === "fail" && base === undefined ? '<failure message="the requirement does not hold"/>' : "";
}

/** XML 1.0 does not allow most control characters, nor half of a surrogate pair. */
function escaped(text: string): string {
  return clean(text)
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
