// `apply`: plans, shows, asks, and makes it so.
import { problem } from "../../fixtures/errors.ts";
import { apply as applyPlan, say } from "../apply.ts";
import { render } from "../diff.ts";
import { lock } from "../journal.ts";
import type { CommandRecord } from "../phoenix-record.ts";
import { changesOf } from "../plan.ts";
import {
  type ChoiceOptions,
  consent,
  mayChange,
  onTarget,
  planFor,
  type TargetOptions,
  who,
  writeRecord,
} from "./target.ts";

export interface ApplyOptions extends TargetOptions, ChoiceOptions {
  /** Does not ask. */
  readonly yes: boolean;
  /** Where the record of what ran on the target goes. */
  readonly record?: string;
}

/** Returns 0 when every change was made, 1 when one failed. @throws Refused without consent of the user and the inventory. */
export async function apply(options: ApplyOptions): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    mayChange(target);
    await using _ = await lock(hypervisor, who());
    const at = new Date().toISOString();
    const planned = await planFor(hypervisor, target, options);
    const changes = changesOf(planned);
    if (!options.json) options.print(render(planned, options.colour));
    if (changes.length > 0 && !options.yes)
      await consent(target.name, `Make these ${changes.length} changes on`);
    const commands: CommandRecord[] = [];
    const steps = planned.steps
      .filter(({ changes: own }) => own.length > 0)
      .map(({ id, kind, plan }) => ({ id, kind, plan }));
    let failed: string | undefined;
    try {
      failed = await applyPlan(hypervisor, planned, options.progress, commands);
    } finally {
      writeRecord(options.record, {
        at,
        literal: options.literal,
        choice: choiceOf(options),
        steps,
        commands,
      });
    }
    if (options.json) {
      const done = changes.map(({ step, change }) => ({ step: step.id, change: say(change) }));
      options.print(
        `${JSON.stringify({ target: target.name, digest: planned.digest, changes: done, ...(failed && { failed }) }, null, 2)}\n`,
      );
    }
    if (failed === undefined) return 0;
    options.progress.say(
      problem(`Stopped: ${failed}`, `npm run phoenix -- rollback --inventory ${options.inventory}`),
    );
    return 1;
  });
}

function choiceOf({ literal, without, only }: ChoiceOptions): string[] {
  const chosen = [...without.map((step) => ["--without", step]), ...only.map((id) => ["--only", id])];
  return [...(literal ? ["--literal"] : []), ...chosen.flat()];
}
