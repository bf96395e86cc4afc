// Task 3.1: Phoenix's own commands bring what the tree says to the guests.
import { heredocTo, says } from "../edit/shell.ts";
import type { RunCommand, Step, View } from "../plan.ts";
import { files, liveSite, wanted } from "../wanted.ts";
import { onDockerHost } from "./in-guest.ts";
import { replaceTable, withoutStale } from "./volume.ts";

/** Steps whose edits reach VM 1001, and LXC 101, by these commands alone. */
const forMachine = [
  "volume-path",
  "discover-stacks",
  "stacks-one-level-down",
  "stacks-when-docker-is-there",
  "compose-command",
  "stack-failure-fails",
  "pinned-image",
  "deploy-directory",
  "base-setup-script",
  "guest-exit-codes",
  "machine-firewall",
  "stale-mount",
];
const forGateway = [
  "outbound-rule",
  "gateway-inbound",
  "firewall-consumer",
  "delivered-upstream",
  "delivered-vhost",
  "portainer-location-tls",
  "certificate-names",
  "declared-upstream",
  "declared-syntax",
];

// Stops what the feature started, data stays where it is, then gives the machine the mount table that it had just before.
// $1: that table in base64. $2: the mount point.
const stopAndRemount = `if [ -d "$2/portainer" ] && command -v docker-compose >/dev/null; then
  (cd "$2/portainer" && docker-compose down) || exit
fi
${replaceTable}`;

/** One of Phoenix's own commands, for one guest. */
export function phoenixCommand(tree: string, verb: "create" | "converge", id: number): RunCommand {
  return {
    does: "run",
    title: `phoenix-cli ${verb} ${id}`,
    script: 'exec "$1/bin/phoenix-cli" "$2" "$3"',
    args: [tree, verb, String(id)],
    phoenixCli: true,
  };
}

/** A guest's rules, and what guest-firewall.sh leaves beside them when it is killed in the midst of writing. */
const rulesOf = (id: number) => [`/etc/pve/firewall/${id}.fw`, `/etc/pve/firewall/${id}.fw.new`];

function create({ facts: { tree, machine }, changed }: View): RunCommand {
  const ran = machine?.stacks.includes(`${wanted.mountPoint}/portainer`) === true;
  const fstab = machine?.fstab ?? "";
  // What an earlier step of this plan did to it stays, until that step is undone itself.
  const table = Buffer.from(changed.has("stale-mount") ? withoutStale(fstab) : fstab).toString("base64");
  return {
    ...phoenixCommand(tree, "create", wanted.vmid),
    touches: [`/etc/pve/qemu-server/${wanted.vmid}.conf`, ...rulesOf(wanted.vmid)],
    // A stack that ran before is left running; a machine that was not there has nothing to go back to.
    ...(machine && !ran && { undo: onDockerHost(stopAndRemount, table, wanted.mountPoint) }),
  };
}

function converge({ facts }: View): RunCommand {
  return {
    ...phoenixCommand(facts.tree, "converge", wanted.ctid),
    settles: true,
    touches: [`/etc/pve/lxc/${wanted.ctid}.conf`, ...rulesOf(wanted.ctid)],
  };
}

/** Whether the running machine lags behind what the tree says. */
function machineLags(view: View): boolean {
  const { machine } = view.facts;
  if (!machine) return true;
  const deployed = view.read(`${wanted.volume}/portainer/docker-compose.yml`) !== undefined;
  const searched = says(view.inTree(files.dockerFeature), view.text(files.dockerFeature), "-maxdepth 2");
  if (deployed && searched && !machine.stacks.includes(`${wanted.mountPoint}/portainer`)) return true;
  const writesRules = view.text(files.vmManager).includes(files.guestFirewall);
  if (writesRules && view.read(`/etc/pve/firewall/${wanted.vmid}.fw`) === undefined) return true;
  const source = `${wanted.hypervisor}:${wanted.volume}`;
  return !machine.mounts.split("\n").some((line) => line.startsWith(`${source} ${wanted.mountPoint} `));
}

/** Whether the gateway serves another site than the one that its script would write. */
function gatewayLags(view: View): boolean {
  const { gateway } = view.facts;
  if (!gateway?.nginxRuns) return true;
  const text = view.text(files.gatewayScript);
  const script = view.inTree(files.gatewayScript);
  if (says(script, text, "subjectAltName") && !gateway.names.includes(`DNS:${wanted.host}`)) return true;
  const writesRules = says(view.inTree(files.lxcManager), view.text(files.lxcManager), files.guestFirewall);
  if (writesRules && view.read(`/etc/pve/firewall/${wanted.ctid}.fw`) === undefined) return true;
  const { start, end } = heredocTo(script, text, liveSite);
  return gateway.site !== text.slice(start, end);
}

export const phoenixCli: Step = {
  id: "phoenix-cli",
  kind: "literal",
  plan: "3.1",
  remedies: [],
  serves: ["ORC-001", "AUT-001", "GWY-002", "FWL-002"],
  why: "Phoenix applies the configuration and runs the scripts",
  changesFor(view) {
    const changed = (steps: readonly string[]) => steps.some((step) => view.changed.has(step));
    const commands = [
      ...(changed(forMachine) || machineLags(view) ? [create(view)] : []),
      ...(changed(forGateway) || gatewayLags(view) ? [converge(view)] : []),
    ];
    return commands.length > 0 ? commands : "both guests have what the tree says";
  },
};
