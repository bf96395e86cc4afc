// Undoes what the journal on the target says, backwards; what was made meanwhile by others stays, and is named.
import type { Progress } from "../fixtures/progress.ts";
import type { Hypervisor } from "../fixtures/target/hypervisor.ts";
import { type Entry, entries, finish, restore } from "./journal.ts";
import type { RunCommand } from "./plan.ts";

export interface RolledBack {
  /** Steps that were undone, last first. */
  readonly undone: readonly string[];
  /** What stays on the target because somebody else put it there. */
  readonly left: readonly string[];
  readonly failed?: string;
}

/**
 * Undoes every entry of the journal, then has Phoenix bring the guests to what the tree says again.
 * Stops at the first entry that can't be undone; a later rollback goes on from there.
 */
export async function rollback(hypervisor: Hypervisor, progress: Progress): Promise<RolledBack> {
  const all = await entries(hypervisor);
  const undone: string[] = [];
  const left: string[] = [];
  const settling = all.filter(({ change }) => change.does === "run" && change.settles === true);
  for (const [index, entry] of all.toReversed().entries()) {
    // A command that settles is undone at the end, by running it once more on the files as they were.
    if (settling.includes(entry)) continue;
    const name = `[${index + 1}/${all.length}] undo ${entry.step}`;
    const failed = await progress.step(name, () => undo(hypervisor, entry, left));
    if (failed !== undefined) return { undone, left, failed: `${entry.step}: ${failed}` };
    await finish(hypervisor, entry.number);
    undone.push(entry.step);
  }
  // Several applies may have run the same command: once is enough, and the oldest entry has the files as they were.
  const commands = new Map(
    settling.map(({ change }) => [String(change.title), change as unknown as RunCommand]),
  );
  for (const { title, script, args } of commands.values()) {
    const ran = await progress.step(`${title} with the tree as it was`, () =>
      hypervisor.script(script, args, { timeoutMs: 900_000 }),
    );
    if (ran.code !== 0)
      return { undone, left, failed: `${title}: exit code ${ran.code}: ${ran.out.trim().slice(-300)}` };
  }
  for (const entry of settling.toReversed()) {
    const restored = await restore(hypervisor, entry.number);
    if (restored.code !== 0) return { undone, left, failed: `${entry.step}: ${restored.err.trim()}` };
    await finish(hypervisor, entry.number);
    undone.push(entry.step);
  }
  return { undone, left };
}

async function undo(
  hypervisor: Hypervisor,
  { number, change }: Entry,
  left: string[],
): Promise<string | undefined> {
  if (change.does === "make-directory") {
    const path = String(change.path);
    const ran = await hypervisor.script(
      'if rmdir -- "$1" 2>/dev/null || [ ! -e "$1" ]; then exit 0; fi; ls -A "$1"',
      [path],
    );
    if (ran.out.trim()) left.push(`${path}/ (${ran.out.trim().split("\n").join(", ")})`);
    return undefined;
  }
  if (change.does === "run") {
    const { undo: back } = change as unknown as RunCommand;
    if (back) {
      const ran = await hypervisor.script(back.script, back.args, { timeoutMs: 330_000 });
      if (ran.code !== 0) return `exit code ${ran.code}: ${(ran.err || ran.out).trim().slice(-300)}`;
    }
  }
  const restored = await restore(hypervisor, number);
  return restored.code === 0 ? undefined : restored.err.trim();
}
