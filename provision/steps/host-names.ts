// A remedy of task 3.2: the plan's URL has a host name that nothing resolves.
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import type { Change, Step } from "../plan.ts";
import { asUndo, inContainer, onDockerHost, type PlaceScript } from "./in-guest.ts";

const table = "/etc/hosts";

/** An /etc/hosts text in which the name has the gateway's address alone; every other byte is unchanged. */
export function withName(text: string, { gateway, portainer }: Deployment): string {
  const names = (line: string) => line.replace(/#.*/, "").trim().split(/\s+/);
  const about = (line: string) => names(line).slice(1).includes(portainer.host);
  const lines = text.split("\n");
  const wrong = lines.filter((line) => about(line) && names(line)[0] !== gateway.address);
  if (wrong.length === 0 && lines.some(about)) return text;
  const kept = lines.flatMap((line) => {
    if (!wrong.includes(line)) return [line];
    const [address, ...others] = names(line).filter((word) => word !== portainer.host);
    return others.length > 0 ? [[address, ...others].join(" ")] : [];
  });
  if (kept.some(about)) return kept.join("\n");
  const before = kept.join("\n");
  return `${before}${before === "" || before.endsWith("\n") ? "" : "\n"}${gateway.address} ${portainer.host}\n`;
}

// $1: /etc/hosts in base64. The file keeps its inode, since it may be a bind mount. cloud-init rewrites /etc/hosts at each
// boot from its template. $2: the line to add to the template, or, after a dash, to remove from it.
const writeTable = `set -e
printf %s "$1" | base64 -d > ${table}
template=/etc/cloud/templates/hosts.debian.tmpl
[ -e "$template" ] || exit 0
kept=$(grep -vxF "\${2#-}" "$template" || true)
case $2 in -*) printf '%s\\n' "$kept" > "$template" ;; *) printf '%s\\n%s\\n' "$kept" "$2" > "$template" ;; esac`;
const onHypervisor = 'exec sh -c "$1" sh "$2" "$3"';
const base64 = (text: string) => Buffer.from(text).toString("base64");

export const hostNames: Step = {
  id: "host-names",
  kind: "remedy",
  plan: "3.2",
  remedies: ["P19"],
  serves: ["ACC-002"],
  why: ({ portainer }) =>
    `nothing resolves ${portainer.host}: the hypervisor and both guests get it in /etc/hosts`,
  changesFor(view) {
    const { deployment } = view;
    const { gateway, dockerHost } = deployment;
    const line = `${gateway.address} ${deployment.portainer.host}`;
    /** The change to one system's /etc/hosts, if it needs one. */
    const change = (place: string, old: string | undefined, script: PlaceScript): Change[] => {
      const now = old === undefined ? undefined : withName(old, deployment);
      if (old === undefined || now === undefined || now === old) return [];
      const back = script(writeTable, base64(old), `-${line}`);
      const undo = place === "hypervisor" ? back : asUndo(back);
      return [{ does: "run", title: `${place}: ${line}`, ...script(writeTable, base64(now), line), undo }];
    };
    const { gateway: gatewayFacts, dockerHost: dockerHostFacts } = view.facts;
    return [
      ...change("hypervisor", view.read(table), (...args) => ({ script: onHypervisor, args })),
      ...change(`LXC ${gateway.ctid}`, gatewayFacts?.hosts, inContainer(gateway.ctid)),
      ...change(`VM ${dockerHost.vmid}`, dockerHostFacts?.hosts, onDockerHost(dockerHost.vmid)),
    ];
  },
};
