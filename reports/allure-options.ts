// How results reach Allure: options for `allure-playwright` that make its page agree with our verdicts and ids.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StepResult, TestResult } from "allure-js-commons";
import type { ReporterConfig } from "allure-js-commons/sdk/reporter";
import { isBug, type Requirement, unknown } from "./verdict.ts";

const root = `${join(import.meta.dirname, "..")}/`;

/** One phase against one target; give each phase its own `resultsDir`. */
export interface AllureRun {
  readonly resultsDir: string;
  readonly phase: string;
  readonly target: string;
  readonly register: readonly (Requirement & { readonly rationale?: string; readonly area?: string })[];
  /** Where a requirement can be read, `%s` standing for its id. */
  readonly requirementUrl?: string;
  /** What else the report should say about the run: the tree's commit, the plan's digest. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** `["allure-playwright", allureOptions({ … })]` in Playwright's configuration. */
export function allureOptions(run: AllureRun): ReporterConfig & { readonly detail: boolean } {
  const { resultsDir, phase, target, environment = {}, requirementUrl } = run;
  return {
    resultsDir,
    detail: true,
    environmentInfo: { target, ...environment },
    ...(requirementUrl && { links: { requirement: { urlTemplate: requirementUrl, nameTemplate: "%s" } } }),
    listeners: [{ beforeTestResultWrite: (result) => finish(result, run) }],
    globalLabels: { phase, target },
  };
}

/** The last touch before a result is written: identity, labels, and a status in our words. */
function finish(result: TestResult, run: AllureRun): void {
  const tags = result.labels.filter(({ name }) => name === "tag").map(({ value }) => value);
  const entry = run.register.find(({ id }) => tags.includes(id));
  const role = (["control", "requirement"] as const).find((one) => tags.includes(one));
  result.labels = result.labels.map((label) =>
    label.name === "host" ? { ...label, value: run.target } : label,
  );
  result.statusDetails = { ...result.statusDetails, ...restate(result, role, run.resultsDir) };
  identify(result, entry && role ? entry.id : (result.fullName ?? result.name ?? ""), run);
  if (!entry || !role) return;
  const severity = entry.severity === "must" ? "critical" : "normal";
  const labels = {
    epic: `Task ${entry.plan}`,
    feature: entry.area ?? entry.id.slice(0, 3),
    story: entry.id,
    severity,
  };
  const kind = entry.kind === "L" ? "literal" : "remedy";
  for (const [name, value] of Object.entries({ ...labels, kind, layer: role }))
    result.labels.push({ name, value });
  result.description = [entry.statement, entry.rationale].filter(Boolean).join("\n\n");
  const url = run.requirementUrl?.replace("%s", entry.id);
  if (url) result.links.push({ type: "requirement", name: entry.id, url });
}

/** The key of a result's history: stable id, phase, target and title, so that none overwrites another. */
function identify(result: TestResult, id: string, { phase, target }: AllureRun): void {
  const parameters = { phase, target, test: result.name ?? "" };
  result.testCaseId = id;
  for (const [name, value] of Object.entries(parameters)) result.parameters.push({ name, value });
  const key = result.parameters
    .filter(({ excluded }) => !excluded)
    .map(({ name, value }) => `${name}:${value}`);
  result.historyId = [id, ...key.toSorted()].join(" ");
}

/** Allure shows red-as-expected as passed and "could not tell" as failed: say what it is, and return the words for it. */
function restate(
  result: TestResult,
  role: string | undefined,
  dir: string,
): { message?: string; trace?: string } {
  const { message = "", trace = "" } = result.statusDetails;
  const said = {
    ...(trace && { trace: trace.replaceAll(root, "") }),
    ...(message && { message: message.replaceAll(root, "") }),
  };
  const status = String(result.status);
  if (status === "passed" && message) {
    Object.assign(result, { status: "skipped" });
    return { ...said, message: `not built yet, red as expected: ${said.message}` };
  }
  if (status === "failed" && (unknown(message) !== undefined || isBug(message)))
    Object.assign(result, { status: "broken" });
  if (status !== "passed" || role !== "requirement" || checksIn(result.steps, dir) > 0) return said;
  Object.assign(result, { status: "broken" });
  return { message: "CannotTell: asserted nothing" };
}

function checksIn(steps: readonly StepResult[], dir: string): number {
  const own = steps.flatMap(({ attachments }) => attachments).filter(({ name }) => name === "checks");
  const counted = own.map(
    ({ source }) => JSON.parse(readFileSync(join(dir, source), "utf8")).length as number,
  );
  return (
    counted.reduce((sum, count) => sum + count, 0) +
    steps.reduce((sum, step) => sum + checksIn(step.steps, dir), 0)
  );
}
