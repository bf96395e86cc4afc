// The ground of a run: a stand-in hypervisor with a tree, and a folder for its keys, both given back at the end.
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../../fixtures/progress.ts";
import { type StandIn, startStandIn } from "../../fixtures/standin/standin.ts";
import type { Tree } from "../../fixtures/standin/tree.ts";
import type { Ready } from "./ready.ts";

/** Starts a stand-in that `resources` takes away again, also when they are disposed of while it still starts. */
export async function standInOn(
  resources: AsyncDisposableStack,
  { cache, engine, image }: Ready,
  { tree, name }: { readonly tree: Tree; readonly name: string },
  progress: Progress,
): Promise<StandIn> {
  const home = join(cache, "runs", name);
  resources.defer(async () => rmSync(home, { recursive: true, force: true }));
  return progress.step("starting the stand-in hypervisor", async () => {
    const starting = startStandIn({ host: engine.host, image, tree, home });
    resources.defer(async () => (await starting.catch(() => undefined))?.stop());
    return starting;
  });
}
