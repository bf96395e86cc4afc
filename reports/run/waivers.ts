// Waivers: failures that are accepted, each by a named person until a date. They never hide one, and accept nothing but a fail.
import { readFileSync, statSync } from "node:fs";
import { BadInput, position, problem } from "../../fixtures/errors.ts";
import { toType } from "../../fixtures/quote.ts";
import { compile } from "../../fixtures/schema.ts";
import { visible } from "../../fixtures/visible.ts";
import { parseYaml } from "../../fixtures/yaml.ts";
import { exitCodeOf } from "../exit-code.ts";
import { verdictOfFindings } from "../report/compare.ts";
import { runOf, verdictOfExit, verdictsOf, wordsOf } from "./build.ts";
import {
  type AppliedWaiver,
  isJudged,
  type Run,
  type RunRequirement,
  type RunTarget,
  type Waiver,
} from "./run.ts";
import { exitWithContract, worstExit } from "./targets.ts";
import schema from "./waivers.schema.json" with { type: "json" };

const hour = 3_600_000;
const day = 24 * hour;
/** The longest time that a failure may be accepted for, with a leap year. */
const longest = 366 * day;
const soon = 30 * day;
const limit = 4 * 1024 * 1024;

/** What a waiver may be of: ids of the register, and names of targets if all are known. */
export interface Waivable {
  readonly ids: readonly string[];
  /** The inventory's names. Without an inventory a waiver of another target can't be told from a mistake. */
  readonly targets?: readonly string[];
}

const check = compile<{ waivers: readonly Waiver[] }>("waivers file", schema);

/**
 * Reads waivers from YAML or JSON.
 * @throws BadInput with line and column: for what is no waiver, for a date that does not exist or is more than a year away,
 * for two waivers of one failure, and for one that fits no requirement or no target.
 */
export function readWaivers(file: string, waivable: Waivable, now: Date): readonly Waiver[] {
  let text: string;
  try {
    if (statSync(file).size > limit) throw new Error("it is larger than 4 MiB");
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new BadInput(problem(`No waivers can be read: ${(error as Error).message}`, toType`ls -l ${file}`));
  }
  const { value, offsetOf } = parseYaml(text, file);
  const { waivers } = check(value, { file, text, offsetOf });
  const mistakes = waivers.flatMap((one, at) => {
    const [field, why] = mistakeIn(one, waivers.slice(0, at), waivable, now) ?? [];
    if (field === undefined) return [];
    const { line, column } = position(text, offsetOf(["waivers", at, field]));
    return [`  ${file}:${line}:${column}: ${why}`];
  });
  if (mistakes.length === 0) return waivers;
  throw new BadInput(
    problem(`Not a valid waivers file:\n${mistakes.join("\n")}`, toType`$EDITOR ${file}   # docs/waivers.md`),
  );
}

function mistakeIn(
  { requirement, target, expires, accepted }: Waiver,
  earlier: readonly Waiver[],
  { ids, targets }: Waivable,
  now: Date,
): [keyof Waiver, string] | undefined {
  const end = endOf(expires);
  if (end === undefined) return ["expires", `there is no such time: ${expires}`];
  if (end - now.getTime() > longest)
    return ["expires", `it is more than a year away: ${expires}; a failure is accepted for a year at most`];
  const since = accepted === undefined ? now.getTime() : startOf(accepted);
  if (since === undefined) return ["accepted", `there is no such day: ${accepted}`];
  // Where the day began first, it began 14 hours before UTC.
  if (since > now.getTime() + 14 * hour) return ["accepted", `it is in the future: ${accepted}`];
  if (!ids.includes(requirement)) return ["requirement", `the register has no requirement ${requirement}`];
  if (targets && ![...targets, "stand-in", "tree"].includes(target))
    return ["target", `there is no target ${visible(target)}: the inventory has ${targets.join(", ")}`];
  if (earlier.some((one) => one.requirement === requirement && one.target === target))
    return ["requirement", `a second waiver of ${requirement} on ${visible(target)}`];
  return undefined;
}

function startOf(date: string): number | undefined {
  const end = endOf(date);
  return end === undefined ? undefined : end - day;
}

/** The end of a day or the time, in milliseconds; undefined if it is in no calendar. */
export function endOf(expires: string): number | undefined {
  const whole = expires.length === "2026-12-31".length;
  const time = Date.parse(whole ? `${expires}T00:00:00Z` : expires);
  // Date takes 30 February for 2 March.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== expires.slice(0, 10))
    return undefined;
  return whole ? time + day : time;
}

/** The run with waivers applied: exit codes and verdicts follow. Without waivers it is unchanged. */
export function withWaivers(run: Run, waivers: readonly Waiver[], now: Date): Run {
  if (waivers.length === 0) return run;
  const targets = run.targets.map((one) => (isJudged(one) ? waived(one, run, waivers, now) : one));
  const { $schema: _schema, version: _version, verdict: _verdict, ...rest } = run;
  return runOf({ ...rest, targets, exitCode: worstExit(targets.map(({ exitCode }) => exitCode)) });
}

/** The name that a waiver has for a target: a tree is named as the user typed it, which changes from run to run. */
const nameOf = ({ kind, target }: RunTarget) => (kind === "tree" ? "tree" : target);

function waived(one: RunTarget, { command }: Run, waivers: readonly Waiver[], now: Date): RunTarget {
  const own = waivers.filter(({ target }) => target === nameOf(one));
  if (own.length === 0) return one;
  const applied = own.map((waiver) => apply(waiver, one.requirements, now));
  const inForce = new Map(
    applied.filter(({ state }) => state === "in force").map((each) => [each.requirement, each]),
  );
  const requirements = one.requirements.map((row): RunRequirement => {
    const waiver = inForce.get(row.id);
    return waiver ? { ...row, verdict: "waived", waiver } : row;
  });
  const findings = one.findings?.map((finding) => {
    const waiver = finding.change === "fixed" ? undefined : inForce.get(finding.rule);
    return waiver ? { ...finding, waived: wordsOf(waiver) } : finding;
  });
  const judged = { ...one, requirements, ...(findings && { findings }), waivers: applied };
  const exitCode = command === "gate" ? gateExit(judged) : exitOf(judged, command);
  return { ...judged, exitCode, verdict: verdictOfExit(exitCode) };
}

function apply(waiver: Waiver, requirements: readonly RunRequirement[], now: Date): AppliedWaiver {
  const verdict = requirements.find(({ id }) => id === waiver.requirement)?.verdict;
  const left = (endOf(waiver.expires) ?? 0) - now.getTime();
  if (verdict === "pass") return { ...waiver, state: "not needed" };
  if (verdict !== "fail") return { ...waiver, state: "not applied" };
  if (left <= 0) return { ...waiver, state: "expired" };
  return { ...waiver, state: "in force", ...(left <= soon && { soon: true }) };
}

const exitOf = (one: RunTarget, command: Run["command"]) =>
  exitWithContract(
    exitCodeOf(verdictsOf(one), () => command === "verify"),
    one.hostContract,
  );

function gateExit({ findings = [], unanswered = [], requirements, exitCode }: RunTarget): number {
  const rows = requirements.map(({ verdict, phases }) => {
    const before = phases.find(({ phase }) => phase === "base")?.verdict;
    return { verdict, ...(before && { before }) };
  });
  const verdict = verdictOfFindings(findings, unanswered, rows);
  return exitCode > 2 ? exitCode : { pass: 0, fail: 1, unknown: 2 }[verdict];
}

/** What a page says of a target's waivers: each, the ones that need something to be done first. */
export function waiverLines({ waivers = [] }: Pick<RunTarget, "waivers">, onlyWrong = false): string[] {
  const order: readonly AppliedWaiver["state"][] = ["expired", "not needed", "not applied", "in force"];
  const said = (one: AppliedWaiver) => {
    const who = `${one.requirement} (${one.ticket}, owner ${one.owner})`;
    if (one.state === "expired") return `${who}: expired on ${one.expires}: the failure counts`;
    if (one.state === "not needed")
      return `${who}: no longer needed: the requirement passes. Remove the waiver`;
    if (one.state === "not applied")
      return `${who}: accepts a failure, and there is none: only a fail is waived`;
    return `${who}: ${wordsOf(one)}. Risk: ${one.risk}${one.soon ? ". It expires soon" : ""}`;
  };
  const sorted = order.flatMap((state) => waivers.filter((one) => one.state === state));
  const isWrong = ({ state, soon }: AppliedWaiver) => state !== "in force" || soon;
  return sorted
    .filter((one) => !onlyWrong || isWrong(one))
    .map((one) => visible(said(one).replaceAll(/\s+/g, " ")));
}
