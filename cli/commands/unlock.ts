// `unlock`: ends the process that holds the target's lock.
import { counted } from "../../fixtures/counted.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { breakLock, readJournal } from "../../provision/journal/journal.ts";
import { consent, mayChange, next, onTarget, type TargetOptions } from "../target/on-target.ts";

/** Ends the process that holds the lock. Its entry stays unfinished: resume it or roll it back. */
export async function unlock(
  options: TargetOptions & { readonly yes: boolean; readonly force: boolean },
): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    mayChange(target);
    const { holder } = await readJournal(hypervisor);
    if (holder === undefined) {
      options.print("The target is not locked.\n");
      return Exit.pass;
    }
    options.progress.say(`Locked by ${holder}`);
    if (!options.yes) await consent(target.name, "End this process on", options.progress);
    const count = await breakLock(hypervisor, options.force ? "KILL" : "TERM");
    options.print(
      `Sent ${options.force ? "SIGKILL" : "SIGTERM"} to ${counted(count, "process", "processes")}.\nNext:\n    ${next(options, "status")}\n`,
    );
    return Exit.pass;
  });
}
