// From the register and what the tests did to one row per requirement: pure, worst wins, silence is never a pass.
import { type Check, type Level, type Verdict, worst } from "../fixtures/judgement.ts";

/** What a report needs of a register entry. */
export interface Requirement {
  readonly id: string;
  /** Which wording of the statement was judged. */
  readonly revision: number;
  /** L: the plan's own words. R: a remedy, needed for a goal the plan states. */
  readonly kind: "L" | "R";
  readonly plan: string;
  readonly severity: "must" | "should";
  readonly statement: string;
  /** How far down it has to be followed: a pass has checked every level. */
  readonly levels: readonly Level[];
  /** The remedy steps or defects without which the plan's own words leave it red. */
  readonly remedies: readonly string[];
}

/** What one test did, in this project's words. `absent`: there is a spec, but it did not run. */
export interface TestOutcome {
  readonly id: string;
  readonly role: "requirement" | "control";
  readonly title: string;
  readonly status: "passed" | "failed" | "timedOut" | "skipped" | "interrupted" | "absent";
  /** Marked as not built yet: it is expected to be red. */
  readonly expectedRed: boolean;
  /** For a control: the failure modes that its bad state is. */
  readonly modes?: readonly string[];
  /** The `checks` attachment, or nothing where the test attached none. */
  readonly checks?: readonly Check[];
  /** Error messages without colours; for a skipped or absent test: why. */
  readonly messages: readonly string[];
  readonly ms: number;
}

/** A fail that someone answers for until a date. Nothing reads waivers yet: see `Verdict`'s `waived`. */
export interface Waiver {
  readonly id: string;
  readonly reason: string;
  readonly by: string;
  /** The last day it is in force: `YYYY-MM-DD`. */
  readonly until: string;
}

/** One requirement in one run. */
export interface Row extends Requirement {
  readonly verdict: Verdict;
  /** One line: what was seen. */
  readonly seen: string;
  /** Why the verdict is not `pass`; empty for a pass. */
  readonly reason: string;
  readonly checks: readonly Check[];
  readonly controls: {
    readonly passed: number;
    readonly failed: number;
    readonly names: readonly string[];
    /** Each control that ran: whether it saw red, and for which failure modes. */
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
 * One row per register entry, in the register's order.
 * @throws Error when an outcome names an id the register does not have, or an id stands there twice.
 */
export function judgeRun(register: readonly Requirement[], outcomes: readonly TestOutcome[]): Row[] {
  const known = new Set(register.map(({ id }) => id));
  const stranger = outcomes.find(({ id }) => !known.has(id));
  if (stranger)
    throw new Error(`"${stranger.title}" is tagged ${stranger.id}, which the register does not have`);
  const rows = register.map((entry) =>
    judgeOne(
      entry,
      outcomes.filter(({ id }) => id === entry.id),
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

function judgeOne(
  { id, revision, kind, plan, severity, statement, levels, remedies }: Requirement,
  all: readonly TestOutcome[],
): Row {
  const claims = all.filter(({ role }) => role === "requirement");
  const controls = all.filter(({ role }) => role === "control");
  const failed = controls.filter(broken);
  const checks = claims.flatMap((claim) => claim.checks ?? []);
  const judged: Judged[] = claims.map(judgeTest);
  const unseen = levels.filter((level) => !checks.some((check) => check.level === level));
  if (claims.length === 0) judged.push({ verdict: "pending", reason: "no spec yet" });
  else if (unseen.length > 0 && judged.every((one) => one.verdict === "pass"))
    judged.push({ verdict: "unknown", reason: `nothing was checked of: ${unseen.join(", ")}` });
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

/** What a message says that could not be told, without the error's name; nothing where it says no such thing. */
export function unknown(message: string): string | undefined {
  return /^(?:\w*Error: )?CannotTell: ?([^\n]*)/.exec(message.trimStart())?.[1];
}

const cannotTell = ({ messages }: TestOutcome) => messages.map(unknown).find((said) => said !== undefined);

function judgeTest(test: TestOutcome): Judged {
  const { status, expectedRed, checks = [], messages } = test;
  const [first = ""] = messages.map((message) => message.trim().split("\n", 1)[0] ?? "");
  const wrong = checks.find(({ ok }) => !ok);
  if (status === "absent") return { verdict: "unknown", reason: because("did not run", first) };
  if (status === "skipped" || status === "interrupted")
    return { verdict: "unknown", reason: because(status, first) };
  if (wrong && !expectedRed) return { verdict: "fail", reason: mismatch(wrong) };
  if (cannotTell(test) !== undefined)
    return { verdict: "unknown", reason: cannotTell(test) || "could not tell" };
  if (status === "timedOut") return { verdict: "unknown", reason: because("timed out", first) };
  if (status === "failed" && expectedRed)
    return { verdict: "pending", reason: "not built yet, red as expected" };
  if (isBug(first)) return { verdict: "unknown", reason: `a bug in the suite: ${first}` };
  if (status === "failed") return { verdict: "fail", reason: first || "failed without a message" };
  if (expectedRed)
    return { verdict: "unknown", reason: "marked as not built yet, but it passes: remove the mark" };
  if (checks.length === 0) return { verdict: "unknown", reason: "asserted nothing" };
  return { verdict: "pass", reason: "" };
}

/** Whether a message tells of a mistake in the suite's own code rather than of a requirement. */
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
    .map((level) => checks.findLast((check) => check.level === level))
    .find((check) => check);
  return deepest ? oneLine(`${deepest.found} (${deepest.where})`) : "";
}

const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();
