// The exit code for the verdicts of a run.
import { Exit } from "../fixtures/exit-codes.ts";
import type { Verdicts } from "./verdicts.ts";

/**
 * `bug` if the suite itself failed in any phase, whatever the rows say: what was not judged has not passed. Otherwise by the
 * last phase: `fail` if a requirement fails, `unknown` if one is unknown or the run did not reach its end, else `pass`.
 * A row that is not judged counts as unknown, unless `mayStayOpen` says that this run need not judge it.
 */
export function exitCodeOf(
  phases: readonly Pick<Verdicts, "rows" | "bugs" | "status">[],
  mayStayOpen: (id: string) => boolean = () => false,
): number {
  const last = phases.at(-1);
  if (!last || phases.some(({ bugs }) => bugs.length > 0)) return Exit.bug;
  if (last.rows.some(({ verdict }) => verdict === "fail")) return Exit.fail;
  const judged = last.rows.some(({ verdict }) => verdict === "pass" || verdict === "waived");
  const complete = last.status === "passed" || last.status === "failed";
  const open = ({ id, verdict }: Verdicts["rows"][number]) =>
    verdict === "unknown" || (verdict === "not judged" && !mayStayOpen(id));
  return !judged || !complete || last.rows.some(open) ? Exit.unknown : Exit.pass;
}
