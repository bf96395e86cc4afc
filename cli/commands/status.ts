// `status`, `confirm` and `unlock`: what the journal on the target says, and the two small things to do about it.
import { problem, Refused } from "../../fixtures/errors.ts";
import {
  breakLock,
  confirm as confirmEntry,
  readJournal,
  unfinished,
} from "../../provision/journal/journal.ts";
import {
  choices,
  consent,
  mayChange,
  next,
  onTarget,
  standing,
  type TargetOptions,
} from "../target/on-target.ts";

/** Prints every entry and what to type next. Returns 0 when nothing is left to do or decide, 1 when something is. */
export async function status(options: TargetOptions): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    const journal = await readJournal(hypervisor);
    const entry = unfinished(journal);
    if (options.json) {
      options.print(
        `${JSON.stringify({ target: target.name, ...journal, unfinished: entry?.name }, null, 2)}\n`,
      );
      return entry ? 1 : 0;
    }
    const lines = journal.entries.map(standing);
    const working = journal.holder === undefined ? [] : [`At work now: ${journal.holder}`];
    const todo = entry && journal.holder === undefined ? [choices(entry, options)] : [];
    const last = journal.entries.findLast(({ phase, meta }) => phase === "applied" && meta.does === "apply");
    const way =
      entry || !last ? [] : [`Next:\n    ${next(options, "rollback")}   # undoes entry ${last.name}`];
    options.print(
      `${[...(lines.length > 0 ? lines : ["Nothing was ever applied."]), ...working, ...todo, ...way].join("\n")}\n`,
    );
    return entry ? 1 : 0;
  });
}

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
    return 0;
  });
}

/** Ends whoever holds the lock. What they were at stays unfinished: to be resumed or rolled back. */
export async function unlock(
  options: TargetOptions & { readonly yes: boolean; readonly force: boolean },
): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    mayChange(target);
    const { holder } = await readJournal(hypervisor);
    if (holder === undefined) {
      options.print("Nobody works on the target: it is not locked.\n");
      return 0;
    }
    options.progress.say(`At work now: ${holder}`);
    if (!options.yes) await consent(target.name, "End their work on");
    const count = await breakLock(hypervisor, options.force ? "KILL" : "TERM");
    options.print(`Told ${count} processes to end.\nNext:\n    ${next(options, "status")}\n`);
    return 0;
  });
}
