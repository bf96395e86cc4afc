// `apply`: plans, shows, asks, and makes it so; or runs a saved plan on a target that is what that plan saw.
import { BadInput, problem, Refused } from "../../fixtures/errors.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { type Applied, apply as applyPlan } from "../../provision/apply/apply.ts";
import { recordOf, writeRecord } from "../../provision/apply/phoenix-record.ts";
import { changedSince, render } from "../../provision/diff.ts";
import { readFacts } from "../../provision/facts.ts";
import { drift, fingerprint } from "../../provision/fingerprint.ts";
import { changesOf, type Plan, say } from "../../provision/plan.ts";
import { readPlan } from "../../provision/saved-plan.ts";
import { guard } from "../target/guard.ts";
import {
  type ChoiceOptions,
  consent,
  mayChange,
  next,
  onTarget,
  planFor,
  readyJournal,
  type TargetOptions,
  who,
} from "../target/on-target.ts";

export interface ApplyOptions extends TargetOptions, ChoiceOptions {
  /** A saved plan; without one, a plan is made. */
  readonly file?: string;
  /** Does not ask. */
  readonly yes: boolean;
  /** Where the record of what ran on the target goes. */
  readonly record?: string;
  /** Seconds in which the result has to be confirmed, else the target undoes it by itself. */
  readonly confirmWithin?: number;
}

/**
 * Returns 0 when every change was made, 1 when one failed or the result was not confirmed, 130 when it was stopped.
 * @throws Refused without consent of the user and the inventory, while somebody works there, or when the target moved.
 */
export async function apply(options: ApplyOptions): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    mayChange(target);
    await readyJournal(hypervisor, options);
    const plan =
      options.file === undefined
        ? await planFor(hypervisor, target, options)
        : await saved(hypervisor, target, options.file);
    const changes = changesOf(plan);
    if (!options.json) options.print(render(plan, options.colour));
    if (changes.length === 0) return nothingToDo(plan, options);
    if (!options.yes) await consent(target.name, `Make these ${changes.length} changes on`);
    const { confirmWithin = 0 } = options;
    const check = confirmWithin > 0 ? await guard(hypervisor, target) : undefined;
    const how = { does: "apply", who: who(), choice: plan.choice, confirmWithin } as const;
    const applied = await applyPlan(hypervisor, plan, how, options.progress);
    writeRecord(options.record, recordOf(applied.meta, applied.said, applied.outcome));
    if (options.json) print(options, plan, applied);
    if (applied.code === 0) return check ? check(applied.entry, options) : 0;
    return stopped(applied, options);
  });
}

/** Says why an agent's work ended early and what to type next. Returns the exit code. */
export function stopped({ code, failed }: Pick<Applied, "code" | "failed">, options: TargetOptions): number {
  const why = code === 75 ? "Stopped as asked" : `Stopped: ${failed ?? `the agent ended with ${code}`}`;
  options.progress.say(
    `${why}\nNext, one of:\n    ${next(options, "resume")}\n    ${next(options, "rollback")}`,
  );
  return code === 75 ? 130 : 1;
}

function nothingToDo({ target, digest, literal, choice }: Plan, options: ApplyOptions): number {
  writeRecord(options.record, { at: new Date().toISOString(), literal, choice, steps: [], commands: [] });
  if (options.json) options.print(`${JSON.stringify({ target, digest, changes: [] }, null, 2)}\n`);
  return 0;
}

function print(options: ApplyOptions, plan: Plan, { entry, failed }: Applied): void {
  const changes = changesOf(plan).map(({ step, change }) => ({ step: step.id, change: say(change) }));
  const { target, digest } = plan;
  options.print(
    `${JSON.stringify({ target, digest, entry, changes, ...(failed && { failed }) }, null, 2)}\n`,
  );
}

/** A saved plan, for this target as it is now. @throws Refused with what moved since. */
async function saved(hypervisor: Hypervisor, target: Target, file: string): Promise<Plan> {
  const plan = readPlan(file);
  if (plan.target !== target.name)
    throw new BadInput(
      problem(`${file} is a plan for ${plan.target}, not for ${target.name}`, `--target ${plan.target}`),
    );
  const facts = await readFacts(hypervisor, target.tree);
  const names = drift(plan.fingerprint, fingerprint(facts));
  if (names.length === 0) return plan;
  const what = `The target is not what ${file} saw:\n${changedSince(plan, facts, names)}`;
  throw new Refused(problem(what, `npm run phoenix -- plan --out ${file}   # and have it approved anew`));
}
