// Switching the cluster's firewall on cuts nothing that works between the hypervisor and its network today.
import { expect, test } from "@playwright/test";
import { BadInput } from "../../fixtures/errors.ts";
import { decide, type End, type Packet } from "../../fixtures/readings/pve-firewall/decide.ts";
import { parseFirewallText } from "../../fixtures/readings/pve-firewall/parse.ts";
import { clusterFirewall, hostFirewall } from "../files.ts";
import { makePlan } from "../plan.ts";
import { factsOf, sampleTree } from "../testing/sample-facts.ts";
import { steps } from "./index.ts";

const facts = factsOf(sampleTree);
const { hypervisor, gateway, dockerHost } = facts.deployment;

interface Host {
  /** cluster.fw; undefined for no file. */
  readonly cluster?: string;
  readonly host?: string;
  readonly status?: string;
  readonly client?: { readonly address: string; readonly port: number };
}

/** cluster.fw after the plan for this host; undefined if the plan does not write it. */
function planned({ cluster, host, status = "Status: disabled/running", client }: Host) {
  const file = (text: string | undefined) =>
    text === undefined ? { kind: "absent" as const } : { kind: "file" as const, mode: "640", text };
  const files = { ...facts.files, [clusterFirewall]: file(cluster), [hostFirewall]: file(host) };
  const found = { ...facts, files, firewall: status, ...(client && { client }) };
  const options = { target: "sample", literal: false, without: [], only: ["firewall-switches"] };
  const changes = makePlan(found, steps, options).steps.flatMap((step) => step.changes);
  const write = changes.find((change) => change.does === "write-file");
  return write?.does === "write-file" ? write.after : undefined;
}

const guest = (address: string): End => ({
  address,
  guest: { id: 0, card: { name: "net0", firewall: false, ownMac: true }, firewall: undefined },
});
const self: End = { address: hypervisor.address };

/** The connections that do not pass with this cluster.fw. */
function cut(cluster: string | undefined, host?: string): string[] {
  const texts = {
    cluster: parseFirewallText(cluster ?? "", "cluster"),
    host: host === undefined ? undefined : parseFirewallText(host, "host"),
    localNetwork: hypervisor.network,
  };
  const tcp = (from: End, to: End, dport: number): Packet => ({ from, to, proto: "tcp", dport });
  const guests = [gateway.address, dockerHost.address].map(guest);
  const packets = [
    ...guests.flatMap((one) => [2049, 111, 5000, 8123].map((port) => tcp(one, self, port))),
    ...guests.map((one): Packet => ({ from: one, to: self, proto: "icmp" })),
    ...guests.map((one): Packet => ({ from: one, to: self, proto: "udp", dport: 111 })),
    ...guests.map((one) => tcp(self, one, 443)),
    tcp(self, guest("198.51.100.7"), 443),
  ];
  return packets
    .filter((packet) => decide(packet, texts).verdict !== "ACCEPT")
    .map(({ from, to, proto, dport }) => `${from.address}->${to.address} ${proto} ${dport ?? ""}`.trim());
}

test("the check finds cuts: a switched-on policy DROP without rules", () => {
  expect(cut("[OPTIONS]\nenable: 1\npolicy_in: DROP\n")).toHaveLength(12);
  expect(cut("[OPTIONS]\nenable: 1\npolicy_in: ACCEPT\npolicy_out: DROP\n")).toHaveLength(3);
});

for (const [what, host] of [
  ["no file", {}],
  ["an empty file", { cluster: "" }],
  ["no policy, which is DROP", { cluster: "[OPTIONS]\nenable: 0\n" }],
  ["policy DROP", { cluster: "[OPTIONS]\nenable: 0\npolicy_in: DROP\n" }],
  ["policy DROP in other case", { cluster: "[OPTIONS]\nPOLICY_IN: drop\n" }],
  ["policy REJECT", { cluster: "[OPTIONS]\npolicy_in: REJECT\n" }],
  ["both policies DROP", { cluster: "[OPTIONS]\npolicy_in: DROP\npolicy_out: DROP\n" }],
  ["a policy that Proxmox skips", { cluster: "[OPTIONS]\npolicy_in: ACCEPT # all\n" }],
  ["a policy twice, the last DROP", { cluster: "[OPTIONS]\npolicy_in: ACCEPT\npolicy_in: DROP\n" }],
  [
    "policy DROP and rules of its own",
    { cluster: "[OPTIONS]\npolicy_in: DROP\n\n[RULES]\nIN DROP -p tcp -dport 2049\n" },
  ],
  [
    "a rule that drops NFS",
    { cluster: "[OPTIONS]\npolicy_in: ACCEPT\n\n[RULES]\nIN DROP -p tcp -dport 2049\n" },
  ],
  [
    "a group that drops",
    { cluster: "[OPTIONS]\npolicy_in: ACCEPT\n\n[group lan]\nIN DROP -p udp\n\n[RULES]\nGROUP lan\n" },
  ],
  [
    "the switch on, and the service stopped",
    { cluster: "[OPTIONS]\nenable: 1\npolicy_in: DROP\n", status: "Status: enabled/stopped" },
  ],
  [
    "policy DROP, and the host's own chains off",
    { cluster: "[OPTIONS]\npolicy_in: DROP\n", host: "[OPTIONS]\nenable: 0\n" },
  ],
] as const satisfies readonly (readonly [string, Host])[])
  test(`nothing is cut by switching on a cluster with ${what}`, () => {
    const after = planned(host);
    expect(parseFirewallText(after ?? "", "cluster").options.get("enable")?.value).toBe("1");
    expect(cut(after, "host" in host ? host.host : undefined)).toEqual([]);
    // The same plan again changes nothing.
    expect(planned({ ...host, cluster: after ?? "", status: "Status: enabled/running" })).toBeUndefined();
  });

test("an existing policy DROP stays, and the plan says what is kept open and why", () => {
  expect(planned({ cluster: "[OPTIONS]\nenable: 0\npolicy_in: DROP\n" })).toBe(
    "[OPTIONS]\nenable: 1\npolicy_in: DROP\n\n[RULES]\n" +
      "# Kept open when the firewall was switched on: it worked while it was off, and the lines below would drop it.\n" +
      "IN ACCEPT -source 10.0.0.0/24 # NFS and all else that the guests reach on this host\n",
  );
});

for (const [what, cluster] of [
  ["policy DROP", "[OPTIONS]\nenable: 1\npolicy_in: DROP\n"],
  ["no policy, which is DROP", "[OPTIONS]\nenable: 1\n"],
] as const)
  test(`a firewall that is in force with ${what} is left as it is: nothing is opened`, () => {
    expect(planned({ cluster, status: "Status: enabled/running" })).toBeUndefined();
  });

test("the operator's own connection from another network is kept", () => {
  const client = { address: "198.51.100.9", port: 2222 };
  const after = planned({ cluster: "[OPTIONS]\npolicy_in: DROP\n", client }) ?? "";
  expect(after).toContain("IN ACCEPT -source 198.51.100.9 -p tcp -dport 2222 #");
  expect(planned({ cluster: "[OPTIONS]\n", client })).not.toContain("198.51.100.9");
  const local = { address: "10.0.0.7", port: 22 };
  expect(planned({ cluster: "[OPTIONS]\npolicy_in: DROP\n", client: local })).not.toContain("10.0.0.7");
});

test("the operator's connection by IPv6 is kept", () => {
  const client = { address: "2001:db8::9", port: 22 };
  const after = planned({ cluster: "[OPTIONS]\npolicy_in: DROP\n", client });
  expect(after).toContain("IN ACCEPT -source 2001:db8::9 -p tcp -dport 22 #");
});

for (const [what, host, words] of [
  [
    "a rule in host.fw that drops NFS",
    { cluster: "", host: "[RULES]\nIN DROP -p tcp -dport 2049\n" },
    /^\/etc\/pve\/local\/host\.fw:2:1: .*10\.0\.0\.153 to 10\.0\.0\.13 tcp\/2049: IN DROP/,
  ],
  [
    "the guests on the blacklist",
    { cluster: "[OPTIONS]\n\n[IPSET blacklist]\n10.0.0.101\n" },
    /10\.0\.0\.101 to .*blacklist/,
  ],
  ["Windows line ends", { cluster: "[OPTIONS]\r\npolicy_in: DROP\r\n" }, /would not read.*U\+000D/],
  ["a byte order mark", { cluster: "\ufeff[OPTIONS]\nenable: 0\n" }, /cut|not read/],
] as const)
  test(`refused with the line: ${what}`, () => {
    expect(() => planned(host)).toThrow(BadInput);
    expect(() => planned(host)).toThrow(words);
  });
