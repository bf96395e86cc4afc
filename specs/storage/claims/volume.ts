// Claims about the docker host's volume: declared at its own path, mounted from there, and from nowhere else.
import { mountSourceOf } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell, problem } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import {
  type FstabEntry,
  lastOf,
  type Mount,
  mountedByItself,
  mountsAt,
  namesServerOf,
  sourceOf,
} from "../../../fixtures/evidence/parse/mounts.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import type { Target } from "../../../fixtures/target/inventory.ts";
import { check, eachLevel, inside, known, notImitated, present } from "../../claim.ts";

/** The tree gives the docker host one NFS volume, at its own path. */
export function declaredVolumePath(e: Evidence): readonly Check[] {
  const { dockerHost, volume: own } = e.deployment;
  const file = `${e.document.target.tree}/etc/phoenix_vm_configs.json`;
  return present("declared", file, e.vmConfigs, ({ value, where }) => {
    const at = value.vms.findIndex(({ vmid }) => vmid === dockerHost.vmid);
    const volumes = (value.vms[at]?.volumes ?? []).map((volume, index) => ({ volume, index }));
    const nfs = volumes.filter(({ volume }) => volume.type === "nfs");
    const [first] = nfs;
    const place = where(
      first ? ["vms", at, "volumes", first.index, "path"] : ["vms", Math.max(at, 0), "volumes"],
    );
    const found =
      nfs.map(({ volume }) => volume.path ?? "a volume without a path").join(", ") || "no NFS volume";
    const next = `set "path" of VM ${dockerHost.vmid}'s NFS volume to ${own.path}`;
    return [
      check({
        level: "declared",
        where: place,
        ok: found === own.path,
        expected: own.path,
        found,
        next,
      }),
    ];
  });
}

/** fstab on the docker host has one entry for the mount point, and the kernel has mounted that one. */
export function oneMountFromTheVolume(e: Evidence): readonly Check[] {
  const { mountPoint } = e.deployment.volume;
  const vm = e.deployment.dockerHost.vmid;
  const mountSource = mountSourceOf(e.deployment);
  return eachLevel({
    delivered: () => {
      const entries = known(e.fstab).filter((entry) => entry.mountPoint === mountPoint);
      const found =
        entries.map((entry) => `${entry.source} (line ${entry.line}${faultOf(entry)})`).join(", ") ||
        "no entry";
      const [first] = entries;
      const single = entries.length === 1 && first !== undefined && faultOf(first) === "";
      const ok = single && byAddress(mountedAs(e, first), mountSource) === mountSource;
      const where = `VM ${vm}: /etc/fstab${entries[0] ? `:${entries.at(-1)?.line}` : ""}`;
      return [
        check({
          level: "delivered",
          where,
          ok,
          expected: `one entry, from ${mountSource}`,
          found,
          next: `leave one entry for ${mountPoint} in /etc/fstab`,
        }),
      ];
    },
    live: () =>
      inside(e, "qm", () => {
        const { mounts, waits } = mountsAt(known(e.mounts), mountPoint);
        if (waits && mounts.length === 0)
          throw new CannotTell(
            problem(
              `${mountPoint} is mounted at its first access, and nothing has accessed it yet`,
              `ls ${mountPoint}`,
            ),
          );
        const last = mounts.at(-1);
        const where = `VM ${vm}: /proc/self/mountinfo${last ? `:${last.line}` : ""}`;
        const found =
          mounts
            .map(
              ({ source: from, server, type, root, readOnly }) =>
                `${from}${server === undefined || from.startsWith(server) ? "" : ` at ${server}`} (${type}${root === "/" ? "" : `, only its ${root}`}${readOnly ? ", read-only" : ""})`,
            )
            .join(", ") || "nothing is mounted there";
        const whole = last?.root === "/" && !last.readOnly;
        const ok = mounts.length === 1 && whole === true && byAddress(last, mountSource) === mountSource;
        const next = `in VM ${vm}: mount ${mountPoint}`;
        const mounted = check({
          level: "live",
          where,
          ok,
          expected: `${mountSource}, over the network`,
          found,
          next,
        });
        return last
          ? [mounted, ofNetwork(e.document.target, { level: "live", where, next }, last.type)]
          : [mounted];
      }),
  });
}

/** An entry's source as the kernel mounted it: only a mount knows the address of a server that has a name. */
function mountedAs(e: Evidence, { source }: FstabEntry): Pick<Mount, "source" | "server"> {
  const mounts = e.mounts.state === "known" ? e.mounts.value : [];
  return mounts.find((mount) => mount.source === source && mount.server !== undefined) ?? { source };
}

/** A source by its server's address. @throws CannotTell if it is the wanted path on a server that has only a name. */
function byAddress(mount: Pick<Mount, "source" | "server">, wanted: string): string {
  const source = sourceOf(mount);
  if (!namesServerOf(source, wanted)) return source;
  const [host = ""] = source.split(":");
  throw new CannotTell(
    problem(`the volume comes from ${source}, and the address of ${host} is unknown`, `getent hosts ${host}`),
  );
}

/** Why an entry of fstab does not give the docker host its volume, as an addition to the entry's line; empty if it does. */
function faultOf(entry: FstabEntry): string {
  const faults = [
    ...(/^nfs4?$/.test(entry.type) ? [] : [`type ${entry.type}`]),
    ...(mountedByItself(entry) ? [] : ["noauto"]),
    ...(lastOf(entry.options, "ro", "rw") === "ro" ? ["ro"] : []),
  ];
  return faults.map((fault) => `, ${fault}`).join("");
}

/**
 * The type must be NFS, since a local file system may have the right source name. When a target says that it bridges NFS, the type
 * of its bridge cannot be checked; any other type can.
 */
export function ofNetwork(
  { cannotImitate }: Pick<Target, "cannotImitate">,
  { next, ...place }: { readonly level: Level; readonly where: string; readonly next: string },
  type: string,
): Check {
  const looked = { ...place, expected: "file system type nfs or nfs4", found: type };
  const limit = cannotImitate.find(({ what }) => what === "nfs-file-system-type");
  if (limit && type.startsWith("fuse")) return notImitated(limit, looked);
  return check({ ...looked, ok: /^nfs4?$/.test(type), next });
}
