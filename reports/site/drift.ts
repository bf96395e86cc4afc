// What moved between the two newest results of a target: verdicts, and evidence under verdicts that did not move.
import type { Verdict } from "../../fixtures/judgement.ts";
import { lasting } from "../run/compare.ts";
import { lastOf, type RunRequirement } from "../run/run.ts";
import type { Whole } from "./collect.ts";

export interface Moved {
  readonly id: string;
  readonly was: Verdict;
  readonly now: Verdict;
}

/** A check with the same verdict, and another thing found; what moves by itself, such as a time, is none. */
export interface Drifted {
  readonly id: string;
  readonly where: string;
  readonly was: string;
  readonly now: string;
}

export interface Drift {
  /** Why the two can't be compared: another register or another deployment. */
  readonly notComparable?: string;
  readonly moved: readonly Moved[];
  /** Judged now and not before: the run was asked for more. */
  readonly more: readonly Moved[];
  /** Passed before and is not judged now: the run was asked for less. */
  readonly less: readonly Moved[];
  /** Not a pass before and not judged now: nothing red is seen any more, and nothing is proved. */
  readonly notSeen: readonly Moved[];
  readonly drifted: readonly Drifted[];
}

/** Compares by requirement; of one with another revision nothing is said. */
export function driftOf(earlier: Whole, now: Whole): Drift {
  const other = [
    ...(earlier.target.deployment === now.target.deployment ? [] : ["another deployment"]),
    ...(earlier.run.register.digest === now.run.register.digest ? [] : ["another revision of the register"]),
  ];
  const pairs = now.target.requirements.flatMap((one): [RunRequirement, RunRequirement][] => {
    const old = earlier.target.requirements.find(
      ({ id, revision }) => id === one.id && revision === one.revision,
    );
    return old ? [[old, one]] : [];
  });
  const changed = pairs.flatMap(([old, { id, verdict }]): Moved[] =>
    old.verdict === verdict ? [] : [{ id, was: old.verdict, now: verdict }],
  );
  const gone = changed.filter(({ now: verdict }) => isOpen({ verdict }));
  return {
    ...(other.length > 0 && { notComparable: `The run before it had ${other.join(" and ")}` }),
    moved: changed.filter(({ was, now: verdict }) => !isOpen({ verdict: was }) && !isOpen({ verdict })),
    more: changed.filter(({ was }) => isOpen({ verdict: was })),
    less: gone.filter(({ was }) => was === "pass"),
    notSeen: gone.filter(({ was }) => was !== "pass"),
    drifted: pairs.flatMap(([old, one]) => (old.verdict === one.verdict ? driftedIn(old, one) : [])),
  };
}

const isOpen = ({ verdict }: { readonly verdict: Verdict }) => verdict === "not judged";

function driftedIn(old: RunRequirement, one: RunRequirement): Drifted[] {
  const before = lastOf(old).checks;
  return lastOf(one).checks.flatMap(({ expected, where, level, found }) => {
    const same = before.filter((check) => check.expected === expected && check.level === level);
    const was =
      same.find((check) => lasting(check.where) === lasting(where)) ??
      (same.length === 1 ? same[0] : undefined);
    return was === undefined || lasting(was.found) === lasting(found)
      ? []
      : [{ id: one.id, where, was: was.found, now: found }];
  });
}
