// `keep`: the process behind `spec` that keeps a stand-in between calls. Started by `spec`, not by a user.
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import { standInDigest } from "../kept/folder.ts";
import { keep as keepUntilIdle } from "../kept/keeper.ts";
import { standInIn } from "../kept/start.ts";

export interface KeepOptions {
  readonly folder: string;
  /** `PATH[@REF]`; without it, our sample tree. */
  readonly tree?: string;
  readonly idle: number;
  readonly hostEnvironment: HostEnvironment;
}

/** Keeps a stand-in in this folder until it is told to stop or was idle for so many seconds. Returns the exit code. */
export async function keep({ folder, tree: spec, idle, hostEnvironment }: KeepOptions): Promise<number> {
  const tree = readTree(spec);
  const start = standInIn(folder, tree, hostEnvironment);
  return keepUntilIdle({ folder, made: standInDigest(tree), idle, start });
}
