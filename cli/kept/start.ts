// Starts the stand-in of a keeper, with a tree, and runs the tree's own commands on it.
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { startStandIn } from "../../fixtures/standin/standin.ts";
import type { Tree } from "../../fixtures/standin/tree.ts";
import { type HostEnvironment, makeReady } from "../run/ready.ts";
import { files } from "./folder.ts";
import type { KeeperOptions } from "./keeper.ts";
import { States } from "./prepare.ts";

/** Starts a stand-in, with its keys and run folder below this folder. @throws what starting a stand-in throws. */
export function standInIn(
  folder: string,
  { tree, deployment }: { readonly tree: Tree; readonly deployment: Deployment },
  hostEnvironment: HostEnvironment,
): KeeperOptions["start"] {
  return async (resources, progress) => {
    const { home, run } = files(folder);
    const { engine, image, browser } = await makeReady(hostEnvironment, progress, resources);
    const standIn = await progress.step("starting the stand-in hypervisor", () => {
      const starting = startStandIn({ host: engine.host, image, tree, deployment, home });
      // Registered before it has started, so that it is removed also if the keeper is stopped meanwhile.
      resources.defer(async () => (await starting.catch(() => undefined))?.stop());
      return starting;
    });
    const states = new States(run, standIn);
    await states.first(progress);
    return { states, browser };
  };
}
