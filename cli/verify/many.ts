// Judges several targets at once, a bounded number at a time. The trouble of one is never that of another.
import { BadInput, CannotTell, Refused } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import type { Progress } from "../../fixtures/progress.ts";
import type { RunTarget, Trouble } from "../../reports/run/run.ts";
import { countsOrTrouble } from "../../reports/run/targets.ts";

/** Runs `work` for each name, at most `atOnce` at a time, and says one line for each that ends. */
export async function verifyMany(
  names: readonly string[],
  atOnce: number,
  work: (name: string) => Promise<RunTarget>,
  progress: Progress,
): Promise<(RunTarget | Trouble)[]> {
  const done = new Map<string, RunTarget | Trouble>();
  const left = [...names];
  const next = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const result = await resultOf(name, work);
      done.set(name, result);
      progress.note(`  [${done.size}/${names.length}] ${name}: ${countsOrTrouble(result)}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, names.length) }, next));
  return names.map((name) => done.get(name)).filter((one) => one !== undefined);
}

/** The result of one target; an error becomes its trouble, with its own exit code. */
async function resultOf(
  name: string,
  work: (name: string) => Promise<RunTarget>,
): Promise<RunTarget | Trouble> {
  const began = performance.now();
  try {
    return await work(name);
  } catch (error) {
    const expected = error instanceof CannotTell || error instanceof BadInput || error instanceof Refused;
    const said = error instanceof Error ? error.message : String(error);
    return {
      target: name,
      exitCode: expected ? error.exitCode : Exit.bug,
      ms: Math.round(performance.now() - began),
      trouble: expected ? said : `This is a bug in the suite: ${said}`,
    };
  }
}
