// Failures that nobody has looked at since: a later run that does not judge a requirement does not mend it.
import { counted } from "../../fixtures/counted.ts";
import { countIn, type Outline, verdictIn } from "../run/outline.ts";
import { lastOf, type RunRequirement } from "../run/run.ts";
import type { History, Whole } from "./collect.ts";
import { type Html, html } from "./html.ts";
import { verdictMark } from "./look.ts";

/** A requirement whose last judgement was a failure. */
export interface OpenFailure {
  readonly id: string;
  readonly severity: string;
  readonly title: string;
  /** When the run began that judged it last. */
  readonly at: string;
  /** What it found, if that run's outline says so. */
  readonly seen?: string;
  /** Why the newest result did not judge it. */
  readonly reason: string;
  /** The run that found it may do no more than the newest one, which went on: the evidence does not show the failure any more. */
  readonly passedBy: boolean;
}

/** A run as the site shows it. */
export interface Night extends Outline {
  /** How many failures of earlier runs it did not judge again. */
  readonly open: number;
}

interface Past {
  readonly nights: readonly Night[];
  readonly open: readonly OpenFailure[];
}

const known = new WeakMap<History, Past>();

function pastOf(history: History): Past {
  const found = known.get(history) ?? lookAt(history);
  known.set(history, found);
  return found;
}

/** The requirements that the newest result does not judge, and that failed when they were judged last. */
export const openFailures = (history: History): readonly OpenFailure[] => pastOf(history).open;

/** Its runs, oldest first. A pass that left a failure of before unjudged is no pass: nobody can tell. */
export const nightsOf = (history: History): readonly Night[] => pastOf(history).nights;

/** What a page says first of a target. */
export const standing = (history: History): Outline["verdict"] =>
  nightsOf(history).at(-1)?.verdict ?? "error";

function lookAt(history: History): Past {
  const failed = new Map<string, Outline>();
  const nights = history.nights.map((night): Night => {
    for (const id of failed.keys()) if (settles.has(verdictIn(night, id) ?? "")) failed.delete(id);
    const { letters, ids } = night;
    for (let at = letters.indexOf("f"); at >= 0; at = letters.indexOf("f", at + 1))
      failed.set(ids[at] ?? "", night);
    const open = [...failed.keys()].filter((id) => verdictIn(night, id) === "not judged").length;
    return { ...night, open, ...(night.verdict === "pass" && open > 0 && { verdict: "unknown" }) };
  });
  return { nights, open: openIn(history, failed) };
}

/** What could not be told, or waits, settles nothing. */
const settles: ReadonlySet<string> = new Set(["pass", "waived"]);

function openIn({ now, earlier }: History, failed: ReadonlyMap<string, Outline>): OpenFailure[] {
  return (now?.target.requirements ?? []).flatMap((one) => {
    const { id, severity, title } = one;
    const last = failed.get(id);
    if (!now || !last || one.verdict !== "not judged") return [];
    const { seen } = last.why?.find((row) => row.id === id) ?? {};
    const { reason } = lastOf(one);
    const passedBy = earlier?.run.startedAt === last.at && wentOn(earlier, now, one, reason);
    const about = { id, severity, title, at: last.at, reason, passedBy };
    return [{ ...about, ...(seen !== undefined && { seen }) }];
  });
}

/**
 * The same check under the same conditions came to an action that it was not allowed, after evidence that failed it before:
 * a check judges its evidence before it acts.
 */
function wentOn(earlier: Whole, now: Whole, { id }: RunRequirement, reason: string): boolean {
  const conditions = ({ run, target }: Whole) => [
    run.tool.version,
    target.deployment,
    target.allowed,
    target.requirements.find((one) => one.id === id)?.revision,
  ];
  const same = JSON.stringify(conditions(earlier)) === JSON.stringify(conditions(now));
  return same && /^needs [a-z-]+(, [a-z-]+)*$/.test(reason);
}

/** The verdict of a run, and what it rests on: `? unknown (2 open failures)`, `✓ pass (21 of 44 judged)`. */
export function nightMark(night: Night): Html {
  const { verdict, open, letters } = night;
  const judged = letters.length - countIn(night, "not judged");
  const words =
    open > 0
      ? ` (${counted(open, "open failure")})`
      : verdict === "pass" && judged < letters.length
        ? ` (${judged} of ${letters.length} judged)`
        : "";
  return html`${verdictMark(verdict)}${words}`;
}

/** The same of the newest run. */
export function standingMark(history: History): Html {
  const night = nightsOf(history).at(-1);
  return night ? nightMark(night) : verdictMark("error");
}
