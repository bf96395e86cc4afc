// `rollback`: undoes what the journal on the target says.
import { problem } from "../../fixtures/errors.ts";
import { lock } from "../journal.ts";
import { rollback as undoAll } from "../rollback.ts";
import { consent, mayChange, onTarget, type TargetOptions, who } from "./target.ts";

/** Returns 0 when everything was undone (also when there was nothing to undo), 1 when something could not be. */
export async function rollback(options: TargetOptions & { readonly yes: boolean }): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    mayChange(target);
    if (!options.yes) await consent(target.name, "Undo everything that was applied to");
    await using _ = await lock(hypervisor, who());
    const { undone, left, failed } = await undoAll(hypervisor, options.progress);
    if (options.json)
      options.print(
        `${JSON.stringify({ target: target.name, undone, left, ...(failed && { failed }) }, null, 2)}\n`,
      );
    else {
      options.print(undone.length === 0 ? "Nothing to undo.\n" : `Undone: ${undone.join(", ")}\n`);
      for (const path of left) options.print(`Left, since others made it: ${path}\n`);
    }
    if (failed === undefined) return 0;
    options.progress.say(
      problem(`Stopped: ${failed}`, `npm run phoenix -- rollback --inventory ${options.inventory}`),
    );
    return 1;
  });
}
