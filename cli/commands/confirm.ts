// `confirm`: keeps an apply that otherwise rolls back automatically.
import { problem, Refused } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { confirm as confirmEntry, readJournal } from "../../provision/journal/journal.ts";
import { mayChange, next, onTarget, type TargetOptions } from "../target/on-target.ts";

/** Keeps an apply that otherwise rolls back automatically. @throws Refused if none waits for confirmation. */
export async function confirm(options: TargetOptions): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    mayChange(target);
    const entry = (await readJournal(hypervisor)).entries.find(
      ({ confirmation }) => confirmation === "unconfirmed",
    );
    if (!entry || !(await confirmEntry(hypervisor, entry.name)))
      throw new Refused(problem("No entry waits for confirmation", next(options, "status")));
    options.print(`Confirmed entry ${entry.name}. It will not roll back automatically.\n`);
    return Exit.pass;
  });
}
