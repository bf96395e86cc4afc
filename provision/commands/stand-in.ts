// `stand-in`: a hypervisor in a box to try things on, for as long as the command runs.
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../../fixtures/progress.ts";
import { makeReady, type Surroundings } from "../../fixtures/setup/ready.ts";
import { startStandIn } from "../../fixtures/standin/standin.ts";
import { readTree } from "../../fixtures/standin/tree.ts";

export interface StandInOptions {
  /** `PATH[@REF]`; without it, our sample tree. */
  readonly tree?: string;
  readonly surroundings: Surroundings;
}

/** Starts a stand-in, prints its inventory file, and takes it away at Ctrl-C. */
export async function standIn(
  { tree, surroundings }: StandInOptions,
  progress: Progress,
  print: (text: string) => void,
): Promise<number> {
  const chosen = readTree(tree);
  await using ready = await makeReady(surroundings, progress);
  const home = join(ready.cache, "runs", `stand-in-${process.pid}`);
  await using resources = new AsyncDisposableStack();
  resources.defer(async () => rmSync(home, { recursive: true, force: true }));
  const { inventoryFile } = resources.use(
    await progress.step("starting the stand-in hypervisor", () =>
      startStandIn({ host: ready.engine.host, image: ready.image, tree: chosen, home }),
    ),
  );
  print(`${inventoryFile}\n`);
  progress.say(
    `Next, in another terminal:\n    npm run phoenix -- plan --inventory ${inventoryFile}\nCtrl-C takes it away.`,
  );
  const alive = setInterval(() => {}, 60_000);
  await new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
  clearInterval(alive);
  return 0;
}
