// Task 1.1: the docker host's volume, in the tree and in a docker host that already has another one mounted.
import { type Deployment, mountSourceOf } from "../../fixtures/deployment/deployment.ts";
import { replaceValue, valueAt } from "../edit/json.ts";
import { files } from "../files.ts";
import type { Step } from "../plan.ts";
import { asUndo, onDockerHost } from "./in-guest.ts";
import { nfsVolume } from "./tree.ts";

export const volumePath: Step = {
  id: "volume-path",
  kind: "literal",
  plan: "1.1",
  remedies: [],
  serves: ["STO-001", "STO-002"],
  why: ({ dockerHost }) => `the declared NFS volume of VM ${dockerHost.vmid} must be its own directory`,
  changesFor(view) {
    const file = view.inTree(files.vmConfigs);
    const text = view.text(files.vmConfigs);
    const { volume } = view.deployment;
    const path = [...nfsVolume(view.deployment, file, text), "path"];
    if (valueAt(file, text, path) === volume.path) return `${file} already has ${volume.path}`;
    return view.edit(files.vmConfigs, replaceValue(file, text, path, volume.path));
  },
};

const writeTable = `new=/etc/fstab.phoenix-acceptance
printf %s "$1" | base64 -d > "$new"
chmod --reference=/etc/fstab "$new"; chown --reference=/etc/fstab "$new"
sync "$new"; mv "$new" /etc/fstab`;

// $1: the new /etc/fstab in base64. $2: the mount point. Fails if a process still uses the old mount.
export const replaceTable = `set -e
${writeTable}
while mountpoint -q "$2"; do umount "$2"; done
mount -a`;

/**
 * The undo: restores /etc/fstab first, and needs nothing else of the docker host. What is mounted now is tried to be
 * changed too, after `before`, a script of its own: what can't be is left, and is said. At the next boot the table decides.
 */
export const restoreTable = (before = "") => `set -e
${writeTable}
set +e
left() { printf 'left: %s\\n' "$*"; }
${before}
until ! mountpoint -q "$2" || ! umount "$2"; do :; done
if mountpoint -q "$2"; then left "$2 stays mounted until the next boot: a process uses it"; fi
mount -a || left "what /etc/fstab names is not all mounted: mount -a failed; try it again when the NFS server answers"
true`;

/** Whether a line of a mount table mounts another source at the volume's mount point. */
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
  why: ({ dockerHost }) =>
    `an entry for another directory in /etc/fstab of VM ${dockerHost.vmid} would be mounted at its next boot`,
  changesFor({ deployment, facts: { dockerHost } }) {
    const { vmid } = deployment.dockerHost;
    const { mountPoint } = deployment.volume;
    if (!dockerHost) return `VM ${vmid} is not running: there is nothing to clean up`;
    const stale = (table: string) => table.split("\n").some((line) => isStale(line, deployment));
    if (!stale(dockerHost.fstab) && !stale(dockerHost.mounts))
      return `VM ${vmid} mounts nothing else at ${mountPoint}`;
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const run = onDockerHost(vmid);
    return [
      {
        does: "run",
        title: `VM ${vmid}: mount only ${mountSourceOf(deployment)} at ${mountPoint}`,
        ...run(replaceTable, base64(withoutStale(dockerHost.fstab, deployment)), mountPoint),
        undo: asUndo(run(restoreTable(), base64(dockerHost.fstab), mountPoint)),
      },
    ];
  },
};
