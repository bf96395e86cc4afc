// The cluster's firewall file, switched on without cutting what reaches the hypervisor, or what it reaches, today.
import { BadInput, problem } from "../../fixtures/errors.ts";
import { networkText } from "../../fixtures/readings/pve-firewall/addresses.ts";
import type { Host } from "../../fixtures/readings/pve-firewall/chain.ts";
import { decide, type End, type Packet } from "../../fixtures/readings/pve-firewall/decide.ts";
import { parseFirewallText } from "../../fixtures/readings/pve-firewall/parse.ts";
import { lineEnding } from "../edit/text.ts";
import type { Facts } from "../facts.ts";
import { clusterFirewall, hostFirewall } from "../files.ts";

/** What decides over the hypervisor's own traffic: the deployment, the connection, and its host.fw. */
type Surroundings = Pick<Facts, "deployment" | "client" | "files">;

/** Whether pve-firewall enforces its rules now: the cluster's switch is on, and the service runs. */
export function inForce(text: string, status: string): boolean {
  return parseFirewallText(text, "cluster").options.get("enable")?.value === "1" && /\/running/.test(status);
}

/**
 * The cluster's firewall file with the firewall enabled. If it sets no inbound policy, ACCEPT is set: Proxmox's default
 * would drop inbound connections. If its policies or rules would drop what works while the firewall is off, rules before
 * them keep it. Every other line stays.
 * @throws BadInput if Proxmox would not read the switch, or another file's rule would drop the traffic all the same.
 */
export function switchedOn(text: string, around: Surroundings): string {
  const on = enabled(text);
  const read = parseFirewallText(on, "cluster");
  if (read.options.get("enable")?.value !== "1") {
    const [skipped] = read.ignored;
    const why = skipped?.why ?? "a line below it switches the firewall off";
    const next = `sed -i 's/\\r$//' ${clusterFirewall}   # if its lines end with CRLF; else mend the line`;
    const at = `${clusterFirewall}:${skipped?.line ?? 1}:1`;
    throw new BadInput(problem(`${at}: Proxmox would not read the firewall's switch: ${why}`, next));
  }
  const kept = withRules(on, rulesFor(lost(on, around), around));
  const [still] = lost(kept, around).filter(({ packet }) => !packet.from.address.includes(":"));
  if (still === undefined) return kept;
  const { from, to, proto, dport } = still.packet;
  const what = `${from.address} to ${to.address} ${proto}${dport === undefined ? "" : `/${dport}`}`;
  throw new BadInput(
    problem(
      `${still.place}: Switching the cluster's firewall on would cut a connection that works today: ${what}: ${still.because}`,
      "npm run phoenix -- plan --without firewall-switches   # or change that line",
    ),
  );
}

interface Lost {
  readonly packet: Packet;
  /** `FILE:LINE:COLUMN` of what drops it. */
  readonly place: string;
  readonly because: string;
}

/** The packets that pass while the firewall is off, and would not with this file. */
function lost(text: string, around: Surroundings): Lost[] {
  const fact = around.files[hostFirewall];
  const host: Host = {
    cluster: parseFirewallText(text, "cluster"),
    host: fact?.kind === "file" ? parseFirewallText(fact.text, "host") : undefined,
    localNetwork: around.deployment.hypervisor.network,
  };
  return packetsOf(around).flatMap((packet) => {
    const decision = decide(packet, host);
    if (decision.verdict === "ACCEPT") return [];
    const step = decision.steps.at(-1);
    const file = step?.file === "host.fw" ? hostFirewall : clusterFirewall;
    const because = decision.verdict === "unknown" ? decision.reason : (step?.because ?? "");
    return [{ packet, place: `${file}:${step?.line || 1}:1`, because }];
  });
}

/**
 * What works between the hypervisor and its network while no firewall is on: NFS, its port mapper, the image registry,
 * names, web, pings and any other port, for which an unusual one stands; and the connection that this plan is made over.
 */
function packetsOf({ deployment, client }: Surroundings): Packet[] {
  const { hypervisor, gateway, dockerHost } = deployment;
  const host: End = { address: hypervisor.address };
  // The guests' own chains are not asked: their files are others' requirements.
  const guest = (id: number, address: string): End => ({
    address,
    guest: { id, card: { name: "net0", firewall: false, ownMac: true }, firewall: undefined },
  });
  const guests = [guest(gateway.ctid, gateway.address), guest(dockerHost.vmid, dockerHost.address)];
  const traffic = [
    ...[2049, 111, 5000, 53, 443, 20_048, 33_333].map((dport) => ({ proto: "tcp" as const, dport })),
    ...[2049, 111, 53, 123, 33_333].map((dport) => ({ proto: "udp" as const, dport })),
    { proto: "icmp" as const },
  ];
  const outside = guest(0, "192.0.2.1");
  return [
    ...guests.flatMap((one) => traffic.map((what) => ({ from: one, to: host, ...what }))),
    ...[...guests, outside].flatMap((one) => traffic.map((what) => ({ from: host, to: one, ...what }))),
    ...(client
      ? [{ from: guest(0, client.address), to: host, proto: "tcp" as const, dport: client.port }]
      : []),
  ];
}

/** Rules that let the lost packets through. */
function rulesFor(all: readonly Lost[], { deployment, client }: Surroundings): string[] {
  const host = deployment.hypervisor.address;
  const network = networkText(deployment.hypervisor.network) ?? deployment.hypervisor.network;
  const inward = all.filter(({ packet }) => packet.to.address === host);
  const operator = client && inward.some(({ packet }) => packet.from.address === client.address);
  const rules = [
    ...(inward.some(({ packet }) => packet.from.address !== client?.address)
      ? [`IN ACCEPT -source ${network} # NFS and all else that the guests reach on this host`]
      : []),
    ...(operator
      ? [`IN ACCEPT -source ${client.address} -p tcp -dport ${client.port} # this plan's own connection`]
      : []),
    ...(inward.length < all.length ? ["OUT ACCEPT # what this host reaches"] : []),
  ];
  if (rules.length === 0) return [];
  const why =
    "# Kept open when the firewall was switched on: it worked while it was off, and the lines below would drop it.";
  return [why, ...rules];
}

/** The text with these lines first under [RULES]. */
function withRules(text: string, rules: readonly string[]): string {
  if (rules.length === 0) return text;
  const end = lineEnding(text);
  const lines = text.split("\n");
  const at = lines.findIndex((line) => /^[ \t]*\[RULES\][ \t]*$/i.test(line));
  if (at < 0) return `${text}${text.endsWith("\n") ? "" : end}${end}${["[RULES]", ...rules, ""].join(end)}`;
  return [...lines.slice(0, at + 1), ...rules, ...lines.slice(at + 1)].join("\n");
}

/** The text with the switch on, and an inbound policy. */
function enabled(text: string): string {
  if (text.trim() === "") return "[OPTIONS]\nenable: 1\npolicy_in: ACCEPT\n";
  const end = lineEnding(text);
  const lines = text.split("\n");
  const at = lines.findIndex((line) => /^[ \t]*\[OPTIONS\][ \t]*\r?$/i.test(line));
  if (at < 0) return `[OPTIONS]${end}enable: 1${end}policy_in: ACCEPT${end}${end}${text}`;
  const next = lines.findIndex((line, number) => number > at && /^[ \t]*\[/.test(line));
  const stop = next < 0 ? lines.length : next;
  const on = lines.slice(at + 1, stop).map((line) => line.replace(/^[ \t]*enable:[^\r]*/i, "enable: 1"));
  const says = (option: RegExp) => on.some((line) => option.test(line));
  const policy = /^[ \t]*policy_in:\s*(accept|drop|reject)\s*$/i;
  const added = [
    lines[at],
    ...(says(policy) ? [] : ["policy_in: ACCEPT"]),
    ...(says(/^enable:/) ? [] : ["enable: 1"]),
  ].map((line = "", number, { length }) => {
    // Every line but the text's last one gets the file's line ending.
    const ended = line.endsWith("\r") || (number === length - 1 && at === lines.length - 1);
    return ended || end === "\n" ? line : `${line}\r`;
  });
  return [...lines.slice(0, at), ...added, ...on, ...lines.slice(stop)].join("\n");
}
