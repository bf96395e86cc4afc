// Where things stand in the tree's JSON files.
import type { JSONPath } from "jsonc-parser";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { valueAt } from "../edit/json.ts";
import { wanted } from "../wanted.ts";

interface VmConfigs {
  vms?: { vmid?: number; volumes?: { type?: string }[] }[];
}

/** The path of VM 1001's entry, or of its NFS volume. @throws BadInput when the file has none, or more than one. */
export function vmPath(file: string, text: string, part?: "volumes"): JSONPath {
  const { vms = [] } = (valueAt(file, text, []) ?? {}) as VmConfigs;
  const at = one(
    file,
    `VM ${wanted.vmid}`,
    vms.flatMap(({ vmid }, index) => (vmid === wanted.vmid ? [index] : [])),
  );
  if (!part) return ["vms", at];
  const volumes = vms[at]?.volumes ?? [];
  const nfs = volumes.flatMap(({ type }, index) => (type === "nfs" ? [index] : []));
  return ["vms", at, "volumes", one(file, `NFS volume of VM ${wanted.vmid}`, nfs)];
}

function one(file: string, what: string, found: number[]): number {
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  throw new BadInput(problem(`Expected one ${what} in ${file}, found ${found.length}`, `jq . ${file}`));
}

/** The path of LXC 101's firewall. */
export const firewallPath: JSONPath = ["lxc_configs", String(wanted.ctid), "firewall"];
