// Whether results say something about the target, or only about this machine: its disk is full, its Docker engine has ended.
import { diskTrouble } from "../../fixtures/disk.ts";
import { engineGone, engineTrouble } from "../../fixtures/engine-trouble.ts";
import type { BadInput } from "../../fixtures/errors.ts";
import type { Verdicts } from "../../reports/verdicts.ts";

/**
 * The trouble of this machine that made results what they are; undefined if there was none. An error that was thrown begins
 * with its own words. In the middle of a message they are a target's: its logs may say anything. So the engine itself is asked.
 */
export async function machineTrouble({
  status,
  bugs,
  rows,
}: Pick<Verdicts, "status" | "bugs"> & { readonly rows: readonly Judged[] }): Promise<BadInput | undefined> {
  const notPassed = rows.filter(({ verdict }) => verdict !== "pass");
  if (status === "passed" && bugs.length === 0 && notPassed.length === 0) return undefined;
  for (const said of [...bugs, ...notPassed.map(({ reason }) => reason)]) {
    const [, words] = thrown.exec(said) ?? [];
    const trouble = words && (diskTrouble(words) ?? engineTrouble(words));
    if (trouble) return trouble;
  }
  return await engineGone();
}

type Judged = Pick<Verdicts["rows"][number], "verdict" | "reason">;

/** As Node writes what it throws for a system call, in a result: `Error: connect ENOENT /run/docker.sock`. */
const thrown = /^(?:timed out: )?(?:a bug in the suite: )?Error: ((?:connect )?E[A-Z]+\b.*)/;
