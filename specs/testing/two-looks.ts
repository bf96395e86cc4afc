// Two looks at one healthy target, for tests of claims that compare: change one answer of the second, and see who notices.
import { Evidence } from "../../fixtures/evidence/evidence.ts";
import { sample } from "./evidence-builder.ts";

export const entry = (path: string, meta = "f 644 root:root 1700000000.5 10 7") => `${meta}\0\0${path}\0`;
export const conf = "/etc/pve/lxc/900.conf";
export const text = (memory: number, taken: number) =>
  `memory: ${memory}\n\n[final-form]\nsnaptime: ${taken}\n`;
export const hypervisor = {
  "list tree": entry("/usr/local/phoenix_hypervisor/bin/phoenix-cli"),
  "list host":
    entry(conf) + entry("/etc/exports") + entry("/etc/pve/lxc/101.conf") + entry("/etc/pve/.version"),
  "sums host": `${"a".repeat(64)}  ${conf}\0`,
  "list volumes": entry("/quickOS/vm-persistent-data/8001", "d 777 nobody:nogroup 1.5 10 7"),
  [`file ${conf}`]: text(2048, 1),
  guests: "VMID Status Lock Name\n101 running  Nginx\n  VMID NAME STATUS\n 1001 Dr running\n",
};
export const gateway = {
  "list etc": entry("/etc/hostname") + entry("/etc/nginx/sites-available/vllm_gateway"),
};
export const machine = { "list etc": entry("/etc/hostname") + entry("/etc/fstab") };
export type Changes = Parameters<typeof sample>[0];
export const look = (at: string, changes: Changes = {}) => {
  const all = {
    hypervisor: { ...hypervisor, ...changes.hypervisor },
    gateway: { ...gateway, ...changes.gateway },
    "docker-host": { ...machine, ...changes["docker-host"] },
  };
  const { document } = sample(all);
  return new Evidence({ ...document, at });
};
