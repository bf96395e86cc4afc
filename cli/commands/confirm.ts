// `confirm`: keeps an apply that otherwise rolls back automatically.
import { problem, Refused } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { confirm as confirmEntry, readJournal } from "../../provision/journal/journal.ts";
import { mayChange, next, onTarget, type TargetOptions } from "../on-target.ts";

/** Keeps an apply that would undo itself. @throws Refused when none waits for that. */
export async function confirm(options: TargetOptions): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    mayChange(target);
    const entry = (await readJournal(hypervisor)).entries.find(
      ({ confirmation }) => confirmation === "unconfirmed",
    );
    if (!entry || !(await confirmEntry(hypervisor, entry.name)))
      throw new Refused(problem("Nothing waits to be confirmed", next(options, "status")));
    options.print(`Confirmed: entry ${entry.name} stays.\n`);
    return Exit.pass;
  });
}
