// Where things stand in the tree's JSON files.
import type { JSONPath } from "jsonc-parser";
import { indexWhere } from "../edit/json.ts";
import { wanted } from "../wanted.ts";

/** The path of VM 1001's entry. @throws BadInput when the file has none, or more than one. */
export function vmPath(file: string, text: string): JSONPath {
  return ["vms", indexWhere(file, text, ["vms"], "vmid", wanted.vmid)];
}

/** The path of VM 1001's NFS volume. @throws BadInput when the file has none, or more than one. */
export function nfsVolume(file: string, text: string): JSONPath {
  const volumes = [...vmPath(file, text), "volumes"];
  return [...volumes, indexWhere(file, text, volumes, "type", "nfs")];
}

/** The path of LXC 101's firewall. */
export const firewallPath: JSONPath = ["lxc_configs", String(wanted.ctid), "firewall"];
