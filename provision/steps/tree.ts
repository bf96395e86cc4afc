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
