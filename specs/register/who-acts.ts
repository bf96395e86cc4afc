// Which tests act on a target: the register is the only source. The Playwright projects, the consent that a spec needs, and
// the fixtures that a spec may use follow from it.
import type { Action } from "../../fixtures/target/inventory.ts";
import type { SpecFile, SpecTest } from "./coverage.ts";
import { type Requirement, register } from "./register.ts";

/** Whether its test changes the target. */
export const acts = ({ needs }: Pick<Requirement, "needs">): boolean =>
  needs.some((need) => need !== "observe");

/** Requirements whose tests run one after the other: they act, or read the live target and must not see others act. */
export const takeTurns = register.filter(
  (entry) => entry.turn !== "last" && (acts(entry) || entry.turn === "serial"),
);

/** Requirements whose tests remove what the others judge, so they run last. */
export const comeLast = register.filter(({ turn }) => turn === "last");

/** Matches the tests of these requirements, not their controls, by the tags after their titles. */
export function testsOf(all: readonly Pick<Requirement, "id">[]): RegExp {
  return new RegExp(`@(${all.map(({ id }) => id).join("|") || "none"})\\b.*@requirement\\b`);
}

/**
 * What using a fixture does: an action by name; `acts`, any action; `reads`, the live target; `evidence`, what was
 * collected; `fault`, only for controls. What a trial context does depends on the trial.
 */
const does: Readonly<Record<string, Action | "acts" | "reads" | "evidence" | "fault" | "trial">> = {
  evidence: "evidence",
  earlier: "evidence",
  earlierRun: "evidence",
  record: "evidence",
  target: "evidence",
  deployment: "evidence",
  run: "evidence",
  once: "evidence",
  parallelTrials: "evidence",
  client: "reads",
  visitor: "reads",
  freshEvidence: "reads",
  hypervisor: "acts",
  api: "sign-in",
  portainer: "sign-in",
  phoenix: "apply",
  trialContext: "trial",
  broken: "fault",
  brokenWhile: "fault",
};

/** Each disagreement between the register and the requirement tests on which test acts, one line each. */
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
    if (effect === undefined) return [`${id} uses ${name}: specs/register/who-acts.ts has no entry for it`];
    if (effect === "evidence") return [];
    if (effect === "fault") return [`${id} uses ${name}, which only controls may use`];
    if (effect === "reads")
      return acts(entry) || turn ? [] : [`${id} uses ${name}: add "turn": "serial" to it in the register`];
    if (effect === "acts") return acts(entry) ? [] : [`${id} uses ${name}: its needs name no action`];
    if (effect === "trial") return trials.length > 0 ? [] : [`${id} uses ${name}, and names no trial`];
    return lacks(effect, `uses ${name}`);
  };
  const ofTrial = (name: string) => {
    const need = trialNeeds[name];
    return need ? lacks(need, `tries "${name}"`) : [`${id} tries "${name}", which is no shared trial`];
  };
  const acting = uses.some((name) => !["evidence", "reads", undefined].includes(does[name]));
  const idle = acts(entry) && uses.every((name) => does[name] !== undefined) && !acting;
  const extra = needs.filter((need) => need !== "observe").join(", ");
  return [
    ...uses.flatMap(ofFixture),
    ...trials.flatMap(ofTrial),
    ...(idle ? [`${id} needs ${extra} in the register, but its test uses no fixture that acts`] : []),
  ];
}
