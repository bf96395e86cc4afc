// The judge's own list of what the plan may change, path by path, each with the task or defect of the plan that needs it.
import {
  type Deployment,
  declaredSiteOf,
  gatewayScriptOf,
  keyFileOf,
  portainerDirectoryOf,
  treeDirectoryOf,
} from "../../../fixtures/deployment/deployment.ts";
import type { ProbedPlace } from "../../../fixtures/evidence/questions.ts";

export interface AllowedChange {
  readonly place: ProbedPlace;
  /** Matches the whole path; `TREE` means the Phoenix tree. `*` matches within a name, `**` across names. */
  readonly path: string;
  /** The task of the plan, or the defect (P) or failure mode (F) whose remedy needs this change. */
  readonly for: string;
  /** Only lines that match may differ; without it, the whole file may. */
  readonly lines?: RegExp;
}

const pve = (path: string) => ["/etc/pve", "/etc/pve/nodes/*"].map((base) => `${base}/${path}`);
const on = (place: AllowedChange["place"], reason: string, ...paths: string[]): AllowedChange[] =>
  paths.map((path) => ({ place, path, for: reason }));

/** Every place that the plan may change on a deployment. */
export const allowedChangesOf = (deployment: Deployment): readonly AllowedChange[] => [
  ...treeChanges(deployment),
  ...hypervisorChanges(deployment),
  ...guestChanges(deployment),
];

const treeChanges = (deployment: Deployment): readonly AllowedChange[] => [
  ...on("hypervisor", "1.1", "TREE/etc/phoenix_vm_configs.json"),
  ...on("hypervisor", "P2", "TREE/etc/phoenix_vm_configs.schema.json"),
  ...on("hypervisor", "1.2", `TREE/${declaredSiteOf(deployment)}`),
  ...on("hypervisor", "P3", `TREE/${gatewayScriptOf(deployment)}`),
  ...on(
    "hypervisor",
    "P5",
    "TREE/etc/nginx/sites-available/portainer_proxy",
    "TREE/etc/phoenix_hypervisor_config.json",
  ),
  ...on("hypervisor", "1.3", "TREE/etc/phoenix_lxc_configs.json"),
  ...on("hypervisor", "P9", "TREE/bin/managers/lxc-manager.sh", "TREE/bin/managers/guest-firewall.sh"),
  ...on("hypervisor", "2.2", "TREE/bin/vm_features/feature_install_docker.sh"),
  ...on("hypervisor", "3.1", "TREE/bin/vm_features/feature_install_base_setup.sh"),
  ...on("hypervisor", "P17", "TREE/bin/managers/vm-manager.sh"),
  ...on("hypervisor", "F30", `TREE/${treeDirectoryOf(deployment)}/docker-compose.yml`),
];

const hypervisorChanges = (deployment: Deployment): readonly AllowedChange[] => {
  const { gateway, dockerHost, volume } = deployment;
  return [
    ...on("hypervisor", "P9", "/etc/pve/firewall/cluster.fw", `/etc/pve/firewall/${gateway.ctid}.fw`),
    ...on("hypervisor", "P11", `/etc/pve/firewall/${dockerHost.vmid}.fw`),
    ...on("hypervisor", "2.1", ...wayTo(volume), portainerDirectoryOf(deployment)),
    ...on(
      "hypervisor",
      "3.1",
      ...pve(`lxc/${gateway.ctid}.conf`),
      ...pve(`qemu-server/${dockerHost.vmid}.conf`),
    ),
    // A converge of the gateway takes new snapshots of its template.
    ...pve("lxc/900.conf").map(
      (path): AllowedChange => ({ place: "hypervisor", path, for: "3.1", lines: /^snaptime: \d+$/ }),
    ),
  ];
};

/** The volume, and the directories between the volumes' root and it. */
function wayTo({ root, path }: Deployment["volume"]): string[] {
  const names = path.slice(root.length + 1).split("/");
  return names.map((_, at) => [root, ...names.slice(0, at + 1)].join("/"));
}

const guestChanges = ({ gateway, portainer }: Deployment): readonly AllowedChange[] => [
  ...on(
    "gateway",
    "3.1",
    "/etc/nginx/sites-available/*",
    "/etc/nginx/sites-enabled/*",
    "/etc/nginx/scripts/*",
  ),
  ...on(
    "gateway",
    "P19",
    `/etc/nginx/ssl/${portainer.host}.*`,
    gateway.certificate,
    keyFileOf(gateway.certificate),
  ),
  ...(["hypervisor", "gateway", "docker-host"] as const).flatMap((place) => on(place, "P19", "/etc/hosts")),
  ...on("docker-host", "P19", "/etc/cloud/templates/hosts.*"),
  ...on("docker-host", "1.1", "/etc/fstab"),
];

/** Lines that Phoenix's own commands rewrite on each run. */
export const renewedOf = (deployment: Deployment): readonly AllowedChange[] =>
  allowedChangesOf(deployment).filter(({ lines }) => lines !== undefined);

/** What changes by itself on an idle host, and is never compared. */
export const volatilePaths: readonly Omit<AllowedChange, "for" | "lines">[] = [
  ...[
    "/etc/pve/.*",
    "/etc/pve/authkey.*",
    "/etc/pve/nodes/*/lrm_status",
    "/etc/pve/ha/**",
    "/etc/pve/priv/**",
  ].map((path) => ({ place: "hypervisor", path }) as const),
];

/** The first entry of a list that matches a path at a place. */
export function under<R extends Pick<AllowedChange, "place" | "path">>(
  list: readonly R[],
  place: ProbedPlace,
  path: string,
  tree: string,
): R | undefined {
  return list.find((entry) => entry.place === place && matcher(entry.path.replace(/^TREE/, tree)).test(path));
}

const matcher = (pattern: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
      .replaceAll("**", "\0")
      .replaceAll("*", "[^/]*")
      .replaceAll("\0", ".*")}$`,
  );
