// Files of pve-firewall, beside what Proxmox's own code makes of them.
//
// The program to compare with is a box or a script with Proxmox's modules. It reads one request a line:
//   { "folder": FOLDER, "packets": [{ "from", "to", "proto", "sport", "dport" }] }
// with the ends below, and answers each with one line:
//   { "verdicts": ["ACCEPT" | "DROP" | "REJECT" | "NFQUEUE", …] }   one for each packet
//   { "died": WHY }      no rules were made, so those before stay in force
//   { "refused": WHY }   the kernel refused the rules, likewise
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { plainEnvironment } from "../../fixtures/confine.ts";
import { decide, type End, type Host, type Packet } from "../../fixtures/readings/pve-firewall/decide.ts";
import { parseFirewallText } from "../../fixtures/readings/pve-firewall/parse.ts";
import { findProgram } from "../../fixtures/setup/packages.ts";
import type { Random } from "./choice.ts";
import { firewallFiles } from "./firewall-text.ts";
import type { Files, Kind, Result } from "./kinds.ts";

/** Like the ends in the recordings of a real Proxmox VE: 101 and 1001 have files, the strangers have none. */
const ends: Readonly<Record<string, { readonly address: string; readonly id?: number }>> = {
  host: { address: "10.0.0.13" },
  gw: { address: "10.0.0.153", id: 101 },
  vm: { address: "10.0.0.101", id: 1001 },
  stranger: { address: "10.0.0.250", id: 250 },
  other: { address: "10.0.0.60", id: 60 },
};

const packets = [
  ..."gw>vm stranger>vm other>vm host>vm".split(" ").flatMap((way) => asked(way, [22, 80, 9443, 9000, 8000])),
  ..."gw>host stranger>host vm>host other>host"
    .split(" ")
    .flatMap((way) => asked(way, [22, 111, 2049, 8006])),
  ..."stranger>gw other>gw host>gw vm>gw".split(" ").flatMap((way) => asked(way, [22, 80, 443])),
  ..."gw>stranger vm>stranger host>stranger".split(" ").flatMap((way) => asked(way, [53, 80, 443])),
  ...asked("gw>vm", [53, 9443], "udp"),
  ...asked("stranger>vm", [53, 2049], "udp"),
  ...asked("stranger>host", [53, 2049], "udp"),
  ...asked("gw>stranger", [53, 123], "udp"),
  ...["gw>vm", "stranger>vm", "stranger>gw", "stranger>host", "gw>stranger"].flatMap((way) =>
    asked(way, [0], "icmp"),
  ),
];

interface Asked {
  readonly from: string;
  readonly to: string;
  readonly proto: Packet["proto"];
  readonly sport: number;
  readonly dport: number;
}

function asked(way: string, ports: readonly number[], proto: Packet["proto"] = "tcp"): Asked[] {
  const [from = "", to = ""] = way.split(">");
  return ports.map((dport) => ({ from, to, proto, sport: 40_000, dport }));
}

export const firewall = (program: string | undefined): Kind => {
  const found = program?.includes("/") ? program : program && findProgram([program], plainEnvironment.PATH);
  let running: Theirs | undefined;
  return {
    name: "firewall",
    absent: () => (found ? undefined : "no program with Proxmox's modules is given: --pve PROGRAM"),
    make: (random: Random) => firewallFiles(random),
    compare: async (folder, files) => {
      running ??= new Theirs(found ?? "");
      return difference(files, await running.ask(folder));
    },
    close: () => running?.close(),
  };
};

interface Answer {
  readonly verdicts?: readonly string[];
  readonly died?: string;
  readonly refused?: string;
}

/** The program, which answers one request after the other. */
class Theirs {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;

  constructor(program: string) {
    this.#child = spawn(program);
    this.#child.stderr.resume();
    this.#lines = createInterface({ input: this.#child.stdout });
  }

  async ask(folder: string): Promise<Answer> {
    const line = once(this.#lines, "line", { signal: AbortSignal.timeout(30_000) });
    this.#child.stdin.write(`${JSON.stringify({ folder, packets })}\n`);
    const [text] = await line;
    return JSON.parse(text) as Answer;
  }

  close(): void {
    this.#child.kill();
  }
}

/** Open or closed only: a packet that goes to an intrusion prevention system is open if that lets it pass. */
const shown = (verdict: string) => (verdict === "REJECT" ? "DROP" : verdict);

function difference(files: Files, { verdicts, died, refused }: Answer): Result {
  const host = hostOf(files);
  const own = packets.map((packet) => decide(packetOf(packet, files), host));
  const known = own.filter(({ verdict }) => verdict !== "unknown");
  const why = died ?? refused;
  // Without new rules the old ones stay: nobody but the host knows them.
  if (why !== undefined)
    return known.length === 0
      ? "unknown"
      : { ours: `${known.length} verdicts`, theirs: `refused: ${why.trim()}` };
  for (const [at, packet] of packets.entries()) {
    const [decision, theirs = ""] = [own[at], verdicts?.[at]];
    if (decision === undefined || decision.verdict === "unknown" || theirs === "NFQUEUE") continue;
    if (shown(decision.verdict) === shown(theirs)) continue;
    const last = decision.steps.at(-1);
    return {
      ours: `${told(packet)} ${decision.verdict}: ${last ? `${last.file}:${last.line} ${last.because}` : "no chain"}`,
      theirs: `${told(packet)} ${theirs}`,
    };
  }
  return known.length === own.length ? "same" : "unknown";
}

const told = ({ from, to, proto, dport }: Asked) => `${from}->${to} ${proto}/${dport}`;

function packetOf({ from, to, ...packet }: Asked, files: Files): Packet {
  return { ...packet, from: endOf(from, files), to: endOf(to, files) };
}

function endOf(name: string, files: Files): End {
  const { address = "", id } = ends[name] ?? {};
  if (id === undefined) return { address };
  const text = files[`${id}.fw`];
  const card = { name: "net0", firewall: true, ownMac: true };
  const configured = id === 1001 ? {} : { configuredAddress: address };
  const own = text === undefined ? undefined : parseFirewallText(text, "guest");
  return { address, guest: { id, card, firewall: own, ...configured } };
}

function hostOf(files: Files): Host {
  const text = files["host.fw"];
  return {
    cluster: parseFirewallText(files["cluster.fw"] ?? "", "cluster"),
    host: text === undefined ? undefined : parseFirewallText(text, "host"),
    localNetwork: "10.0.0.0/24",
    guests: ["gw", "vm"].flatMap((name) => endOf(name, files).guest ?? []),
  };
}
