// Claims about the docker host's volume: declared at its own path, mounted from there, and from nowhere else.
import { isIP } from "node:net";
import { mountSourceOf } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell, problem } from "../../../fixtures/errors.ts";
import type { VmConfigs } from "../../../fixtures/evidence/configs.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import {
  type FstabEntry,
  lastOf,
  type Mount,
  mountedByItself,
  mountsAt,
  namesServerOf,
  samePath,
  sourceOf,
} from "../../../fixtures/evidence/parse/mounts.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import type { Target } from "../../../fixtures/target/inventory.ts";
import { check, eachLevel, inside, known, notImitated, present } from "../../claim.ts";

/** The tree declares the docker host once, with one NFS volume: its own path on the hypervisor. */
export function declaredVolumePath(e: Evidence): readonly Check[] {
  const { dockerHost, volume: own, hypervisor } = e.deployment;
  const file = `${e.document.target.tree}/etc/phoenix_vm_configs.json`;
  return present("declared", file, e.vmConfigs, ({ value, where }) => {
    const { entries, volumes } = declaredVolumes(e, value);
    const nfs = volumes.map(({ place, path, server = hypervisor.address }) => {
      return { place: [...place, "path"], path, server };
    });
    const shown = nfs.map(({ path, server }) => {
      if (path === undefined) return "a volume without a path";
      return server === hypervisor.address ? path : `${path} on ${server}`;
    });
    const twice = entries.length > 1 ? ` (VM ${dockerHost.vmid} has ${entries.length} entries)` : "";
    const [first] = nfs;
    const elsewhere = nfs.some(({ server }) => isIP(server) !== 0 && server !== hypervisor.address);
    const one = nfs.length === 1 && first?.path !== undefined && samePath(first.path) === own.path;
    return [
      check({
        level: "declared",
        where: where(first?.place ?? ["vms", entries[0]?.[0] ?? 0, "volumes"]),
        ok: one && !elsewhere && entries.length === 1,
        expected: own.path,
        found: (shown.join(", ") || "no NFS volume") + twice,
        next:
          entries.length > 1
            ? `leave one entry for VM ${dockerHost.vmid}`
            : `set "path" of VM ${dockerHost.vmid}'s NFS volume to ${own.path}${elsewhere ? `, and its "server" to ${hypervisor.address}` : ""}`,
      }),
    ];
  });
}

/** The NFS volumes that the tree declares for the docker host, with their places; of all its entries: jq gives Phoenix each. */
function declaredVolumes(e: Evidence, { vms }: VmConfigs) {
  const entries = [...vms.entries()].filter(([, { vmid }]) => vmid === e.deployment.dockerHost.vmid);
  const volumes = entries.flatMap(([at, { volumes: all = [] }]) =>
    [...all.entries()].flatMap(([index, one]) =>
      one.type === "nfs" ? [{ ...one, place: ["vms", at, "volumes", index] as const }] : [],
    ),
  );
  return { entries, volumes };
}

/** The tree declares where the docker host mounts its volume. Whether it is the right volume, STO-001 judges. */
function declaredMountPoint(e: Evidence): readonly Check[] {
  const { mountPoint } = e.deployment.volume;
  const { vmid } = e.deployment.dockerHost;
  const file = `${e.document.target.tree}/etc/phoenix_vm_configs.json`;
  return present("declared", file, e.vmConfigs, ({ value, where }) => {
    const { entries, volumes } = declaredVolumes(e, value);
    const [first] = volumes;
    const found = volumes.map((one) => one.mount_point ?? "a volume without a mount point").join(", ");
    const at = first?.mount_point === undefined ? [] : ["mount_point"];
    return [
      check({
        level: "declared",
        where: where([...(first?.place ?? ["vms", entries[0]?.[0] ?? 0, "volumes"]), ...at]),
        ok:
          volumes.filter(({ mount_point: at }) => at !== undefined && samePath(at) === mountPoint).length ===
          1,
        expected: `one NFS volume at ${mountPoint}`,
        found: found || "no NFS volume",
        next: `set "mount_point" of VM ${vmid}'s NFS volume to ${mountPoint}`,
      }),
    ];
  });
}

/** The tree and the docker host's fstab have one entry for the mount point, and the kernel has mounted that one. */
export function oneMountFromTheVolume(e: Evidence): readonly Check[] {
  const { mountPoint } = e.deployment.volume;
  const vm = e.deployment.dockerHost.vmid;
  const mountSource = mountSourceOf(e.deployment);
  return eachLevel({
    declared: () => declaredMountPoint(e),
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
        ...hiding(e, known(e.fstab)).map(({ mountPoint: at, source: from, line }) =>
          check({
            ...{ level: "delivered", where: `VM ${vm}: /etc/fstab:${line}`, ok: false, expected: ofVolume },
            ...{ found: `${at} from ${from}`, next: `remove the entry of ${at} from /etc/fstab` },
          }),
        ),
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
              toType`ls ${mountPoint}`,
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
        const hidden = hiding(e, known(e.mounts)).map(({ mountPoint: at, source: from, line }) =>
          check({
            ...{ level: "live", where: `VM ${vm}: /proc/self/mountinfo:${line}`, ok: false },
            ...{ expected: ofVolume, found: `${at} from ${from}`, next: toType`umount ${at}` },
          }),
        );
        if (hidden.length > 0) return [mounted, ...hidden];
        return last
          ? [mounted, ofNetwork(e.document.target, { level: "live", where, next }, last.type)]
          : [mounted];
      }),
  });
}

const ofVolume = "no other mount in Portainer's directory, which would hide the volume there";

/** What is mounted at Portainer's directory on the volume, or below it: what Portainer writes there is not on the volume. */
function hiding<M extends { readonly mountPoint: string }>(
  { deployment: { volume, portainer } }: Evidence,
  all: readonly M[],
): readonly M[] {
  const directory = `${volume.mountPoint}/${portainer.directory}`;
  return all.filter(({ mountPoint: at }) => at === directory || at.startsWith(`${directory}/`));
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
    problem(
      `the volume comes from ${source}, and the address of ${host} is unknown`,
      toType`getent hosts ${host}`,
    ),
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
