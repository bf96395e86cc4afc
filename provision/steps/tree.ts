// Paths in the tree's JSON files.
import type { JSONPath } from "jsonc-parser";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { indexWhere } from "../edit/json.ts";

/** The path of the docker host's entry. @throws BadInput if the file has none, or more than one. */
export function vmPath({ dockerHost }: Deployment, file: string, text: string): JSONPath {
  return ["vms", indexWhere(file, text, ["vms"], "vmid", dockerHost.vmid)];
}

/** The path of the docker host's NFS volume. @throws BadInput if the file has none, or more than one. */
export function nfsVolume(deployment: Deployment, file: string, text: string): JSONPath {
  const volumes = [...vmPath(deployment, file, text), "volumes"];
  return [...volumes, indexWhere(file, text, volumes, "type", "nfs")];
}

/** The path of the gateway's firewall settings. */
export const firewallPath = ({ gateway }: Deployment): JSONPath => [
  "lxc_configs",
  String(gateway.ctid),
  "firewall",
];

/** Whether two declared rules are the same line of Proxmox's file. */
export const sameRule = (one: unknown, other: unknown): boolean => ruleLine(one) === ruleLine(other);

/** The values that the line is made of, as jq writes them: `null` and `false` are left out. */
function ruleLine(rule: unknown): string {
  const of = (rule ?? {}) as Readonly<Record<string, unknown>>;
  const values = ["type", "action", "source", "dest", "proto", "port"].map((key) => {
    const value = of[key];
    return value === undefined || value === null || value === false ? null : String(value);
  });
  return JSON.stringify([values[0]?.toUpperCase(), ...values.slice(1)]);
}
