// Compares two runs: what fails now, what is mended, what can no longer be told, and what drifted under verdicts that stayed.
import { counted } from "../../fixtures/counted.ts";
import type { Verdict } from "../../fixtures/judgement.ts";
import { visible } from "../../fixtures/visible.ts";
import { isJudged, lastOf, type Run, type RunCheck, type RunRequirement, type RunTarget } from "./run.ts";

export type Change = "newly failing" | "newly unknown" | "fixed" | "not judged any more" | "other";

/** One requirement of one target whose verdict moved. */
export interface Moved {
  readonly target: string;
  readonly id: string;
  readonly change: Change;
  readonly before: Verdict;
  readonly now: Verdict;
  /** One line: what was found now. */
  readonly seen: string;
}

/** One check whose finding moved under a verdict that did not. */
export interface Drift {
  readonly target: string;
  readonly id: string;
  readonly where: string;
  readonly before: string;
  readonly now: string;
}

/** What can't be compared, and why. */
export interface Incomparable {
  readonly target: string;
  /** None: the whole target. */
  readonly id?: string;
  readonly why: string;
}

export interface Comparison {
  readonly moved: readonly Moved[];
  readonly drift: readonly Drift[];
  readonly incomparable: readonly Incomparable[];
  /** How many requirements were compared. */
  readonly compared: number;
}

/** Compares the targets of two runs by their names. Of a tree, which is named as it was typed, the only one of each run. */
export function compareRuns(before: Run, now: Run): Comparison {
  const pairs = pairsOf(before, now);
  const parts = pairs.map(([name, one, other]) => compareTargets(name, one, other));
  return {
    moved: parts.flatMap(({ moved }) => moved),
    drift: parts.flatMap(({ drift }) => drift),
    incomparable: parts.flatMap(({ incomparable }) => incomparable),
    compared: parts.reduce((sum, { compared }) => sum + compared, 0),
  };
}

type Result = Run["targets"][number] | undefined;

function pairsOf(before: Run, now: Run): (readonly [name: string, before: Result, now: Result])[] {
  const [one] = before.targets;
  const [other] = now.targets;
  const trees = [one, other].every((each) => each && isJudged(each) && each.kind === "tree");
  if (trees && other) return [[other.target, one, other]];
  const names = [...new Set([...before.targets, ...now.targets].map(({ target }) => target))];
  const of = (run: Run, name: string) => run.targets.find(({ target }) => target === name);
  return names.map((name) => [name, of(before, name), of(now, name)]);
}

function compareTargets(target: string, before: Result, now: Result): Comparison {
  const refuse = (why: string): Comparison => ({
    ...{ moved: [], drift: [], compared: 0 },
    incomparable: [{ target, why }],
  });
  if (!before) return refuse("it is not in the first run");
  if (!now) return refuse("it is not in the second run");
  if (!isJudged(before)) return refuse("it has no result in the first run");
  if (!isJudged(now)) return refuse(`it has no result in the second run: ${now.trouble.split("\n", 1)[0]}`);
  if (before.deployment !== now.deployment) return refuse("it was judged for another deployment");
  if (before.kind !== now.kind) return refuse(`it was a ${before.kind}, and is a ${now.kind}`);
  return compareRows(before, now, target);
}

function compareRows(before: RunTarget, now: RunTarget, target: string): Comparison {
  const moved: Moved[] = [];
  const drift: Drift[] = [];
  const incomparable: Incomparable[] = [];
  let compared = 0;
  const ids = [...new Set([...now.requirements, ...before.requirements].map(({ id }) => id))];
  for (const id of ids) {
    const one = before.requirements.find((row) => row.id === id);
    const other = now.requirements.find((row) => row.id === id);
    if (!one || !other)
      incomparable.push({ target, id, why: `it is only in the ${one ? "first" : "second"} run` });
    else if (one.revision !== other.revision)
      incomparable.push({
        target,
        id,
        why: `its statement changed: revision ${one.revision}, now ${other.revision}`,
      });
    else {
      compared++;
      if (one.verdict === other.verdict) drift.push(...driftOf(target, one, other));
      else
        moved.push({
          target,
          id,
          change: changeOf(one.verdict, other.verdict),
          before: one.verdict,
          now: other.verdict,
          seen: lastOf(other).seen,
        });
    }
  }
  return { moved, drift, incomparable, compared };
}

function changeOf(before: Verdict, now: Verdict): Change {
  if (now === "fail") return "newly failing";
  if (now === "unknown") return "newly unknown";
  if (now === "pass" && before !== "not judged" && before !== "pending") return "fixed";
  return now === "not judged" ? "not judged any more" : "other";
}

/** What the checks of one level found at one place, if it is something else; also checks that only one run made. */
function driftOf(target: string, before: RunRequirement, now: RunRequirement): Drift[] {
  const keyOf = ({ level, where }: RunCheck) => lasting(`${level}\0${where}`);
  const old = Map.groupBy(lastOf(before).checks, keyOf);
  const present = Map.groupBy(lastOf(now).checks, keyOf);
  const keys = [...new Set([...old.keys(), ...present.keys()])];
  return keys.flatMap((key) => {
    const [one, other] = [foundIn(old.get(key)), foundIn(present.get(key))];
    if (lasting(one) === lasting(other)) return [];
    const [, where = ""] = key.split("\0");
    return [{ target, id: now.id, where, before: one, now: other }];
  });
}

/** A text without the names that a trial makes up for each run, and without times to the second. */
const lasting = (text: string): string =>
  text
    .replaceAll(/\baccept(ance)?-[0-9a-f]{6,}|\bphoenix-look\.\w+/g, "…")
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g, "…");

const foundIn = (checks: readonly RunCheck[] = []): string =>
  checks.map(({ found }) => found).join("; ") || "not checked";

/** 1 if something newly fails; else 2 if something is newly unknown or can't be compared; else 0. Drift alone is 0. */
export function exitOfComparison({ moved, incomparable, compared }: Comparison): 0 | 1 | 2 {
  if (moved.some(({ change }) => change === "newly failing")) return 1;
  const open = moved.some(({ change }) => change === "newly unknown" || change === "not judged any more");
  return open || incomparable.length > 0 || compared === 0 ? 2 : 0;
}

/** The comparison for a terminal, ending in a newline. */
export function comparisonPage(comparison: Comparison): string {
  const { moved, drift, incomparable, compared } = comparison;
  const line = (text: string) => visible(text.replaceAll(/\s+/g, " ").trim());
  const order: readonly Change[] = [
    "newly failing",
    "newly unknown",
    "not judged any more",
    "fixed",
    "other",
  ];
  const parts = order.flatMap((change) => {
    const own = moved.filter((one) => one.change === change);
    if (own.length === 0) return [];
    const lines = own.map(
      ({ target, id, before, now, seen }) => `  ${line(`${target} ${id}: ${before}, now ${now}: ${seen}`)}`,
    );
    return [[`${change[0]?.toUpperCase()}${change.slice(1)} (${own.length})`, ...lines].join("\n")];
  });
  if (incomparable.length > 0)
    parts.push(
      [
        `Not comparable (${incomparable.length})`,
        ...incomparable.map(
          ({ target, id, why }) => `  ${line(`${target}${id === undefined ? "" : ` ${id}`}: ${why}`)}`,
        ),
      ].join("\n"),
    );
  if (drift.length > 0)
    parts.push(
      [
        `Same verdict, other evidence (${drift.length})`,
        ...drift.map(
          ({ target, id, where, before, now }) =>
            `  ${line(`${target} ${id}: ${where}: ${before}, now ${now}`)}`,
        ),
      ].join("\n"),
    );
  const fixed = moved.filter(({ change }) => change === "fixed").length;
  const failing = moved.filter(({ change }) => change === "newly failing").length;
  parts.push(
    `${counted(compared, "requirement")} compared: ${failing} newly failing, ${fixed} fixed, ${drift.length} with other evidence.`,
  );
  return `${parts.join("\n\n")}\n`;
}
