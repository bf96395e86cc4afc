// Judges several targets at once, a bounded number at a time.
import type { Progress } from "../../fixtures/progress.ts";
import type { RunTarget, Trouble } from "../../reports/run/run.ts";
import { countsOrTrouble } from "../../reports/run/targets.ts";
import { atMost, troubleOf } from "../run/at-once.ts";

/** Runs `work` for each name, at most `atOnce` at a time, and says one line for each that ends. */
export function verifyMany(
  names: readonly string[],
  atOnce: number,
  work: (name: string) => Promise<RunTarget>,
  progress: Progress,
): Promise<(RunTarget | Trouble)[]> {
  return atMost(names, atOnce, async (name, done) => {
    const began = performance.now();
    const result = await work(name).catch((error: unknown) => troubleOf(name, error, began));
    progress.note(`  [${done()}/${names.length}] ${name}: ${countsOrTrouble(result)}`);
    return result;
  });
}
