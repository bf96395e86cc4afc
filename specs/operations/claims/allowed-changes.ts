// What the plan may change, and nothing else: the judge's own list, path by path, each for a task or a defect of the plan.
import {
  type Deployment,
  declaredSiteOf,
  gatewayScriptOf,
  keyFileOf,
  portainerDirectoryOf,
  treeDirectoryOf,
} from "../../../fixtures/deployment/deployment.ts";
import type { ProbedPlace } from "../../../fixtures/evidence/questions.ts";

export interface Reach {
  readonly place: ProbedPlace;
  /** Matches the whole path; `TREE` stands for the Phoenix tree. `*` matches within a name, `**` across names. */
  readonly path: string;
  /** The plan's task, or the defect (P) or failure mode (F) whose remedy needs it. */
  readonly for: string;
  /** Only lines like these may differ; without it, anything of the file may. */
  readonly lines?: RegExp;
}

const pve = (path: string) => ["/etc/pve", "/etc/pve/nodes/*"].map((base) => `${base}/${path}`);
const on = (place: Reach["place"], reason: string, ...paths: string[]): Reach[] =>
  paths.map((path) => ({ place, path, for: reason }));

/** Every place that the plan may change on a deployment. */
export const reachOf = (deployment: Deployment): readonly Reach[] => [
  ...treeReach(deployment),
  ...hypervisorReach(deployment),
  ...guestReach(deployment),
];

const treeReach = (deployment: Deployment): readonly Reach[] => [
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

const hypervisorReach = (deployment: Deployment): readonly Reach[] => {
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
    // A converge of the gateway takes its template's snapshots anew.
    ...pve("lxc/900.conf").map(
      (path): Reach => ({ place: "hypervisor", path, for: "3.1", lines: /^snaptime: \d+$/ }),
    ),
  ];
};

/** The volume, and the directories between the root of all volumes and it. */
function wayTo({ root, path }: Deployment["volume"]): string[] {
  const names = path.slice(root.length + 1).split("/");
  return names.map((_, at) => [root, ...names.slice(0, at + 1)].join("/"));
}

const guestReach = ({ gateway, portainer }: Deployment): readonly Reach[] => [
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

/** What Phoenix's own commands write anew each time they run: such lines alone. */
export const renewedOf = (deployment: Deployment): readonly Reach[] =>
  reachOf(deployment).filter(({ lines }) => lines !== undefined);

/** What changes by itself on a host that nobody touches: never compared. */
export const volatilePaths: readonly Omit<Reach, "for" | "lines">[] = [
  ...[
    "/etc/pve/.*",
    "/etc/pve/authkey.*",
    "/etc/pve/nodes/*/lrm_status",
    "/etc/pve/ha/**",
    "/etc/pve/priv/**",
  ].map((path) => ({ place: "hypervisor", path }) as const),
];

/** The first entry of a list that a path of a place falls under. */
export function under<R extends Pick<Reach, "place" | "path">>(
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
