// Evidence of one healthy target from before and after, for tests of claims that compare the two.
import { type Deployment, declaredSiteOf, treeDirectoryOf } from "../../fixtures/deployment/deployment.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { Evidence } from "../../fixtures/evidence/evidence.ts";
import { type Changes, sample } from "./evidence-builder.ts";

export type { Changes };

export const entry = (path: string, meta = "f 644 root:root 1700000000.5 10 7") => `${meta}\0\0${path}\0`;
/** Another guest's configuration, and its text. */
export const conf = "/etc/pve/lxc/900.conf";
export const text = (memory: number, taken: number) =>
  `memory: ${memory}\n\n[final-form]\nsnaptime: ${taken}\n`;

/** The answers for a deployment that are added to the healthy sample. */
export const shownOf = (deployment: Deployment) => {
  const { gateway, dockerHost, volume } = deployment;
  const tree = "/usr/local/phoenix_hypervisor";
  return {
    hypervisor: {
      "list tree":
        entry(`${tree}/bin/phoenix-cli`) +
        entry(`${tree}/${treeDirectoryOf(deployment)}/docker-compose.yml`) +
        entry(`${tree}/${declaredSiteOf(deployment)}`),
      "list host":
        entry(conf) +
        entry("/etc/exports") +
        entry(`/etc/pve/lxc/${gateway.ctid}.conf`) +
        entry("/etc/pve/.version"),
      "sums host": `${"a".repeat(64)}  ${conf}\0`,
      "list volumes": entry(`${volume.root}/8001`, "d 777 nobody:nogroup 1.5 10 7"),
      [`file ${conf}` as const]: text(2048, 1),
      guests: `VMID       Status     Lock         Name\n${gateway.ctid} running  Nginx\n      VMID NAME     STATUS  MEM(MB) BOOTDISK(GB) PID\n ${dockerHost.vmid} Dr running 8192 32.00 4711\n`,
    },
    gateway: {
      "list etc": entry("/etc/hostname") + entry(declaredSiteOf(deployment).replace("etc/", "/etc/")),
    },
    dockerHost: { "list etc": entry("/etc/hostname") + entry("/etc/fstab") },
  };
};

export const { hypervisor, gateway, dockerHost } = shownOf(defaultDeployment);

/** Evidence from a moment, with some of its answers changed. */
export function evidenceAt(at: string, changes: Changes = {}, deployment = defaultDeployment): Evidence {
  const shown = shownOf(deployment);
  const all = {
    hypervisor: { ...shown.hypervisor, ...changes.hypervisor },
    gateway: { ...shown.gateway, ...changes.gateway },
    "docker-host": { ...shown.dockerHost, ...changes["docker-host"] },
    client: changes.client ?? {},
  };
  const { document } = sample(all, { deployment });
  return new Evidence({ ...document, at });
}
