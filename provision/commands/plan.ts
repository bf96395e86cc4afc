// `plan`: shows what an apply would do, and changes nothing.
import { render } from "../diff.ts";
import { type ChoiceOptions, onTarget, planFor, type TargetOptions } from "./target.ts";

/** Prints the plan; returns exit code 0, also when there is nothing to do. */
export async function plan(options: TargetOptions & ChoiceOptions): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    const planned = await planFor(hypervisor, target, options);
    options.print(options.json ? `${JSON.stringify(planned, null, 2)}\n` : render(planned, options.colour));
    return 0;
  });
}
