// The exit code that a run's verdicts come to: see the README's table.
import type { Verdicts } from "./verdicts.ts";

/**
 * 70 when the suite itself failed in any phase, whatever the rows say: what was not looked at is no pass. Else by the last
 * phase: 1 when a requirement fails, 2 when one could not be told or the run did not get to its end, 0 otherwise.
 */
export function exitCodeOf(phases: readonly Pick<Verdicts, "rows" | "bugs" | "status">[]): number {
  const last = phases.at(-1);
  if (!last || phases.some(({ bugs }) => bugs.length > 0)) return 70;
  if (last.rows.some(({ verdict }) => verdict === "fail")) return 1;
  const looked = last.rows.some(({ verdict }) => verdict === "pass" || verdict === "waived");
  const whole = last.status === "passed" || last.status === "failed";
  return !looked || !whole || last.rows.some(({ verdict }) => verdict === "unknown") ? 2 : 0;
}
