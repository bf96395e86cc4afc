// `status`: shows the target's journal, its lock, and what to type next.
import { Exit } from "../../fixtures/exit-codes.ts";
import { jsonText } from "../../fixtures/printable.ts";
import { readJournal, unfinished } from "../../provision/journal/journal.ts";
import { choices, next, onTarget, standing, type TargetOptions } from "../target/on-target.ts";

/** Prints every entry and what to type next. Returns `fail` while an entry is unfinished or unconfirmed. */
export async function status(options: TargetOptions): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    const journal = await readJournal(hypervisor);
    const entry = unfinished(journal);
    if (options.json) {
      options.print(jsonText({ target: target.name, ...journal, unfinished: entry?.name }));
      return entry ? Exit.fail : Exit.pass;
    }
    const lines = journal.entries.map(standing);
    const working = journal.holder === undefined ? [] : [`Locked by ${journal.holder}`];
    const todo = entry && journal.holder === undefined ? [choices(entry, options)] : [];
    const last = journal.entries.findLast(({ phase, meta }) => phase === "applied" && meta.does === "apply");
    const way = entry || !last ? [] : [`Next:\n    ${next(options, "rollback")}   # undo entry ${last.name}`];
    options.print(
      `${[...(lines.length > 0 ? lines : ["Nothing has been applied yet."]), ...working, ...todo, ...way].join("\n")}\n`,
    );
    return entry ? Exit.fail : Exit.pass;
  });
}
