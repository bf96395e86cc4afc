// `resume`: finishes an interrupted apply from the journal on the target.
import { counted } from "../../fixtures/counted.ts";
import { deploymentDigest } from "../../fixtures/deployment/digest.ts";
import { problem, Refused } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { jsonText } from "../../fixtures/printable.ts";
import { followAgent } from "../../provision/apply/follow-agent.ts";
import { recordOf, writeRecord } from "../../provision/apply/phoenix-record.ts";
import { readJournal, start, unfinished } from "../../provision/journal/journal.ts";
import {
  agentExit,
  mayChange,
  next,
  onTarget,
  standing,
  type TargetOptions,
  who,
} from "../target/on-target.ts";
import { stopped } from "./apply.ts";

/**
 * Returns `pass` if the remaining changes were made or there were none, `fail` if one failed.
 * @throws Refused for an entry that waits for confirmation, and for one of another deployment.
 */
export async function resume(options: TargetOptions & { readonly record?: string }): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    mayChange(target);
    const entry = unfinished(await readJournal(hypervisor));
    if (entry?.phase === "applied") throw new Refused(problem(standing(entry), next(options, "confirm")));
    if (!entry) {
      options.print(
        options.json ? `${JSON.stringify({ target: target.name, made: [] })}\n` : "Nothing to resume.\n",
      );
      return Exit.pass;
    }
    const { deployment } = entry.meta;
    if (deployment !== undefined && deployment !== deploymentDigest(target.deployment))
      throw new Refused(
        problem(
          `${standing(entry)}; it is of another deployment than the one that the inventory names for ${target.name}`,
          `${next(options, "rollback")}   # undo it, or name its deployment document in the inventory`,
        ),
      );
    options.progress.say(standing(entry));
    const agent = await start(hypervisor, entry.name, who(), ["run"]);
    const ended = await followAgent(hypervisor, agent, entry.meta, options.progress);
    writeRecord(options.record, recordOf(entry.meta, ended.said, ended.outcome));
    const made = ended.said.flatMap((each) =>
      each.event === "made" ? [entry.meta.changes[Number(each.number) - 1]?.says] : [],
    );
    const { failed } = ended;
    if (options.json) options.print(jsonText({ target: target.name, made, ...(failed && { failed }) }));
    else
      options.print(
        `Made ${made.length} of ${counted(entry.changes.length, "change")}; the others were already in place.\n`,
      );
    return ended.code === agentExit.done ? Exit.pass : stopped(ended, options);
  });
}
