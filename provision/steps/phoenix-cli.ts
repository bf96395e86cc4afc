// Task 3.1: runs Phoenix's own commands, which apply the tree to the guests.
import { mountSourceOf, portainerDirectoryOf } from "../../fixtures/deployment/deployment.ts";
import { quoteWord } from "../../fixtures/quote.ts";
import { heredocTo, says } from "../edit/shell.ts";
import { files, liveSiteOf, mountedStackOf } from "../files.ts";
import type { RunCommand, Step, View } from "../plan.ts";
import { asUndo, onDockerHost } from "./in-guest.ts";
import { restoreTable, withoutStale } from "./volume.ts";

/** Steps whose edits reach the docker host, and the gateway, only through these commands. */
const forDockerHost = [
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
  "lxc-options",
  "delivered-upstream",
  "delivered-vhost",
  "portainer-location-tls",
  "certificate-names",
  "declared-upstream",
  "declared-syntax",
];

// Restores the docker host's /etc/fstab, and stops the stack that the feature started, without touching its data.
// $1: that /etc/fstab in base64. $2: the mount point.
const stopAndRemount = (directory: string) =>
  restoreTable(`stack=$2/${quoteWord(directory)}
if [ -d "$stack" ] && command -v docker-compose >/dev/null; then
  (cd "$stack" && docker-compose down) || left "the stack in $stack runs: docker-compose down failed"
fi`);

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

/** A guest's rules file, and the temporary file that guest-firewall.sh leaves if it is killed while writing. */
const rulesOf = (id: number) => [`/etc/pve/firewall/${id}.fw`, `/etc/pve/firewall/${id}.fw.new`];

function create({ deployment, facts, changed }: View): RunCommand {
  const { vmid } = deployment.dockerHost;
  const { dockerHost } = facts;
  const ran = dockerHost?.stacks.includes(mountedStackOf(deployment)) === true;
  const fstab = dockerHost?.fstab ?? "";
  // Earlier steps' edits of /etc/fstab stay until those steps are undone themselves.
  const table = changed.has("stale-mount") ? withoutStale(fstab, deployment) : fstab;
  const undo = asUndo(
    onDockerHost(vmid)(
      stopAndRemount(deployment.portainer.directory),
      Buffer.from(table).toString("base64"),
      deployment.volume.mountPoint,
    ),
  );
  return {
    ...phoenixCommand(facts.tree, "create", vmid),
    touches: [`/etc/pve/qemu-server/${vmid}.conf`, ...rulesOf(vmid)],
    // No undo for a stack that ran before, which is left running, or for a docker host that did not run.
    ...(dockerHost && !ran && { undo }),
  };
}

function converge({ deployment: { gateway }, facts }: View): RunCommand {
  return {
    ...phoenixCommand(facts.tree, "converge", gateway.ctid),
    settles: true,
    touches: [`/etc/pve/lxc/${gateway.ctid}.conf`, ...rulesOf(gateway.ctid)],
  };
}

/** Whether the running docker host differs from the tree. */
function dockerHostLags(view: View): boolean {
  const { deployment } = view;
  const { dockerHost } = view.facts;
  if (!dockerHost) return true;
  const deployed = view.read(`${portainerDirectoryOf(deployment)}/docker-compose.yml`) !== undefined;
  const searched = says(view.inTree(files.dockerFeature), view.text(files.dockerFeature), "-maxdepth 2");
  if (deployed && searched && !dockerHost.stacks.includes(mountedStackOf(deployment))) return true;
  const writesRules = view.text(files.vmManager).includes(files.guestFirewall);
  if (writesRules && view.read(`/etc/pve/firewall/${deployment.dockerHost.vmid}.fw`) === undefined)
    return true;
  const mount = `${mountSourceOf(deployment)} ${deployment.volume.mountPoint} `;
  return !dockerHost.mounts.split("\n").some((line) => line.startsWith(mount));
}

/** Whether the gateway's live site, certificate or rules differ from those that its script would write. */
function gatewayLags(view: View): boolean {
  const { deployment } = view;
  const { gatewayScript } = view.files;
  const { gateway } = view.facts;
  if (!gateway?.nginxRuns) return true;
  const text = view.text(gatewayScript);
  const script = view.inTree(gatewayScript);
  const named = gateway.names.includes(`DNS:${deployment.portainer.host}`);
  if (says(script, text, "subjectAltName") && !named) return true;
  const writesRules = says(view.inTree(files.lxcManager), view.text(files.lxcManager), files.guestFirewall);
  if (writesRules && view.read(`/etc/pve/firewall/${deployment.gateway.ctid}.fw`) === undefined) return true;
  const { start, end } = heredocTo(script, text, liveSiteOf(deployment));
  return gateway.site !== text.slice(start, end);
}

export const phoenixCli: Step = {
  id: "phoenix-cli",
  kind: "literal",
  plan: "3.1",
  remedies: [],
  serves: ["ORC-001", "AUT-001", "GWY-002", "FWL-002"],
  why: "phoenix-cli applies the configuration and runs the scripts",
  changesFor(view) {
    const changed = (steps: readonly string[]) => steps.some((step) => view.changed.has(step));
    const commands = [
      ...(changed(forDockerHost) || dockerHostLags(view) ? [create(view)] : []),
      ...(changed(forGateway) || gatewayLags(view) ? [converge(view)] : []),
    ];
    return commands.length > 0 ? commands : "both guests match the tree";
  },
};
