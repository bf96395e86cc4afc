// What the site keeps of every run but the newest ones of a target: who was judged, when, and one letter a requirement.
import type { Verdict } from "../../fixtures/judgement.ts";
import { isJudged, type Run, type RunTarget, type Trouble } from "../run/run.ts";

/** One target in one run, in some hundred bytes. */
export interface Night {
  /** The start of the run, ISO 8601 in UTC. */
  readonly at: string;
  readonly target: string;
  readonly kind: RunTarget["kind"] | "no result";
  readonly verdict: RunTarget["verdict"];
  /** Why there is no result. */
  readonly trouble?: string;
  /** The digest of the register, which says what the letters stand for: two nights with another one don't compare. */
  readonly register: string;
  readonly deployment: string;
  /** A letter for each requirement, in the order of `ids`. */
  readonly letters: string;
  readonly ids: readonly string[];
}

const letterOf: Readonly<Record<Verdict, string>> = {
  pass: "p",
  fail: "f",
  unknown: "u",
  "not judged": "n",
  pending: "o",
  waived: "w",
};
const verdictOf = Object.fromEntries(Object.entries(letterOf).map(([verdict, letter]) => [letter, verdict]));

/** Judged from a file: an older night judged again is no night of its own. */
const isAgain = (one: RunTarget | Trouble) =>
  isJudged(one) && one.evidence.some(({ file }) => file !== undefined);

/** The nights of a run: one for each of its targets. The gate's trees are no targets. */
export function nightsOf({ startedAt, register, targets, command }: Run): Night[] {
  if (command === "gate") return [];
  return targets
    .filter((one) => !isAgain(one))
    .map((one): Night => {
      const about = { at: startedAt, target: one.target, register: register.digest };
      if (!isJudged(one)) return { ...about, ...withoutResult(one) };
      return {
        ...{ ...about, kind: one.kind, verdict: one.verdict, deployment: one.deployment },
        letters: one.requirements.map(({ verdict }) => letterOf[verdict]).join(""),
        ids: one.requirements.map(({ id }) => id),
      };
    });
}

const withoutResult = ({
  trouble,
}: Trouble): Pick<Night, "kind" | "verdict" | "trouble" | "deployment" | "letters" | "ids"> => ({
  kind: "no result",
  verdict: "error",
  ...{ trouble: trouble.split("\n", 1)[0] ?? "", deployment: "", letters: "", ids: [] },
});

/** The verdict on a requirement in a night; undefined if it was not in the register, or there was no result. */
export function verdictIn({ letters, ids }: Night, id: string): Verdict | undefined {
  const at = ids.indexOf(id);
  return at < 0 ? undefined : (verdictOf[letters[at] ?? ""] as Verdict | undefined);
}

/** How many requirements of a night have this verdict. */
export function countIn({ letters }: Night, verdict: Verdict): number {
  let count = 0;
  for (const letter of letters) if (letter === letterOf[verdict]) count += 1;
  return count;
}
