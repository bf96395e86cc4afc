// The results that Allure reads, made from the document of a run: one for each requirement, and the verdict that counts.
// What was found before the plan, and the controls that were seen red, are steps of it: evidence, and never failures.
import { createHash } from "node:crypto";
import type { Globals, Parameter, StatusDetails, StepResult, TestResult } from "allure-js-commons";
import { Stage, Status } from "allure-js-commons";
import { counted } from "../../fixtures/counted.ts";
import { defectOf, phaseOf, taskOf } from "../../fixtures/deployment/plan.ts";
import { type Check, fails, type Verdict } from "../../fixtures/judgement.ts";
import { causesOf } from "../causes.ts";
import {
  type AppliedWaiver,
  lastOf,
  type PhaseResult,
  type Run,
  type RunCheck,
  type RunRequirement,
  type RunTarget,
} from "../run/run.ts";
import { blameFor } from "./blame.ts";
import { environmentOf } from "./environment.ts";

/** What a test did, step by step, and the files that it attached: by requirement. */
export interface Transcript {
  readonly steps: readonly StepResult[];
}

/** A file of a run that the report shows: a log of a command, or the document itself. */
export interface Shown {
  readonly name: string;
  readonly type: string;
  readonly body: string | Buffer;
}

/** What is known beside the document. */
export interface Beside {
  /** By requirement. */
  readonly transcripts?: ReadonlyMap<string, Transcript>;
  readonly shown?: readonly Shown[];
}

/** Files by name, as a folder `allure-results` holds them. Equal documents give equal files. */
export type Files = ReadonlyMap<string, string | Buffer>;

/** The folder of results for one target of a run. */
export function allureResults(
  run: Run,
  target: RunTarget,
  { transcripts = new Map(), shown = [] }: Beside = {},
): Files {
  const files = new Map<string, string | Buffer>();
  const follows = new Map(
    causesOf(target.requirements.map(rowLike)).flatMap(({ row, followers }) =>
      followers.map(({ id }) => [id, row.id] as const),
    ),
  );
  for (const one of target.requirements) {
    const result = resultOf(one, target, transcripts.get(one.id), follows.get(one.id));
    files.set(`${result.uuid}-result.json`, json(result));
  }
  files.set("environment.properties", environmentOf(run, target));
  const timestamp = Date.parse(target.startedAt);
  const attachments = shown.map(({ name, type, body }) => {
    const source = `${uuid(target.target, name)}-attachment.${type === "application/json" ? "json" : "txt"}`;
    files.set(source, body);
    return { name, type, source, timestamp };
  });
  const errors = target.phases.flatMap(({ name, bugs }) =>
    bugs.map((bug) => ({ message: `A bug in the suite, ${inPhase(name)}: ${bug}`, timestamp })),
  );
  const globals: Globals = { attachments, errors };
  files.set(`${uuid(target.target, "globals")}-globals.json`, json(globals));
  return files;
}

const json = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`;
const rowLike = (one: RunRequirement) => ({ ...one, ...lastOf(one), verdict: one.verdict });

/**
 * What tells one target's history from another's: its name, its kind and the deployment that it was judged by. A stand-in of
 * another tree is another target.
 */
export function identityOf({ target, kind, deployment, tree }: RunTarget): string {
  return [target, kind, deployment, ...(kind === "host" ? [] : [tree?.name ?? ""])].join(" ");
}

/** The status by which Allure counts. Only a pass is a success: what was not judged or is unknown lowers the percentage. */
export const statusOf: Readonly<Record<Verdict, Status>> = {
  pass: Status.PASSED,
  fail: Status.FAILED,
  waived: Status.FAILED,
  unknown: Status.BROKEN,
  "not judged": Status.BROKEN,
  pending: Status.BROKEN,
};

function resultOf(
  one: RunRequirement,
  target: RunTarget,
  transcript: Transcript | undefined,
  follows: string | undefined,
): TestResult {
  const last = lastOf(one);
  const phase = target.phases.at(-1);
  const start = Date.parse(phase?.startedAt ?? target.startedAt);
  const earlier = one.phases.slice(0, -1);
  const identity = identityOf(target);
  return {
    uuid: uuid(identity, one.id),
    // A new revision is a new statement: what was found for the old one is not its history.
    historyId: `${one.id}@${one.revision} ${identity}`,
    testCaseId: one.id,
    fullName: `${one.id} revision ${one.revision}`,
    name: `${one.id} ${one.statement}`,
    status: statusOf[one.verdict],
    statusDetails: detailsOf(one, last, follows),
    stage: Stage.FINISHED,
    description: descriptionOf(one),
    steps: [
      timed(checksStep(last), start, last.ms),
      ...earlier.map((result) => timed(earlierStep(result), startOf(target, result), result.ms)),
      timed(controlsStep(one), start),
      ...(transcript && transcript.steps.length > 0
        ? [step("What the test did", Status.PASSED, transcript.steps)]
        : []),
    ],
    attachments: [],
    parameters: [],
    labels: labelsOf(one, last, target).map(([name, value]) => ({ name, value })),
    links: [],
    start,
    stop: start + last.ms,
  };
}

const startOf = ({ phases, startedAt }: RunTarget, { phase }: PhaseResult) =>
  Date.parse(phases.find(({ name }) => name === phase)?.startedAt ?? startedAt);

/** A step with its times, which a page would call unknown otherwise. What is in it has no duration of its own. */
const timed = (one: StepResult, start: number, ms = 0): StepResult => ({
  ...{ ...one, start, stop: start + ms },
  steps: one.steps.map((inner) => timed(inner, start)),
});

function labelsOf(one: RunRequirement, last: PhaseResult, target: RunTarget): [string, string][] {
  const task = taskOf(one.plan);
  const phase = phaseOf(one.plan);
  const kind = one.kind === "L" ? "literal" : "remedy";
  const left = last.checks.some(({ notImitated }) => notImitated !== undefined);
  const blame = blameFor({ ...last, verdict: one.verdict });
  return [
    ["epic", phase.id === "" ? phase.title : `Phase ${phase.id}: ${phase.title}`],
    ["feature", task.id.includes(".") ? `Task ${task.id}: ${task.title}` : `Summary: ${task.title}`],
    ["story", `${one.id} ${one.title}`],
    ["severity", one.severity === "must" ? "critical" : "normal"],
    ["kind", kind],
    ["verdict", one.verdict],
    ["target", target.target],
    ["host", target.target],
    ["area", one.area],
    ...(blame === undefined ? [] : [["responsible", blame] as [string, string]]),
    ...[kind, one.area, ...(left ? ["not imitated here"] : [])].map((tag): [string, string] => ["tag", tag]),
  ];
}

function descriptionOf(one: RunRequirement): string {
  const task = taskOf(one.plan);
  const from =
    one.kind === "L"
      ? "The plan's own words require this."
      : "A remedy: the plan does not name it, and a goal of the plan needs it.";
  const defects = one.remedies.map((id) => `- ${id}: ${defectOf(id).text}`);
  return [
    one.rationale,
    `${from} Severity: ${one.severity}. Revision ${one.revision}.`,
    `Plan, ${task.id.includes(".") ? `task ${task.id}` : "summary"}: ${task.text}`,
    ...(defects.length > 0 ? [`Defects of the plan that it answers:\n\n${defects.join("\n")}`] : []),
    ...(one.steps.length > 0 ? [`Steps of the plan that serve it: ${one.steps.join(", ")}`] : []),
  ].join("\n\n");
}

/** What the page says first about a row that is not green: what was expected and found, where, and what to do next. */
function detailsOf(one: RunRequirement, last: PhaseResult, follows: string | undefined): StatusDetails {
  if (one.verdict === "pass") {
    const left = last.checks.filter(({ notImitated }) => notImitated !== undefined);
    if (left.length === 0) return {};
    const reasons = [...new Set(left.map(({ notImitated }) => notImitated))].join("; ");
    return {
      message: `${counted(left.length, "check")} not imitated here: ${reasons}`,
    };
  }
  const wrong = last.checks.filter(fails);
  const [first] = wrong;
  const told = wrong.map(paragraph);
  const lead = {
    unknown: "Could not tell: ",
    "not judged": "Not judged: ",
    pending: "",
    fail: "",
    waived: "Waived. ",
  };
  const accepted = one.waiver === undefined ? [] : waiverWords(one.waiver);
  const failed = one.verdict === "fail" || one.verdict === "waived";
  const head = failed && told.length > 0 ? accepted : [...accepted, `${lead[one.verdict]}${last.reason}`];
  const cause = follows === undefined ? [] : [`Probably follows from ${follows}: mend that first`];
  return {
    message: [...head, ...told, ...cause].join("\n\n"),
    ...(first && { expected: first.expected, actual: first.found }),
  };
}

/** Who accepts the failure, why, until when: it is shown first, and the failure itself after it. */
const waiverWords = ({ approver, expires, reason, risk, owner, ticket }: AppliedWaiver): string[] => [
  [
    `Waived until ${expires}, accepted by ${approver}`,
    `  reason    ${reason}`,
    `  risk      ${risk}`,
    `  owner     ${owner}`,
    `  ticket    ${ticket}`,
  ].join("\n"),
];

const paragraph = ({ level, expected, found, where, next }: Check) =>
  [
    `${levelWords[level]}`,
    `  expected  ${expected}`,
    `  found     ${found}`,
    `  where     ${where}`,
    ...(next === undefined ? [] : [`  next      ${next}`]),
  ].join("\n");

const levelWords = {
  declared: "In the tree",
  delivered: "Delivered to the guest",
  live: "In the running system",
  behaves: "For a client",
} as const;

/** The sentences that name the phases of a run. */
function inPhase(name: string): string {
  const words: Readonly<Record<string, string>> = {
    before: "before the plan",
    after: "after the plan",
    base: "in the base",
    tree: "in the tree",
  };
  return words[name] ?? "now";
}

function checksStep({ phase, checks, verdict, reason }: PhaseResult): StepResult {
  const judged = checks.filter(({ notImitated }) => notImitated === undefined);
  const well = judged.filter(({ ok }) => ok).length;
  if (checks.length === 0)
    return step(`No check was made ${inPhase(phase)}: ${reason || verdict}`, Status.BROKEN);
  const status = well === judged.length ? Status.PASSED : Status.FAILED;
  const title = `${capital(inPhase(phase))}, ${well} of ${counted(judged.length, "check holds", "checks hold")}`;
  return step(
    title,
    status,
    checks.map((check) => checkStep(check, statusOfCheck(check))),
  );
}

const statusOfCheck = (check: Check): Status => {
  if (check.notImitated !== undefined) return Status.SKIPPED;
  if (check.unknown !== undefined) return Status.BROKEN;
  return check.ok ? Status.PASSED : Status.FAILED;
};

function checkStep(check: RunCheck, status: Status): StepResult {
  const { level, expected, found, where, next, notImitated, command, exitCode } = check;
  const told: readonly (readonly [string, string | undefined])[] = [
    ["expected", expected],
    ["found", found],
    ["where", command ?? where],
    ["exit code", exitCode === undefined ? undefined : String(exitCode)],
    ["next", next],
    ["not imitated here", notImitated],
  ];
  const parameters: Parameter[] = told.flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value }],
  );
  return { ...step(`${levelWords[level]}: ${expected}`, status), parameters };
}

/** What was found before the plan is evidence: shown in grey, with its verdict in words. */
function earlierStep({ phase, verdict, checks, reason }: PhaseResult): StepResult {
  const when = capital(inPhase(phase));
  const told: Readonly<Record<Verdict, string>> = {
    pass: `${when} it held already`,
    fail: `${when} it did not hold: this check can be red`,
    waived: `${when} it did not hold: this check can be red`,
    unknown: `${when} it could not be told: ${reason}`,
    "not judged": `${when} it was not judged: ${reason}`,
    pending: `${when} there was no check: ${reason}`,
  };
  return step(
    told[verdict],
    Status.SKIPPED,
    checks.map((check) => {
      const shown = checkStep(check, Status.SKIPPED);
      return { ...shown, name: `${check.ok ? "Held" : "Did not hold"}. ${shown.name}` };
    }),
  );
}

/** Why a pass is believed: the same check on known-bad states. */
function controlsStep({ controls, lastRed }: RunRequirement): StepResult {
  const shown = controls.shown.map(({ title, red, modes }) =>
    step(
      `${red ? "Seen red in this run" : "Not red on a known-bad state"}: ${title}${failureModes(modes)}`,
      red ? Status.PASSED : Status.FAILED,
    ),
  );
  const earlier = lastRed
    .filter(({ control }) => !controls.shown.some(({ title }) => title === control))
    .map(({ control, modes, at, tool }) =>
      step(`Last seen red on ${at.slice(0, 10)} by ${tool}: ${control}${failureModes(modes)}`, Status.PASSED),
    );
  const all = [...shown, ...earlier];
  const failed = controls.shown.some(({ red }) => !red);
  if (all.length === 0)
    return step(
      "No control of it ran here, and none is known to have run: see accept --controls",
      Status.SKIPPED,
    );
  const count = all.filter(({ status }) => status === Status.PASSED).length;
  return step(
    `The same check was seen red on ${counted(count, "known-bad state")}`,
    failed ? Status.FAILED : Status.PASSED,
    all,
  );
}

const failureModes = (modes: readonly string[]) => (modes.length > 0 ? ` (${modes.join(", ")})` : "");
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function step(name: string, status: Status, steps: readonly StepResult[] = []): StepResult {
  return {
    ...{ name, status, statusDetails: {}, stage: Stage.FINISHED, steps: [...steps] },
    ...{ attachments: [], parameters: [] },
  };
}

/** A UUID that depends on its words alone, so that the same document gives the same files. */
function uuid(...words: readonly string[]): string {
  const hex = createHash("sha256").update(JSON.stringify(words)).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}
