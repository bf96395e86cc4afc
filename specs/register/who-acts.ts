// Who acts on a target: the register says it once. From it follow the Playwright projects, the consent that a spec needs, and
// what a spec's fixtures may be.
import type { Action } from "../../fixtures/target/inventory.ts";
import type { SpecFile, SpecTest } from "./coverage.ts";
import { type Requirement, register } from "./register.ts";

/** Whether its test does more to a target than look. */
export const acts = ({ needs }: Pick<Requirement, "needs">): boolean =>
  needs.some((need) => need !== "observe");

/** Requirements whose tests run one after the other: they act, or look at the live target while others would act. */
export const takeTurns = register.filter(
  (entry) => entry.turn !== "last" && (acts(entry) || entry.turn === "serial"),
);

/** Requirements whose tests take away what the others judge. */
export const comeLast = register.filter(({ turn }) => turn === "last");

/** Finds the tests of these requirements, not their controls, by the tags behind their titles. */
export function testsOf(all: readonly Pick<Requirement, "id">[]): RegExp {
  return new RegExp(`@(${all.map(({ id }) => id).join("|") || "none"})\\b.*@requirement\\b`);
}

/**
 * What using a fixture does: an action by name; `acts`, any action; `looks`, at the live target; `evidence`, at what was
 * collected; `fault`, for controls alone. What a trial context does depends on the trial.
 */
const does: Readonly<Record<string, Action | "acts" | "looks" | "evidence" | "fault" | "trial">> = {
  evidence: "evidence",
  record: "evidence",
  target: "evidence",
  deployment: "evidence",
  run: "evidence",
  once: "evidence",
  parallelTrials: "evidence",
  client: "looks",
  visitor: "looks",
  freshEvidence: "looks",
  hypervisor: "acts",
  api: "sign-in",
  portainer: "sign-in",
  phoenix: "apply",
  trialContext: "trial",
  broken: "fault",
  brokenWhile: "fault",
};

/** Where the register and the requirement tests of the specs disagree on who acts, one line each. */
export function actionErrors(
  all: readonly Requirement[],
  specs: readonly SpecFile[],
  trialNeeds: Readonly<Record<string, Action>>,
): string[] {
  return specs.flatMap(({ id, tests }) => {
    const entry = all.find((one) => one.id === id);
    const test = tests.find(({ role }) => role === "requirement");
    return entry && test ? errorsOf(entry, test, trialNeeds) : [];
  });
}

function errorsOf(
  entry: Requirement,
  { uses, trials }: SpecTest,
  trialNeeds: Readonly<Record<string, Action>>,
): string[] {
  const { id, needs, turn } = entry;
  if (uses === undefined) return [`${id}: the fixtures of its test cannot be read`];
  const lacks = (action: Action, what: string) =>
    needs.includes(action) ? [] : [`${id} ${what}: its needs lack "${action}"`];
  const ofFixture = (name: string): string[] => {
    const effect = does[name];
    if (effect === undefined) return [`${id} uses ${name}: who-acts.ts does not say what that does`];
    if (effect === "evidence") return [];
    if (effect === "fault") return [`${id} uses ${name}: that is for controls`];
    if (effect === "looks")
      return acts(entry) || turn ? [] : [`${id} uses ${name}: it needs "turn": "serial"`];
    if (effect === "acts") return acts(entry) ? [] : [`${id} uses ${name}: its needs name no action`];
    if (effect === "trial") return trials.length > 0 ? [] : [`${id} uses ${name}, and names no trial`];
    return lacks(effect, `uses ${name}`);
  };
  const ofTrial = (name: string) => {
    const need = trialNeeds[name];
    return need ? lacks(need, `tries "${name}"`) : [`${id} tries "${name}", which is no shared trial`];
  };
  const acting = uses.some((name) => !["evidence", "looks", undefined].includes(does[name]));
  const idle = acts(entry) && uses.every((name) => does[name] !== undefined) && !acting;
  const extra = needs.filter((need) => need !== "observe").join(", ");
  return [
    ...uses.flatMap(ofFixture),
    ...trials.flatMap(ofTrial),
    ...(idle ? [`${id} is registered with ${extra}, and its test has nothing to act with`] : []),
  ];
}
