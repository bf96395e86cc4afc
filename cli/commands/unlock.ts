// `unlock`: ends the process that holds the target's lock.
import { Exit } from "../../fixtures/exit-codes.ts";
import { breakLock, readJournal } from "../../provision/journal/journal.ts";
import { consent, mayChange, next, onTarget, type TargetOptions } from "../on-target.ts";

/** Ends whoever holds the lock. What they were at stays unfinished: to be resumed or rolled back. */
export async function unlock(
  options: TargetOptions & { readonly yes: boolean; readonly force: boolean },
): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    mayChange(target);
    const { holder } = await readJournal(hypervisor);
    if (holder === undefined) {
      options.print("Nobody works on the target: it is not locked.\n");
      return Exit.pass;
    }
    options.progress.say(`At work now: ${holder}`);
    if (!options.yes) await consent(target.name, "End their work on");
    const count = await breakLock(hypervisor, options.force ? "KILL" : "TERM");
    options.print(`Told ${count} processes to end.\nNext:\n    ${next(options, "status")}\n`);
    return Exit.pass;
  });
}
