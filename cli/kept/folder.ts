// The folder of a kept stand-in, and the digests of what it was made from.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { cacheFolder, type HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import type { Tree } from "../../fixtures/standin/tree.ts";
import { project } from "../run/child.ts";

/** The folder of all kept stand-ins: private, in the cache. */
export const keptFolders = (hostEnvironment: HostEnvironment) => join(cacheFolder(hostEnvironment), "kept");

/** The tree and deployment of a kept stand-in, as given on the command line. */
export interface Choice {
  /** `PATH[@REF]`; without it, our sample tree. */
  readonly tree?: string;
  /** A deployment document; without it, the approved plan's own. */
  readonly deployment?: string;
}

/** The folder of this checkout's stand-in for a choice. Its name is short because a socket's path is limited. */
export function keptFolder(hostEnvironment: HostEnvironment, { tree, deployment }: Choice): string {
  const name = createHash("sha256")
    .update(`${project}\0${tree ?? ""}\0${deployment ?? ""}`)
    .digest("hex")
    .slice(0, 8);
  return join(keptFolders(hostEnvironment), name);
}

export const files = (folder: string) => ({
  socket: join(folder, "socket"),
  /** The keeper's process id. */
  pid: join(folder, "keeper.pid"),
  /** The digest of what the stand-in was made from. */
  made: join(folder, "made-of"),
  log: join(folder, "keeper.log"),
  /** The stand-in's own inventory and keys. */
  home: join(folder, "stand-in"),
  run: join(folder, "run"),
});

/** The digest of tree, deployment, and the sources that start and keep a stand-in. A change needs a new stand-in. */
export const standInDigest = ({ archive }: Tree, deployment: Deployment) =>
  digest(["fixtures/standin", "fixtures/deployment", "cli/kept"], archive, JSON.stringify(deployment));

/** The digest of the builder's sources. A change needs the plan to be applied again, on the same stand-in. */
export const builderDigest = () => digest(["provision"]);

function digest(folders: readonly string[], ...first: readonly (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const part of first) hash.update(part);
  for (const folder of folders)
    for (const name of readdirSync(join(project, folder), { recursive: true, encoding: "utf8" }).sort()) {
      const file = join(project, folder, name);
      if (/\.(test|contract)\.ts$/.test(name) || !existsSync(file)) continue;
      try {
        hash.update(name).update(readFileSync(file));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EISDIR") throw error;
      }
    }
  return hash.digest("hex").slice(0, 16);
}
