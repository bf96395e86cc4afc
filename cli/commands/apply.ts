// `apply`: plans, shows the plan, asks, and applies it; or applies a saved plan if the target has not changed since.

import { counted } from "../../fixtures/counted.ts";
import { deploymentDigest } from "../../fixtures/deployment/digest.ts";
import { BadInput, problem, Refused } from "../../fixtures/errors.ts";
import { maskText } from "../../fixtures/evidence/mask-text.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { jsonText } from "../../fixtures/printable.ts";
import { toType } from "../../fixtures/quote.ts";
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
  agentExit,
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
  /** A saved plan. Without it, a plan is made now. */
  readonly file?: string;
  /** Does not ask for confirmation. */
  readonly yes: boolean;
  /** The file for the commands that ran on the target. */
  readonly record?: string;
  /** Seconds after which the target rolls back automatically unless the result was confirmed. */
  readonly confirmWithin?: number;
}

/**
 * Returns `pass` if every change was made, `fail` if one failed or the result was not confirmed, `interrupted` if stopped.
 * @throws Refused without the consent of the user and the inventory, while the target is locked, or if it has changed since
 * the plan was saved.
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
    // Who is asked has to see what is asked about.
    if (!options.json && !(options.quiet && options.yes))
      options.print(maskText(render(plan, options.colour)));
    if (changes.length === 0) return nothingToDo(plan, options);
    if (!options.yes)
      await consent(
        target.name,
        `Make ${changes.length === 1 ? "this change" : `these ${changes.length} changes`} on`,
        options.progress,
      );
    const { confirmWithin = 0 } = options;
    const check = confirmWithin > 0 ? await guard(hypervisor, target) : undefined;
    const how = { does: "apply", who: who(), choice: plan.choice, confirmWithin } as const;
    const applied = await applyPlan(hypervisor, plan, how, options.progress);
    writeRecord(options.record, recordOf(applied.meta, applied.said, applied.outcome));
    if (options.json) print(options, plan, applied);
    if (applied.code === agentExit.done && !options.json)
      options.print(`Applied: ${counted(changes.length, "change")}, entry ${applied.entry}\n`);
    if (applied.code === agentExit.done) return check ? check(applied.entry, options) : Exit.pass;
    return stopped(applied, options);
  });
}

/** Says why the agent stopped early and what to type next. Returns the exit code. */
export function stopped({ code, failed }: Pick<Applied, "code" | "failed">, options: TargetOptions): number {
  const why =
    code === agentExit.stopped ? "Stopped as asked" : `Stopped: ${failed ?? `the agent ended with ${code}`}`;
  options.progress.say(
    `${why}\nNext, one of:\n    ${next(options, "resume")}\n    ${next(options, "rollback")}`,
  );
  return code === agentExit.stopped ? Exit.interrupted : Exit.fail;
}

function nothingToDo({ target, digest, literal, choice }: Plan, options: ApplyOptions): number {
  writeRecord(options.record, {
    at: new Date().toISOString(),
    digest,
    literal,
    choice,
    ...{ steps: [], changes: [], commands: [] },
  });
  if (options.json) options.print(jsonText({ target, digest, changes: [] }));
  else if (options.quiet && options.yes) options.print("Nothing to do.\n");
  return Exit.pass;
}

function print(options: ApplyOptions, plan: Plan, { entry, failed }: Applied): void {
  const changes = changesOf(plan).map(({ step, change }) => ({ step: step.id, change: say(change) }));
  const { target, digest } = plan;
  options.print(jsonText({ target, digest, entry, changes, ...(failed && { failed }) }));
}

/** Reads a saved plan for this target. @throws Refused for another deployment, and with the differences if the target has changed since. */
async function saved(hypervisor: Hypervisor, target: Target, file: string): Promise<Plan> {
  const plan = readPlan(file);
  if (plan.target !== target.name)
    throw new BadInput(
      problem(
        `${file} is a plan for ${plan.target}, not for ${target.name}`,
        toType`--target ${plan.target}`,
      ),
    );
  if (plan.deployment !== deploymentDigest(target.deployment))
    throw new Refused(
      problem(
        `${file} is a plan for another deployment than the one that the inventory names for ${target.name}`,
        toType`npm run phoenix -- plan --out ${file}`,
      ),
    );
  const facts = await readFacts(hypervisor, target);
  const names = drift(plan.fingerprint, fingerprint(facts));
  if (names.length === 0) return plan;
  const what = `The target has changed since ${file} was saved:\n${maskText(changedSince(plan, facts, names))}`;
  throw new Refused(
    problem(what, toType`npm run phoenix -- plan --out ${file}   # and have the new plan approved`),
  );
}
