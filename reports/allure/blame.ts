// Who has to act on a requirement that is not green: the first question about any red row.
import { fails } from "../../fixtures/judgement.ts";
import type { PhaseResult } from "../run/run.ts";

/** The categories of a report, in the order in which they are shown, each with the sentence that names it. */
export const blames = {
  tree: "The tree is wrong: its own files do not declare what is required",
  host: "The host is wrong: what is declared is not delivered, not live, or not what a client sees",
  machine: "This machine is in trouble: a disk, a program or a browser that judges",
  suite: "The suite is wrong: a check that is not built, cannot fail, or has a bug",
  unknown: "Could not tell: the state could not be observed, so it is no pass",
  "not judged": "Not judged: the run was not allowed, or not asked, to do what judging needs",
  waived: "Waived: fails, and a named person accepts that until a date",
} as const;

export type Blame = keyof typeof blames;

const machine =
  /\b(?:ENOSPC|EROFS|EMFILE|ENFILE|ENOMEM|EDQUOT)\b|no space left on device|browserType\.launch|Executable doesn't exist|on this machine/i;
const suite =
  /^(?:a bug in the suite|a control failed|marked as not built|made no check|nothing was checked|no spec yet|not built yet)|This is a bug in the suite/;

/** Whose trouble it is; undefined for a pass. Decided from the verdict, the levels of the failing checks and the reason alone. */
export function blameFor({
  verdict,
  reason,
  checks,
}: Pick<PhaseResult, "verdict" | "reason" | "checks">): Blame | undefined {
  if (verdict === "pass") return undefined;
  if (verdict === "waived" || verdict === "not judged") return verdict;
  if (verdict === "pending" || suite.test(reason)) return "suite";
  if (verdict === "fail") {
    const wrong = checks.filter((check) => fails(check) && check.unknown === undefined);
    return wrong.some(({ level }) => level === "declared") ? "tree" : "host";
  }
  return machine.test(reason) ? "machine" : "unknown";
}
