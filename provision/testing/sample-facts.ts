// For tests of planning: facts of a host before any apply, made from a local Phoenix tree.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { foreignVolumeOf } from "../../fixtures/deployment/neighbours.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import type { Facts, FileFact } from "../facts.ts";
import { filesOf, stackOf } from "../files.ts";
import type { Plan } from "../plan.ts";

/** The sample Phoenix tree in the repository. */
export const sampleTree = join(import.meta.dirname, "../../fixtures/phoenix/usr/local/phoenix_hypervisor");

function factOf(path: string): FileFact {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return { kind: "absent" };
  const mode = (found.mode & 0o777).toString(8);
  return found.isDirectory()
    ? { kind: "directory", mode }
    : { kind: "file", mode, text: readFileSync(path, "utf8") };
}

/** A running host with this tree: both guests run, the docker host mounts another guest's directory. */
export function factsOf(tree: string, deployment: Deployment = defaultDeployment): Facts {
  const stack = join(tree, stackOf(deployment));
  const inside = ["", ...readdirSync(stack, { recursive: true, encoding: "utf8" })].map((name) =>
    join(stack, name),
  );
  const paths = [...Object.values(filesOf(deployment)).map((name) => join(tree, name)), ...inside];
  const { hypervisor, volume } = deployment;
  const old = `${hypervisor.address}:${foreignVolumeOf(deployment)} ${volume.mountPoint} nfs`;
  return {
    deployment,
    tree,
    files: Object.fromEntries(paths.map((path) => [path, factOf(path)])),
    firewall: "Status: disabled/stopped",
    gateway: { site: "", names: "", nginxRuns: true },
    dockerHost: { fstab: `${old} defaults,auto,nofail 0 0\n`, mounts: `${old}4 rw 0 0\n`, stacks: [] },
  };
}

/** The facts after a plan's files have been written; the effects of commands are not imitated. */
export function written(facts: Facts, plan: Plan): Facts {
  const now: Record<string, FileFact> = { ...facts.files };
  for (const { changes } of plan.steps)
    for (const change of changes) {
      if (change.does === "write-file")
        now[change.path] = { kind: "file", mode: change.mode, text: change.after };
      if (change.does === "make-directory") now[change.path] = { kind: "directory", mode: change.mode };
    }
  return { ...facts, files: now };
}

/** The text of a file in the tree. */
export function textOf(facts: Facts, name: string): string {
  const fact = facts.files[join(facts.tree, name)];
  if (fact?.kind !== "file") throw new Error(`no text of ${name}`);
  return fact.text;
}
