// Where runs are written.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { BadInput, problem } from "../../fixtures/errors.ts";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { project } from "./child.ts";

/** The folder that holds one folder for each run, and `latest`, a link to the newest run of `accept`. */
export const outputFolder = ({ output }: Pick<HostEnvironment, "output">): string =>
  output ?? join(project, "reports", "out");

/**
 * Makes the folder of a run that needs no stand-in: its start and its command are its name.
 * @throws BadInput if it can't be made.
 */
export function newRunFolder(
  hostEnvironment: Pick<HostEnvironment, "output">,
  command: string,
  startedAt: Date,
): string {
  const all = outputFolder(hostEnvironment);
  const name = `${startedAt.toISOString().replace(/[:.]/g, "-")}-${command}`;
  try {
    mkdirSync(all, { recursive: true });
    for (let count = 1; ; count++) {
      const folder = join(all, count === 1 ? name : `${name}-${count}`);
      try {
        mkdirSync(folder);
        return folder;
      } catch (error) {
        // Another run started in the same millisecond.
        if ((error as NodeJS.ErrnoException).code !== "EEXIST" || count === 1_000) throw error;
      }
    }
  } catch (error) {
    const what = `The run was not kept: ${(error as Error).message}`;
    throw new BadInput(problem(what, "PHOENIX_OUTPUT=FOLDER, a folder that you may write to"));
  }
}
