// A remedy of task 3.2: the plan's address is a name, and nothing resolves it.
import type { Change, Step } from "../plan.ts";
import { wanted } from "../wanted.ts";
import { inContainer, onDockerHost } from "./in-guest.ts";

const table = "/etc/hosts";

/** The table in which the name leads to the gateway and nowhere else; every other byte as it was. */
export function withName(text: string): string {
  const names = (line: string) => line.replace(/#.*/, "").trim().split(/\s+/);
  const about = (line: string) => names(line).slice(1).includes(wanted.host);
  const lines = text.split("\n");
  const wrong = lines.filter((line) => about(line) && names(line)[0] !== wanted.gateway);
  if (wrong.length === 0 && lines.some(about)) return text;
  const kept = lines.flatMap((line) => {
    if (!wrong.includes(line)) return [line];
    const [address, ...others] = names(line).filter((word) => word !== wanted.host);
    return others.length > 0 ? [[address, ...others].join(" ")] : [];
  });
  if (kept.some(about)) return kept.join("\n");
  const before = kept.join("\n");
  return `${before}${before === "" || before.endsWith("\n") ? "" : "\n"}${wanted.gateway} ${wanted.host}\n`;
}

// $1: the table in base64. Its file keeps its inode: a guest may have it bound from elsewhere. cloud-init writes the
// table anew at each boot, from a template of its own. $2: the line that goes in there, or out with a dash in front.
const writeTable = `set -e
printf %s "$1" | base64 -d > ${table}
template=/etc/cloud/templates/hosts.debian.tmpl
[ -e "$template" ] || exit 0
kept=$(grep -vxF "\${2#-}" "$template" || true)
case $2 in -*) printf '%s\\n' "$kept" > "$template" ;; *) printf '%s\\n%s\\n' "$kept" "$2" > "$template" ;; esac`;
const onHypervisor = 'exec sh -c "$1" sh "$2" "$3"';
const base64 = (text: string) => Buffer.from(text).toString("base64");
const line = `${wanted.gateway} ${wanted.host}`;

export const hostNames: Step = {
  id: "host-names",
  kind: "remedy",
  plan: "3.2",
  remedies: ["P19", "F36"],
  serves: ["ACC-002"],
  why: `${wanted.host} is known to nobody: the hypervisor and its guests get it in their own tables`,
  changesFor(view) {
    const { gateway, machine } = view.facts;
    const changes: Change[] = [];
    const old = { host: view.read(table), gateway: gateway?.hosts, machine: machine?.hosts };
    if (old.host !== undefined && withName(old.host) !== old.host)
      changes.push({
        does: "run",
        title: `hypervisor: ${line}`,
        ...{ script: onHypervisor, args: [writeTable, base64(withName(old.host)), line] },
        undo: { script: onHypervisor, args: [writeTable, base64(old.host), `-${line}`] },
      });
    if (old.gateway !== undefined && withName(old.gateway) !== old.gateway)
      changes.push({
        does: "run",
        title: `LXC ${wanted.ctid}: ${line}`,
        ...inContainer(writeTable, base64(withName(old.gateway)), line),
        undo: inContainer(writeTable, base64(old.gateway), `-${line}`),
      });
    if (old.machine !== undefined && withName(old.machine) !== old.machine)
      changes.push({
        does: "run",
        title: `VM ${wanted.vmid}: ${line}`,
        ...onDockerHost(writeTable, base64(withName(old.machine)), line),
        undo: onDockerHost(writeTable, base64(old.machine), `-${line}`),
      });
    return changes;
  },
};
