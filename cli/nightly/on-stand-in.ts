// Judges a stand-in of a target: the main job on a tree and the target's deployment, in a process of its own.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CannotTell, problem } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { quoteWord } from "../../fixtures/quote.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import type { Judged } from "../../reports/night/changes.ts";
import { readVerdicts } from "../../reports/verdicts.ts";
import { project, startChild } from "../run/child.ts";

/**
 * Runs `accept` with the tree and the target's deployment, and returns its rows after the plan. `resources` ends it if the
 * night is interrupted. All that it writes is in the folder `stand-in`.
 * @throws CannotTell if it ends without verdicts.
 */
export async function onStandIn(
  { deployment }: Target,
  tree: string,
  folder: string,
  resources: AsyncDisposableStack,
): Promise<readonly Judged[]> {
  const own = join(folder, "stand-in");
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const file = join(own, "deployment.json");
  writeFileSync(file, `${JSON.stringify(deployment, null, 2)}\n`);
  const log = join(own, "accept.log");
  const argv = [join(project, "cli/main.ts"), "accept", "--tree", tree, "--deployment", file];
  const child = startChild(argv, { PHOENIX_OUTPUT: own }, { log });
  resources.defer(child.stop);
  child.closeInput();
  const code = await child.ended;
  if (code !== Exit.pass && code !== Exit.fail && code !== Exit.unknown)
    throw new CannotTell(
      problem(`accept on the stand-in ended with exit code ${code}`, `less ${quoteWord(log)}`),
    );
  return readVerdicts(join(own, "latest/after/verdicts.json")).rows;
}
