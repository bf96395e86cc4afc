// Task 1.1: the volume of VM 1001, in the tree and in the machine that has it mounted already.
import { replaceValue, valueAt } from "../edit/json.ts";
import type { Step } from "../plan.ts";
import { files, wanted } from "../wanted.ts";
import { onDockerHost } from "./in-guest.ts";
import { nfsVolume } from "./tree.ts";

export const volumePath: Step = {
  id: "volume-path",
  kind: "literal",
  plan: "1.1",
  remedies: [],
  serves: ["STO-001", "STO-002"],
  why: "VM 1001's declared NFS volume is its own directory",
  changesFor(view) {
    const file = view.inTree(files.vmConfigs);
    const text = view.text(files.vmConfigs);
    const path = [...nfsVolume(file, text), "path"];
    if (valueAt(file, text, path) === wanted.volume) return `${file} says ${wanted.volume} already`;
    return view.edit(files.vmConfigs, replaceValue(file, text, path, wanted.volume));
  },
};

const source = `${wanted.hypervisor}:${wanted.volume}`;

// $1: the new fstab in base64. $2: the mount point. What holds the old mount open makes this fail, loudly.
export const replaceTable = `set -e
new=/etc/fstab.phoenix-acceptance
printf %s "$1" | base64 -d > "$new"
chmod --reference=/etc/fstab "$new"; chown --reference=/etc/fstab "$new"
sync "$new"; mv "$new" /etc/fstab
while mountpoint -q "$2"; do umount "$2"; done
mount -a`;

/** Whether a line of a mount table mounts something else where the volume belongs. */
function isStale(line: string): boolean {
  const [from, to] = line.trim().split(/\s+/);
  return !line.trimStart().startsWith("#") && to === wanted.mountPoint && from !== source;
}

/** The machine's /etc/fstab as the step below leaves it. */
export function withoutStale(fstab: string): string {
  const kept = fstab.split("\n").filter((line) => !isStale(line));
  return kept.join("\n");
}

export const staleMount: Step = {
  id: "stale-mount",
  kind: "remedy",
  plan: "1.1",
  remedies: ["P1"],
  serves: ["STO-003", "DAT-003"],
  why: "an entry for another directory would stay in the machine's fstab, and win at its next boot",
  changesFor({ facts: { machine } }) {
    if (!machine) return `VM ${wanted.vmid} does not run: there is nothing to clean up`;
    const mounted = machine.mounts.split("\n").filter(isStale);
    if (!machine.fstab.split("\n").some(isStale) && mounted.length === 0)
      return "the machine mounts nothing else there";
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    return [
      {
        does: "run",
        title: `VM ${wanted.vmid}: no mount entry for ${wanted.mountPoint} but that of ${source}`,
        ...onDockerHost(replaceTable, base64(withoutStale(machine.fstab)), wanted.mountPoint),
        undo: onDockerHost(replaceTable, base64(machine.fstab), wanted.mountPoint),
      },
    ];
  },
};
