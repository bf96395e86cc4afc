// `resume`: finishes an apply that was cut short, with what the journal on the target has of it.
import { problem, Refused } from "../../fixtures/errors.ts";
import { attend } from "../../provision/apply/follow-agent.ts";
import { recordOf, writeRecord } from "../../provision/apply/phoenix-record.ts";
import { readJournal, start, unfinished } from "../../provision/journal/journal.ts";
import { mayChange, next, onTarget, standing, type TargetOptions, who } from "../target/on-target.ts";
import { stopped } from "./apply.ts";

/** Returns 0 when the rest was made (also when there was none), 1 when a change failed. */
export async function resume(options: TargetOptions & { readonly record?: string }): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    mayChange(target);
    const entry = unfinished(await readJournal(hypervisor));
    if (entry?.phase === "applied") throw new Refused(problem(standing(entry), next(options, "confirm")));
    if (!entry) {
      options.print(
        options.json ? `${JSON.stringify({ target: target.name, made: [] })}\n` : "Nothing to resume.\n",
      );
      return 0;
    }
    options.progress.say(standing(entry));
    const agent = await start(hypervisor, entry.name, who(), ["run"]);
    const ended = await attend(hypervisor, agent, entry.meta, options.progress);
    writeRecord(options.record, recordOf(entry.meta, ended.said, ended.outcome));
    const made = ended.said.flatMap((each) =>
      each.event === "made" ? [entry.meta.changes[Number(each.number) - 1]?.says] : [],
    );
    const { failed } = ended;
    if (options.json)
      options.print(`${JSON.stringify({ target: target.name, made, ...(failed && { failed }) }, null, 2)}\n`);
    else options.print(`Made: ${made.length} of ${entry.changes.length} changes, the rest was there.\n`);
    return ended.code === 0 ? 0 : stopped(ended, options);
  });
}
