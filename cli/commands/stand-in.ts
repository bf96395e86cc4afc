// `stand-in`: a hypervisor in a box to try things on, for as long as the command runs.
import type { Progress } from "../../fixtures/progress.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import { interruptible } from "../run/interruptible.ts";
import { type HostEnvironment, makeReady } from "../run/ready.ts";
import { standInOn } from "../run/stand-in.ts";

export interface StandInOptions {
  /** `PATH[@REF]`; without it, our sample tree. */
  readonly tree?: string;
  readonly hostEnvironment: HostEnvironment;
}

/** Starts a stand-in, prints its inventory file, and takes it away at Ctrl-C. */
export async function standIn(
  { tree, hostEnvironment }: StandInOptions,
  progress: Progress,
  print: (text: string) => void,
): Promise<number> {
  const chosen = readTree(tree);
  const ended = await interruptible(async (resources) => {
    const ready = resources.use(await makeReady(hostEnvironment, progress));
    const name = `stand-in-${process.pid}`;
    const { inventoryFile } = await standInOn(resources, ready, { tree: chosen, name }, progress);
    print(`${inventoryFile}\n`);
    progress.say(
      `Next, in another terminal:\n    npm run phoenix -- plan --inventory ${inventoryFile}\nCtrl-C takes it away.`,
    );
    const alive = setInterval(() => {}, 60_000);
    resources.defer(async () => clearInterval(alive));
    return new Promise<never>(() => {});
  });
  // Ctrl-C is how this command ends.
  return ended === 130 ? 0 : ended;
}
