// The stand-in hypervisor of a run, and a folder for its keys. Both are removed at the end.
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { type StandIn, startStandIn } from "../../fixtures/standin/standin.ts";
import type { Tree } from "../../fixtures/standin/tree.ts";
import type { Ready } from "./ready.ts";

/** What a stand-in is made for, and the name of its folder. */
export interface StandInChoice {
  readonly tree: Tree;
  readonly deployment: Deployment;
  readonly name: string;
}

/** Starts a stand-in. `resources` removes it, also if they are disposed of while it is still starting. */
export async function standInOn(
  resources: AsyncDisposableStack,
  { cache, engine, image }: Ready,
  { tree, deployment, name }: StandInChoice,
  progress: Progress,
): Promise<StandIn> {
  const home = privateFolder(join(cache, "runs"), name);
  resources.defer(async () => rmSync(home, { recursive: true, force: true }));
  return progress.step("starting the stand-in hypervisor", async () => {
    const starting = startStandIn({ host: engine.host, image, tree, deployment, home });
    resources.defer(async () => (await starting.catch(() => undefined))?.stop());
    return starting;
  });
}
