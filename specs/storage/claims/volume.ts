// Claims about VM 1001's volume: declared at its own path, mounted from there, and from nowhere else.
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import type { Limit } from "../../../fixtures/target/inventory.ts";
import { check, eachLevel, inside, known, present } from "../../claim.ts";
import { mountSource, plan } from "../../plan.ts";

/** The tree gives VM 1001 one NFS volume, at the plan's path. */
export function declaredVolumePath(e: Evidence): readonly Check[] {
  const path = `${e.document.target.tree}/etc/phoenix_vm_configs.json`;
  return present("declared", path, e.vmConfigs, ({ value, where }) => {
    const at = value.vms.findIndex(({ vmid }) => vmid === plan.dockerHost.vmid);
    const volumes = (value.vms[at]?.volumes ?? []).map((volume, index) => ({ volume, index }));
    const nfs = volumes.filter(({ volume }) => volume.type === "nfs");
    const [first] = nfs;
    const place = where(
      first ? ["vms", at, "volumes", first.index, "path"] : ["vms", Math.max(at, 0), "volumes"],
    );
    const found =
      nfs.map(({ volume }) => volume.path ?? "a volume without a path").join(", ") || "no NFS volume";
    const next = `set "path" of VM ${plan.dockerHost.vmid}'s NFS volume to ${plan.volume.path}`;
    return [
      check({
        level: "declared",
        where: place,
        ok: found === plan.volume.path,
        expected: plan.volume.path,
        found,
        next,
      }),
    ];
  });
}

/** fstab in the virtual machine has one entry for the mount point, and the kernel has mounted just that. */
export function oneMountFromTheVolume(e: Evidence): readonly Check[] {
  const { mountPoint } = plan.volume;
  const vm = plan.dockerHost.vmid;
  return eachLevel({
    delivered: () => {
      const entries = known(e.fstab).filter((entry) => entry.mountPoint === mountPoint);
      const found = entries.map((entry) => `${entry.source} (line ${entry.line})`).join(", ") || "no entry";
      const ok = entries.length === 1 && entries[0]?.source === mountSource;
      const where = `VM ${vm}: /etc/fstab${entries[0] ? `:${entries.at(-1)?.line}` : ""}`;
      return [
        check({
          level: "delivered",
          where,
          ok,
          expected: `one entry, from ${mountSource}`,
          found,
          next: `leave one entry for ${mountPoint}`,
        }),
      ];
    },
    live: () =>
      inside(e, "qm", () => {
        const mounts = known(e.mounts).filter((mount) => mount.mountPoint === mountPoint);
        const last = mounts.at(-1);
        const where = `VM ${vm}: /proc/self/mountinfo${last ? `:${last.line}` : ""}`;
        const found =
          mounts.map(({ source: from, type }) => `${from} (${type})`).join(", ") ||
          "nothing is mounted there";
        const ok =
          mounts.length === 1 &&
          last?.source === mountSource &&
          ofNetwork(e.document.target.cannotImitate, last.type);
        return [
          check({
            level: "live",
            where,
            ok,
            expected: `${mountSource}, over the network`,
            found,
            next: `mount ${mountPoint} in VM ${vm}`,
          }),
        ];
      }),
  });
}

/** A local file system under the right name is still local. Where a target says that its NFS has another type, the source decides. */
export function ofNetwork(limits: readonly Limit[], type: string): boolean {
  const bridged = limits.some(({ what }) => what === "nfs-file-system-type");
  return /^nfs4?$/.test(type) || (bridged && type.startsWith("fuse"));
}
