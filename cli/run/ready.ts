// Makes this machine ready for a run: an engine, the stand-in's image, a browser. Each is looked for before it is installed.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkSpace } from "../../fixtures/disk.ts";
import { removeAbandoned } from "../../fixtures/private-folder.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { type Browser, ensureBrowser } from "../../fixtures/setup/chromium.ts";
import { type Engine, engineIn } from "../../fixtures/setup/engine.ts";
import { cacheFolder, type HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { ensureImage } from "../../fixtures/standin/images.ts";
import { ensureMachineImage } from "../../fixtures/standin/machine-image.ts";
import { removeLeftovers } from "../../fixtures/standin/standin.ts";
import { outputFolder } from "./output.ts";

export type { HostEnvironment };

export interface Ready {
  readonly engine: Engine;
  /** The name of the stand-in hypervisor's image. */
  readonly image: string;
  readonly browser: Browser;
  /** The folder where runs are written. */
  readonly output: string;
  /** The folder for the keys and passwords of a run. Never part of a report. */
  readonly cache: string;
}

/**
 * Makes the machine ready. With nothing missing this takes well under a second. `resources` ends what it starts, also if they
 * are disposed of meanwhile.
 * @throws BadInput with what is missing and the exact command that installs it.
 */
export async function makeReady(
  hostEnvironment: HostEnvironment,
  progress: Progress,
  resources: AsyncDisposableStack,
): Promise<Ready> {
  const { path, dockerHost, dockerTls, keepEngine: keep, vm } = hostEnvironment;
  const cache = cacheFolder(hostEnvironment);
  const output = outputFolder(hostEnvironment);
  for (const folder of [cache, output, tmpdir()]) checkSpace(folder);
  const runs = removeAbandoned(join(cache, "runs"));
  if (runs > 0) progress.note(`  removed the private folders of ${runs} run(s) that were killed`);
  const browser = await ensureBrowser(progress, path);
  const engine = await engineIn(resources, { dockerHost, dockerTls, path, cache, keep, progress });
  const { removed, unknown } = await removeLeftovers(engine.docker);
  if (removed > 0) progress.note(`  removed ${removed} stand-in(s) that an earlier run left behind`);
  if (unknown > 0)
    progress.note(`  ${unknown} stand-in(s) of other machines or containers are on this engine`);
  const making = { docker: engine.docker, progress, path };
  const hypervisor = await ensureImage(making);
  const image = vm === "qemu" ? await ensureMachineImage(making, hypervisor) : hypervisor;
  return { engine, image, browser, cache, output };
}
