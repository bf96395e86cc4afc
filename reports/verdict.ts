// Makes one row per requirement from the register and the test results. Pure; the worst verdict wins; no result is no pass.
import { counted } from "../fixtures/counted.ts";
import {
  type Check,
  fails,
  type Level,
  tellNotImitated,
  type Verdict,
  worst,
} from "../fixtures/judgement.ts";
import { visibleLines } from "../fixtures/visible-lines.ts";

/** By level: the requirements that have to hold first. It explains a verdict on a page, and never changes one. */
export type Follows = Readonly<Partial<Record<Level, readonly string[]>>>;

/** The fields of a register entry that a report needs. */
export interface Requirement {
  readonly id: string;
  /** The revision of the statement that was judged. */
  readonly revision: number;
  /** L: the plan's text requires it. R: a remedy, needed for a goal of the plan. */
  readonly kind: "L" | "R";
  readonly plan: string;
  readonly severity: "must" | "should";
  readonly statement: string;
  /** The levels to check: a pass has checked each of them. */
  readonly levels: readonly Level[];
  /** The defects of the plan whose remedies it needs. */
  readonly remedies: readonly string[];
  readonly follows?: Follows;
}

/** A register entry with all that a reader is told of it. */
export interface Described extends Requirement {
  readonly area: string;
  readonly title: string;
  readonly rationale: string;
}

/** The result of one test. `absent`: there is a spec, but it did not run. */
export interface TestOutcome {
  readonly id: string;
  readonly role: "requirement" | "control";
  readonly title: string;
  readonly status: "passed" | "failed" | "timedOut" | "skipped" | "interrupted" | "absent";
  /** Marked as not built yet: it is expected to fail. */
  readonly expectedRed: boolean;
  /** For a control: the failure modes that its state represents. */
  readonly modes?: readonly string[];
  /** The `checks` attachment, if the test attached one. */
  readonly checks?: readonly Check[];
  /** Error messages without colours; for a skipped or absent test, the reason. */
  readonly messages: readonly string[];
  readonly ms: number;
}

/** One requirement in one run. */
export interface Row extends Requirement {
  readonly verdict: Verdict;
  /** One line: what was found. */
  readonly seen: string;
  /** The reason why the verdict is not `pass`; empty for a pass. */
  readonly reason: string;
  readonly checks: readonly Check[];
  readonly controls: {
    readonly passed: number;
    readonly failed: number;
    readonly names: readonly string[];
    /** Each control that ran: whether its check failed as it must, and for which failure modes. */
    readonly shown: readonly {
      readonly title: string;
      readonly red: boolean;
      readonly modes: readonly string[];
    }[];
  };
  readonly ms: number;
}

interface Judged {
  readonly verdict: Verdict;
  readonly reason: string;
}

/**
 * One row per register entry, in the register's order. `withSpec` has the ids of all specs, whether this run selected them or not.
 * @throws Error if an outcome has an id that is not in the register, or if an id is in it twice.
 */
export function judgeRun(
  register: readonly Requirement[],
  outcomes: readonly TestOutcome[],
  withSpec: readonly string[] = [],
): Row[] {
  const known = new Set(register.map(({ id }) => id));
  const stranger = outcomes.find(({ id }) => !known.has(id));
  if (stranger)
    throw new Error(`"${stranger.title}" is tagged ${stranger.id}, which the register does not have`);
  const rows = register.map((entry) =>
    judgeOne(
      entry,
      outcomes.filter(({ id }) => id === entry.id),
      withSpec.includes(entry.id),
    ),
  );
  assertComplete(register, rows);
  return rows;
}

/** @throws Error unless there is exactly one row per register entry. */
export function assertComplete(
  register: readonly Requirement[],
  rows: readonly { readonly id: string }[],
): void {
  const missing = register.filter(({ id }) => !rows.some((row) => row.id === id));
  if (missing.length > 0) throw new Error(`No row for ${missing.map(({ id }) => id).join(", ")}`);
  if (new Set(rows.map(({ id }) => id)).size === rows.length && rows.length === register.length) return;
  throw new Error(`${rows.length} rows for ${register.length} requirements`);
}

/** The reason of a requirement that has a spec, which the run was not asked for. */
const notSelected = "not selected: this run was asked for other requirements";

function judgeOne(
  { id, revision, kind, plan, severity, statement, levels, remedies, follows }: Requirement,
  all: readonly TestOutcome[],
  hasSpec: boolean,
): Row {
  const claims = all.filter(({ role }) => role === "requirement");
  const controls = all.filter(({ role }) => role === "control");
  const failed = controls.filter(broken);
  const checks = claims.flatMap((claim) => claim.checks ?? []);
  const judged: Judged[] = claims.map(judgeTest);
  const unseen = levels.filter((level) => !checks.some((check) => check.level === level));
  const missing = tellNotImitated(checks);
  if (claims.length === 0 && hasSpec) judged.push({ verdict: "not judged", reason: notSelected });
  else if (claims.length === 0) judged.push({ verdict: "pending", reason: "no spec yet" });
  else if (unseen.length > 0 && judged.every((one) => one.verdict === "pass"))
    judged.push({ verdict: "unknown", reason: `nothing was checked of: ${unseen.join(", ")}` });
  else if (missing !== undefined && judged.every((one) => one.verdict === "pass"))
    judged.push({ verdict: "unknown", reason: missing });
  else if (failed.length > 0)
    judged.push({ verdict: "unknown", reason: `a control failed: ${names(failed).join("; ")}` });
  const verdict = worst(judged.map((one) => one.verdict));
  const reason =
    verdict === "pass"
      ? ""
      : judged
          .filter((one) => one.verdict === verdict)
          .map((one) => one.reason)
          .join("; ");
  return {
    ...{ id, revision, kind, plan, severity, statement, levels, remedies },
    ...(follows && { follows }),
    ...{ verdict, reason, checks, seen: seen(verdict, reason, checks) },
    controls: {
      passed: controls.filter(held).length,
      failed: failed.length,
      names: names(controls),
      shown: controls
        .filter(({ status }) => status !== "absent")
        .map((test) => ({ title: test.title, red: held(test), modes: test.modes ?? [] })),
    },
    ms: Math.round(all.reduce((sum, { ms }) => sum + ms, 0)),
  };
}

const names = (tests: readonly TestOutcome[]) => tests.map(({ title }) => title);
const held = ({ status, expectedRed }: TestOutcome) => status === "passed" && !expectedRed;
const broken = (test: TestOutcome) => test.status === "failed" && !test.expectedRed && !cannotTell(test);

/** What a test would have needed, from the message of a NotJudged error; undefined for other messages. */
const notJudged = ({ messages }: TestOutcome) =>
  messages
    .map((message) => /^NotJudged: ?([^\n]*)/.exec(message.trimStart())?.[1])
    .find((said) => said !== undefined);

/** The reason in the message of a CannotTell error, without the name of the error; undefined for other messages. */
export function unknown(message: string): string | undefined {
  return /^(?:\w*Error: )?CannotTell: ?([^\n]*)/.exec(message.trimStart())?.[1];
}

const cannotTell = ({ messages }: TestOutcome) => messages.map(unknown).find((said) => said !== undefined);

function judgeTest(test: TestOutcome): Judged {
  const { status, expectedRed, checks = [], messages } = test;
  const [first = ""] = messages.map((message) => message.trim().split("\n", 1)[0] ?? "");
  const wrong = checks.find(fails);
  if (status === "absent") return { verdict: "unknown", reason: because("did not run", first) };
  if (status === "skipped" || status === "interrupted")
    return { verdict: "unknown", reason: because(status, first) };
  if (wrong && !expectedRed) return { verdict: "fail", reason: mismatch(wrong) };
  if (notJudged(test) !== undefined)
    return { verdict: "not judged", reason: notJudged(test) || "no reason given" };
  if (cannotTell(test) !== undefined)
    return { verdict: "unknown", reason: cannotTell(test) || "no reason given" };
  if (status === "timedOut") return { verdict: "unknown", reason: because("timed out", first) };
  if (status === "failed" && expectedRed)
    return { verdict: "pending", reason: "not built yet, red as expected" };
  if (isBug(first)) return { verdict: "unknown", reason: `a bug in the suite: ${first}` };
  if (status === "failed") return { verdict: "fail", reason: first || "failed without a message" };
  if (expectedRed)
    return { verdict: "unknown", reason: "marked as not built yet, but it passes: remove the mark" };
  if (checks.length === 0) return { verdict: "unknown", reason: "made no check" };
  return { verdict: "pass", reason: "" };
}

/** Whether a message reports a bug in the suite's own code and not a requirement. */
export function isBug(message: string): boolean {
  return /^(?:(?:Type|Reference|Range|Syntax)Error\b|(?:Error: )?This is a bug in the suite)/.test(
    message.trimStart(),
  );
}

const because = (what: string, why: string) => (why ? `${what}: ${why}` : what);
const mismatch = ({ expected, found, where }: Check) => `expected ${expected}, found ${found} (${where})`;

function seen(verdict: Verdict, reason: string, checks: readonly Check[]): string {
  if (verdict !== "pass") return oneLine(reason);
  const depth: readonly Level[] = ["behaves", "live", "delivered", "declared"];
  const deepest = depth
    .map((level) => checks.findLast((check) => check.level === level && check.ok))
    .find((check) => check);
  const left = checks.filter(({ notImitated }) => notImitated !== undefined).length;
  const said = left > 0 ? `${counted(left, "check")} not imitated here; ` : "";
  return deepest ? oneLine(`${said}${deepest.found} (${deepest.where})`) : "";
}

const oneLine = (text: string) => visibleLines(text).replace(/\s+/g, " ").trim();
