// `rollback`: undoes the last apply, or all of them, from the journal on the target.
import { CannotTell, problem, Refused } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { jsonText } from "../../fixtures/printable.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import { followAgent } from "../../provision/apply/follow-agent.ts";
import { type Entry, readJournal, start, unfinished } from "../../provision/journal/journal.ts";
import {
  agentExit,
  consent,
  mayChange,
  next,
  onTarget,
  standing,
  type TargetOptions,
  who,
} from "../target/on-target.ts";
import { stopped } from "./apply.ts";

export interface RollbackOptions extends TargetOptions {
  /** Does not ask for confirmation. */
  readonly yes: boolean;
  /** Undoes every apply, latest first. */
  readonly all: boolean;
  /** Also undoes files that were edited since; the edited version is kept in the journal entry. */
  readonly overwrite: boolean;
}

/** Returns `pass` if everything was undone or there was nothing to undo, `fail` if a change could not be undone. */
export async function rollback(options: RollbackOptions): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    mayChange(target);
    const journal = await readJournal(hypervisor);
    const pending = unfinished(journal);
    const applied = journal.entries
      .filter(({ meta, phase }) => meta.does === "apply" && phase === "applied")
      .toReversed();
    const last = pending ?? applied[0];
    const chosen = options.all
      ? [...new Set([...(pending ? [pending] : []), ...applied])]
      : last
        ? [last]
        : [];
    for (const entry of chosen) options.progress.say(standing(entry));
    if (chosen.length > 0 && !options.yes) await consent(target.name, "Undo this on", options.progress);
    const undone: string[] = [];
    const left: string[] = [];
    let code: number = agentExit.done;
    let failed: string | undefined;
    for (const entry of chosen) {
      const ended = await undo(hypervisor, entry, options);
      undone.push(...ended.undone);
      left.push(...ended.left);
      ({ code, failed } = ended);
      if (code !== agentExit.done) break;
    }
    const answer = { target: target.name, undone, left, ...(failed && { failed }) };
    options.print(options.json ? jsonText(answer) : page(undone, left));
    return code === agentExit.done ? Exit.pass : stopped({ code, ...(failed && { failed }) }, options);
  });
}

async function undo(hypervisor: Hypervisor, { name, meta }: Entry, options: RollbackOptions) {
  const agent = await start(hypervisor, name, who(), ["undo", options.overwrite ? "overwrite" : "keep"]);
  const { code, said, failed } = await followAgent(hypervisor, agent, meta, options.progress);
  const texts = (event: "left" | "foreign") =>
    said.flatMap((each) => (each.event === event ? [each.text] : []));
  if (code === agentExit.filesEdited) {
    const what = `These files were edited since the apply, so nothing was undone:\n${texts("foreign")
      .map((path) => `  ${path}`)
      .join("\n")}`;
    throw new Refused(
      problem(what, `${next(options, "rollback --overwrite")}   # the edited version is kept in the journal`),
    );
  }
  const undone = said.flatMap((each) =>
    each.event === "undone" ? [meta.changes[Number(each.number) - 1]?.step] : [],
  );
  if (undone.includes(undefined)) throw new CannotTell(`entry ${name} undid a change that it does not have`);
  return { code, failed, undone: undone.filter((step) => step !== undefined), left: texts("left") };
}

function page(undone: readonly string[], left: readonly string[]): string {
  const head = undone.length === 0 ? "Nothing to undo." : `Undone: ${undone.join(", ")}`;
  return `${[head, ...left.map((path) => `Left in place: ${path}`)].join("\n")}\n`;
}
