// Options for `allure-playwright` that make its page agree with our verdicts and ids.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StepResult, TestResult } from "allure-js-commons";
import type { ReporterConfig } from "allure-js-commons/sdk/reporter";
import type { Check } from "../fixtures/judgement.ts";
import { isBug, type Requirement, unknown } from "./verdict.ts";

const root = `${join(import.meta.dirname, "..")}/`;

/** One phase against one target. Each phase has its own `resultsDir`. */
export interface AllureRun {
  readonly resultsDir: string;
  readonly phase: string;
  readonly target: string;
  readonly register: readonly (Requirement & { readonly rationale?: string; readonly area?: string })[];
  /** The URL of a requirement, with `%s` in place of its id. */
  readonly requirementUrl?: string;
  /** More facts about the run for the report: the commit of the tree, the digest of the plan. */
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

/** Sets identity, labels and status of a result before it is written. */
function finish(result: TestResult, run: AllureRun): void {
  const tags = result.labels.filter(({ name }) => name === "tag").map(({ value }) => value);
  const entry = run.register.find(({ id }) => tags.includes(id));
  const role = (["control", "requirement"] as const).find((one) => tags.includes(one));
  result.labels = result.labels.map((label) =>
    label.name === "host" ? { ...label, value: run.target } : label,
  );
  const checks = role === "requirement" ? checksIn(result.steps, run.resultsDir) : [];
  result.statusDetails = { ...result.statusDetails, ...restate(result, role, checks) };
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
  showNotImitated(result, checks);
}

/** Sets the key of the result's history: id, phase, target and title, so that no result overwrites another. */
function identify(result: TestResult, id: string, { phase, target }: AllureRun): void {
  const parameters = { phase, target, test: result.name ?? "" };
  result.testCaseId = id;
  for (const [name, value] of Object.entries(parameters)) result.parameters.push({ name, value });
  const key = result.parameters
    .filter(({ excluded }) => !excluded)
    .map(({ name, value }) => `${name}:${value}`);
  result.historyId = [id, ...key.toSorted()].join(" ");
}

/** Allure shows an expected failure as passed and an unknown state as failed. Corrects the status and returns the message. */
function restate(
  result: TestResult,
  role: string | undefined,
  checks: readonly Check[],
): { message?: string; trace?: string } {
  const { message = "", trace = "" } = result.statusDetails;
  const details = {
    ...(trace && { trace: trace.replaceAll(root, "") }),
    ...(message && { message: message.replaceAll(root, "") }),
  };
  const status = String(result.status);
  if (status === "passed" && message) {
    Object.assign(result, { status: "skipped" });
    return { ...details, message: `not built yet, red as expected: ${details.message}` };
  }
  if (status === "failed" && (unknown(message) !== undefined || isBug(message)))
    Object.assign(result, { status: "broken" });
  const counted = checks.filter(({ notImitated }) => notImitated === undefined);
  if (status !== "passed" || role !== "requirement" || counted.length > 0) return details;
  Object.assign(result, { status: "broken" });
  return { message: "CannotTell: made no check" };
}

/** The checks that the steps of a test attached. */
function checksIn(steps: readonly StepResult[], dir: string): Check[] {
  const own = steps.flatMap(({ attachments }) => attachments).filter(({ name }) => name === "checks");
  const read = own.flatMap(({ source }) => JSON.parse(readFileSync(join(dir, source), "utf8")) as Check[]);
  return [...read, ...steps.flatMap((step) => checksIn(step.steps, dir))];
}

/** Shows what the target cannot imitate: a tag to find it by, and the target's reason. A pass stays one, and says so. */
function showNotImitated(result: TestResult, checks: readonly Check[]): void {
  const apart = checks.filter(({ notImitated }) => notImitated !== undefined);
  if (apart.length === 0) return;
  result.labels.push({ name: "tag", value: "not imitated here" });
  const lines = apart.map(
    ({ level, expected, found, notImitated }) =>
      `Not imitated here: ${level}: ${expected}, found ${found}: ${notImitated}`,
  );
  result.description = [result.description, ...new Set(lines)].filter(Boolean).join("\n\n");
  const reasons = [...new Set(apart.map(({ notImitated }) => notImitated))].join("; ");
  const count = `${apart.length} ${apart.length === 1 ? "check" : "checks"} not imitated here`;
  if (result.status === "passed") result.statusDetails.message = `${count}: ${reasons}`;
}
