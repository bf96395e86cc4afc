// Where a kept stand-in lives, and what it was made of.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { cacheFolder, type HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import type { Tree } from "../../fixtures/standin/tree.ts";
import { project } from "../run/child.ts";

/** The folders of all kept stand-ins: private, in the cache. */
export const keptFolders = (hostEnvironment: HostEnvironment) => join(cacheFolder(hostEnvironment), "kept");

/** What a stand-in is kept for, as the command line names it. */
export interface Choice {
  /** `PATH[@REF]`; without it, our sample tree. */
  readonly tree?: string;
  /** A deployment document; without it, the approved plan's own. */
  readonly deployment?: string;
}

/** The folder of the stand-in that this checkout keeps for a choice; its name is short, since a socket's path is. */
export function keptFolder(hostEnvironment: HostEnvironment, { tree, deployment }: Choice): string {
  const name = createHash("sha256")
    .update(`${project}\0${tree ?? ""}\0${deployment ?? ""}`)
    .digest("hex")
    .slice(0, 8);
  return join(keptFolders(hostEnvironment), name);
}

export const files = (folder: string) => ({
  socket: join(folder, "socket"),
  /** The process that keeps it. */
  pid: join(folder, "keeper.pid"),
  /** What it was made of. */
  made: join(folder, "made-of"),
  log: join(folder, "keeper.log"),
  /** The inventory and the keys. */
  home: join(folder, "stand-in"),
  run: join(folder, "run"),
});

/** What a stand-in is made of: tree, deployment, and the sources that start and keep it. Another digest needs another one. */
export const standInDigest = ({ archive }: Tree, deployment: Deployment) =>
  digest(["fixtures/standin", "fixtures/deployment", "cli/kept"], archive, JSON.stringify(deployment));

/** What the plan is made of. Another digest needs another apply, on the same stand-in. */
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
