// The claim that a volume belongs to one guest: no other declares its path, one above it or one below it.
import { isIP } from "node:net";
import { posix } from "node:path";
import type { Deployment } from "../../../fixtures/deployment/deployment.ts";
import type { LxcConfigs, VmConfigs } from "../../../fixtures/evidence/configs.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { JsonFile } from "../../../fixtures/evidence/tree-file.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { check, present } from "../../claim.ts";

/** A directory that a guest declares as its own, or that it binds from the hypervisor. */
interface Claimed {
  readonly guest: string;
  /** Its place in the lists, so that a guest that is declared twice counts as two. */
  readonly entry: string;
  readonly volume: boolean;
  readonly path: string;
  readonly server: string;
  readonly where: string;
}

/**
 * No two guests share a declared volume's path. Containers may share a directory that they bind from the hypervisor,
 * because the tree itself declares that, unless it is another guest's volume. A container's other volumes have
 * no path: Proxmox creates a new one for each.
 */
export function volumesOfTheirOwn(e: Evidence): readonly Check[] {
  const { tree } = e.document.target;
  return present("declared", `${tree}/etc/phoenix_vm_configs.json`, e.vmConfigs, (vms) =>
    present("declared", `${tree}/etc/phoenix_lxc_configs.json`, e.lxcConfigs, (lxcs) =>
      apart(
        e.deployment,
        [...ofMachines(e.deployment, vms), ...ofContainers(e.deployment, lxcs)],
        `${tree}/etc/phoenix_vm_configs.json`,
      ),
    ),
  );
}

function apart({ dockerHost, volume }: Deployment, all: readonly Claimed[], file: string): readonly Check[] {
  const volumes = all.filter((one) => one.volume);
  if (volumes.length === 0) {
    return [
      check({
        level: "declared",
        where: file,
        ok: false,
        expected: "a volume with a path",
        found: "none",
        next: `declare an NFS volume for VM ${dockerHost.vmid}`,
      }),
    ];
  }
  return volumes.map((own) => {
    const others = all.filter((other) => other.entry !== own.entry && overlap(own, other));
    const shared = others.map(({ guest, path, where }) => `${guest} declares ${path} (${where})`).join("; ");
    return check({
      level: "declared",
      where: own.where,
      ok: others.length === 0,
      expected: `${own.path} belongs to ${own.guest} alone`,
      found: shared || "no other guest declares it",
      next: `give each guest a directory of its own under ${posix.dirname(volume.path)}`,
    });
  });
}

function ofMachines({ hypervisor }: Deployment, { value, where }: JsonFile<VmConfigs>): Claimed[] {
  return value.vms.flatMap(({ vmid, volumes = [] }, at) =>
    volumes.flatMap(({ path, server = hypervisor.address }, index) =>
      path === undefined
        ? []
        : [
            {
              guest: `VM ${vmid}`,
              entry: `vms ${at}`,
              volume: true,
              path: spelled(path),
              server,
              where: where(["vms", at, "volumes", index, "path"]),
            },
          ],
    ),
  );
}

function ofContainers({ hypervisor }: Deployment, { value, where }: JsonFile<LxcConfigs>): Claimed[] {
  return Object.entries(value.lxc_configs).flatMap(([ctid, { mount_points = [] }]) =>
    mount_points.flatMap(({ host_path: path }, index) =>
      path === undefined
        ? []
        : [
            {
              guest: `LXC ${ctid}`,
              entry: `lxc ${ctid}`,
              volume: false,
              path: spelled(path),
              server: hypervisor.address,
              where: where(["lxc_configs", ctid, "mount_points", index, "host_path"]),
            },
          ],
    ),
  );
}

/** One spelling for each directory. Proxmox also mounts its storage under /mnt/pve. */
function spelled(path: string): string {
  const plain = posix.normalize(path).replace(/(?<=.)\/$/, "");
  return plain.startsWith("/mnt/pve/") ? plain.slice("/mnt/pve".length) : plain;
}

/** Two host names may be the same server; two addresses are two servers. */
function overlap(a: Claimed, b: Claimed): boolean {
  const elsewhere = isIP(a.server) !== 0 && isIP(b.server) !== 0 && a.server !== b.server;
  const within = (inner: string, outer: string) => inner === outer || inner.startsWith(`${outer}/`);
  return !elsewhere && (within(a.path, b.path) || within(b.path, a.path));
}
