// `stand-in`: starts a stand-in hypervisor to try things on, and removes it when the command ends.
import { Exit } from "../../fixtures/exit-codes.ts";
import { interruptible } from "../../fixtures/interruptible.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import { standInDeployment } from "../run/deployment.ts";
import { type HostEnvironment, makeReady } from "../run/ready.ts";
import { standInOn } from "../run/stand-in.ts";

export interface StandInOptions {
  /** `PATH[@REF]`; without it, our sample tree. */
  readonly tree?: string;
  /** `--deployment FILE`; without it, the approved plan's own. */
  readonly deployment?: string;
  readonly hostEnvironment: HostEnvironment;
}

/** Starts a stand-in, prints the path of its inventory file, and removes it on Ctrl-C. */
export async function standIn(
  { tree, deployment: file, hostEnvironment }: StandInOptions,
  progress: Progress,
  print: (text: string) => void,
): Promise<number> {
  const deployment = standInDeployment(file, hostEnvironment.vm);
  const chosen = readTree(tree, deployment);
  const ended = await interruptible(async (resources) => {
    const ready = await makeReady(hostEnvironment, progress, resources);
    const name = `stand-in-${process.pid}`;
    const choice = { tree: chosen, deployment, name };
    const { inventoryFile } = await standInOn(resources, ready, choice, progress);
    print(`${inventoryFile}\n`);
    progress.say(
      `Next, in another terminal:\n    npm run phoenix -- plan --inventory ${inventoryFile}\nPress Ctrl-C to remove the stand-in.`,
    );
    const alive = setInterval(() => {}, 60_000);
    resources.defer(async () => clearInterval(alive));
    return new Promise<never>(() => {});
  });
  // Ctrl-C is the normal end of this command.
  return ended === Exit.interrupted ? Exit.pass : ended;
}
