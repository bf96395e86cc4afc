// Task 1.1: the docker host's volume, in the tree and in the guest that has one mounted already.
import { type Deployment, mountSourceOf } from "../../fixtures/deployment/deployment.ts";
import { replaceValue, valueAt } from "../edit/json.ts";
import { files } from "../files.ts";
import type { Step } from "../plan.ts";
import { onDockerHost } from "./in-guest.ts";
import { nfsVolume } from "./tree.ts";

export const volumePath: Step = {
  id: "volume-path",
  kind: "literal",
  plan: "1.1",
  remedies: [],
  serves: ["STO-001", "STO-002"],
  why: ({ dockerHost }) => `the declared NFS volume of VM ${dockerHost.vmid} is its own directory`,
  changesFor(view) {
    const file = view.inTree(files.vmConfigs);
    const text = view.text(files.vmConfigs);
    const { volume } = view.deployment;
    const path = [...nfsVolume(view.deployment, file, text), "path"];
    if (valueAt(file, text, path) === volume.path) return `${file} says ${volume.path} already`;
    return view.edit(files.vmConfigs, replaceValue(file, text, path, volume.path));
  },
};

// $1: the new fstab in base64. $2: the mount point. What holds the old mount open makes this fail, loudly.
export const replaceTable = `set -e
new=/etc/fstab.phoenix-acceptance
printf %s "$1" | base64 -d > "$new"
chmod --reference=/etc/fstab "$new"; chown --reference=/etc/fstab "$new"
sync "$new"; mv "$new" /etc/fstab
while mountpoint -q "$2"; do umount "$2"; done
mount -a`;

/** Whether a line of a mount table mounts something else where the volume belongs. */
function isStale(line: string, deployment: Deployment): boolean {
  const [from, to] = line.trim().split(/\s+/);
  const there = !line.trimStart().startsWith("#") && to === deployment.volume.mountPoint;
  return there && from !== mountSourceOf(deployment);
}

/** The docker host's /etc/fstab as the step below leaves it. */
export function withoutStale(fstab: string, deployment: Deployment): string {
  const kept = fstab.split("\n").filter((line) => !isStale(line, deployment));
  return kept.join("\n");
}

export const staleMount: Step = {
  id: "stale-mount",
  kind: "remedy",
  plan: "1.1",
  remedies: ["P1"],
  serves: ["STO-003", "DAT-003"],
  why: "an entry for another directory would stay in the docker host's fstab, and win at its next boot",
  changesFor({ deployment, facts: { dockerHost } }) {
    const { vmid } = deployment.dockerHost;
    const { mountPoint } = deployment.volume;
    if (!dockerHost) return `VM ${vmid} does not run: there is nothing to clean up`;
    const stale = (table: string) => table.split("\n").some((line) => isStale(line, deployment));
    if (!stale(dockerHost.fstab) && !stale(dockerHost.mounts))
      return "the docker host mounts nothing else there";
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const run = onDockerHost(vmid);
    return [
      {
        does: "run",
        title: `VM ${vmid}: no mount entry for ${mountPoint} but that of ${mountSourceOf(deployment)}`,
        ...run(replaceTable, base64(withoutStale(dockerHost.fstab, deployment)), mountPoint),
        undo: run(replaceTable, base64(dockerHost.fstab), mountPoint),
      },
    ];
  },
};
