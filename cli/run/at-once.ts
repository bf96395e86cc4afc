// Work on several targets at once, a bounded number at a time. The trouble of one is never that of another.
import { BadInput, CannotTell, Refused } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { reasonOf } from "../../fixtures/reason.ts";
import type { Trouble } from "../../reports/run/run.ts";

/**
 * Works on each name, at most `atOnce` at a time; the results are in the order of the names. `done` counts those that have
 * ended, for the line that says so.
 */
export async function atMost<T>(
  names: readonly string[],
  atOnce: number,
  work: (name: string, done: () => number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  let begun = 0;
  let ended = 0;
  const next = async (): Promise<void> => {
    for (let at = begun++; at < names.length; at = begun++)
      results[at] = await work(names[at] as string, () => ++ended);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, names.length) }, next));
  return results;
}

/** What an error says of a target: its own exit code and words if it was to be expected, else a bug in the suite. */
export function troubleOf(target: string, error: unknown, began: number): Trouble {
  const expected = error instanceof CannotTell || error instanceof BadInput || error instanceof Refused;
  const said = reasonOf(error);
  return {
    ...{ target, exitCode: expected ? error.exitCode : Exit.bug, ms: Math.round(performance.now() - began) },
    trouble: expected ? said : `This is a bug in the suite: ${said}`,
  };
}
