// Failures that nobody has looked at since: a later run that does not judge a requirement does not mend it.
import type { Verdict } from "../../fixtures/judgement.ts";
import { type Outline, verdictIn } from "../run/outline.ts";
import type { History } from "./collect.ts";

/** A requirement whose last judgement was a failure. */
export interface OpenFailure {
  readonly id: string;
  readonly severity: string;
  readonly title: string;
  /** When the run began that judged it last. */
  readonly at: string;
  /** What it found, if that run's outline says so. */
  readonly seen?: string;
}

const known = new WeakMap<History, OpenFailure[]>();

/** The requirements that the newest result does not judge, and that failed when they were judged last. */
export function openFailures(history: History): readonly OpenFailure[] {
  const found = known.get(history) ?? lookFor(history);
  known.set(history, found);
  return found;
}

function lookFor({ nights, now }: History): OpenFailure[] {
  return (now?.target.requirements ?? []).flatMap(({ id, verdict, severity, title }) => {
    if (verdict !== "not judged") return [];
    const last = nights.findLast((night) => isJudged(verdictIn(night, id)));
    if (!last || verdictIn(last, id) !== "fail") return [];
    const { seen } = last.why?.find((row) => row.id === id) ?? {};
    return [{ id, severity, title, at: last.at, ...(seen !== undefined && { seen }) }];
  });
}

const isJudged = (verdict: Verdict | undefined) => verdict !== undefined && verdict !== "not judged";

/** What a page says first of a target. A pass with an open failure is no pass: nobody can tell. */
export function standing(history: History): Outline["verdict"] | "error" {
  const verdict = history.nights.at(-1)?.verdict ?? "error";
  return verdict === "pass" && openFailures(history).length > 0 ? "unknown" : verdict;
}
