// The gate's report as SARIF 2.1.0, which a code host shows at the lines of a pull request.
import { createHash } from "node:crypto";
import { keyOf } from "../report/compare.ts";
import type { Finding, Report } from "../report/report.ts";
import { clean, oneLine } from "./words.ts";

const schema = "https://json.schemastore.org/sarif-2.1.0.json";
const states = { new: "new", left: "unchanged", fixed: undefined, found: undefined } as const;

/** A SARIF log with one run for each report. Findings without a file, and unknown results, are notifications. */
export function sarif(...reports: readonly Report[]): object {
  // A code host takes two runs of one tool for the same analysis unless they are named.
  const named =
    reports.length > 1 ? reports.map(({ tree }) => ({ automationDetails: { id: `${oneLine(tree)}/` } })) : [];
  const runs = reports.map((report, at) => ({ ...runOf(report), ...named[at] }));
  return { $schema: schema, version: "2.1.0", runs };
}

function runOf({ findings, unknown, rows, verdict }: Report): object {
  const titles = new Map(rows.map(({ id, title }) => [id, title]));
  const ids = [...new Set(findings.map(({ rule }) => rule))].sort();
  // Fixed findings are only in the base: a code host would show them as present.
  const placed = findings.filter(({ file, change }) => file !== undefined && change !== "fixed");
  const prints = fingerprints(placed);
  const notes = [
    ...findings
      .filter(({ file, change }) => file === undefined && change !== "fixed")
      .map((finding) =>
        finding.waived === undefined
          ? note("error", finding.rule, words(finding))
          : note("note", finding.rule, `${words(finding)} Waived: ${finding.waived}`),
      ),
    ...unknown.map(({ rule, reason }) => note("warning", rule, `unknown: ${reason}`)),
  ];
  const driver = {
    name: "phoenix-acceptance",
    rules: ids.map((id) => ({
      id: oneLine(id),
      shortDescription: { text: clean(titles.get(id) ?? `the check "${id}" of a tree's files`) },
    })),
  };
  const invocation = { executionSuccessful: verdict !== "unknown", toolExecutionNotifications: notes };
  return {
    tool: { driver },
    invocations: [invocation],
    columnKind: "utf16CodeUnits",
    results: placed.map((finding, at) => result(finding, ids, prints[at] ?? "")),
  };
}

function result(finding: Finding, ids: readonly string[], fingerprint: string): object {
  const { rule, severity, file = "", line, column, change } = finding;
  const region =
    line === undefined
      ? undefined
      : { startLine: Math.max(line, 1), ...(column !== undefined && { startColumn: Math.max(column, 1) }) };
  const uri = file.toWellFormed().split("/").map(encodeURIComponent).join("/");
  const state = states[change];
  return {
    ruleId: oneLine(rule),
    ruleIndex: ids.indexOf(rule),
    level: { must: "error", should: "warning", remark: "note" }[severity],
    message: { text: words(finding) },
    locations: [
      { physicalLocation: { artifactLocation: { uri, uriBaseId: "%SRCROOT%" }, ...(region && { region }) } },
    ],
    partialFingerprints: { "finding/v1": fingerprint },
    ...(state && { baselineState: state }),
    ...(finding.waived !== undefined && {
      suppressions: [{ kind: "external", status: "accepted", justification: clean(finding.waived) }],
    }),
  };
}

/** A fingerprint per finding that does not depend on its line; equal findings get different ones. */
function fingerprints(findings: readonly Finding[]): string[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const key = keyOf(finding);
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    return createHash("sha256").update(`${key}\0${nth}`).digest("hex").slice(0, 32);
  });
}

const words = ({ expected, found, next }: Finding) =>
  clean(`Expected ${expected}; found ${found}.${next ? ` Next: ${next}` : ""}`);
const note = (level: string, rule: string, text: string) => ({
  level,
  descriptor: { id: oneLine(rule) },
  message: { text: clean(text) },
});
