// `plan`: shows what an apply would do. Changes nothing.
import { maskText, maskTexts } from "../../fixtures/evidence/mask-text.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { jsonText } from "../../fixtures/printable.ts";
import { render } from "../../provision/diff.ts";
import { readJournal, unfinished } from "../../provision/journal/journal.ts";
import type { Plan } from "../../provision/plan.ts";
import { savePlan } from "../../provision/saved-plan.ts";
import {
  type ChoiceOptions,
  choices,
  next,
  onTarget,
  planFor,
  standing,
  type TargetOptions,
} from "../target/on-target.ts";

export interface PlanCommandOptions extends TargetOptions, ChoiceOptions {
  /** Where the plan is saved. */
  readonly out?: string;
}

/**
 * The plan as it is printed: without secrets, which the files that it edits may hold. Only the file of `--out` has them, since
 * an apply writes what it holds; an apply refuses what is printed as JSON where a secret was masked.
 */
export const shown = (
  planned: Plan,
  { json, colour }: Pick<PlanCommandOptions, "json" | "colour">,
): string => (json ? jsonText(maskTexts(planned)) : maskText(render(planned, colour)));

/** Prints the plan and saves it if asked. Returns `pass`, also if there is nothing to do. */
export async function plan(options: PlanCommandOptions): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    const entry = unfinished(await readJournal(hypervisor));
    if (entry) options.progress.say(`Note: ${standing(entry)}\n${choices(entry, options)}`);
    const planned = await planFor(hypervisor, target, options);
    options.print(shown(planned, options));
    if (options.out === undefined) return Exit.pass;
    savePlan(options.out, planned);
    options.progress.say(
      `Saved ${options.out} (digest ${planned.digest})\nNext:\n    ${next(options, `apply ${options.out}`)}`,
    );
    return Exit.pass;
  });
}
