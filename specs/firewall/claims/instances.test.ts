// Further instances of each kind of firewall file that was read wrongly once: other spellings, other options with the same
// effect, the same fault in another file.
import { expect, test } from "@playwright/test";
import { resultOf } from "../../testing/claim-result.ts";
import { gatewayAlone } from "./docker-host.ts";
import { ruleInForce } from "./gateway-rule.ts";

const gateway = "file /etc/pve/firewall/101.fw";
const vm = "file /etc/pve/firewall/1001.fw";
const cluster = "file /etc/pve/firewall/cluster.fw";

const on = "[OPTIONS]\nenable: 1\n\n";
const out = "OUT ACCEPT -dest 10.0.0.101 -p tcp -dport 9443";
const into = "IN ACCEPT -source 10.0.0.153 -p tcp -dport 9443";
const withRules = (...lines: string[]) => `${on}[RULES]\n${lines.join("\n")}\n`;
const openByDefault = (...lines: string[]) =>
  withRules(...lines).replace("enable: 1\n", "enable: 1\npolicy_in: ACCEPT\n");
const byAlias = (lines: string, source = "way-in") =>
  `${on}[ALIASES]\n${lines}\n\n[RULES]\nIN ACCEPT -source ${source} -p tcp -dport 9443\n`;
const bySet = (lines: string, source = "+web") =>
  `${on}[IPSET web]\n${lines}\n\n[RULES]\nIN ACCEPT -source ${source} -p tcp -dport 9443\n`;
const clusterWith = (lines: string) => `[OPTIONS]\nenable: 1\n\n${lines}\n`;
const enable = (text: string, line: string) => text.replace("enable: 1", line);
const from = (rest: string) => withRules(`IN ACCEPT -source 10.0.0.153 ${rest}`);

/** What it shows, the verdict, the guest's file, and the cluster's if it is another one. */
type Row = readonly [what: string, verdict: "pass" | "fail" | "unknown", text: string, cluster?: string];

const ofGateway: readonly Row[] = [
  // Comments and spellings of options.
  ["a comment behind policy_in", "pass", enable(withRules(out), "enable: 1\npolicy_in: DROP # all")],
  ["a comment behind policy_out", "pass", enable(withRules(out), "enable: 1\npolicy_out: DROP # all")],
  ["a comment without a blank", "fail", enable(withRules(out), "enable: 1# x")],
  ["a semicolon behind the switch", "fail", enable(withRules(out), "enable: 1 ; x")],
  ["a comment behind the cluster's switch", "fail", withRules(out), "[OPTIONS]\nenable: 1 # on\n"],
  ["another number as the switch", "fail", enable(withRules(out), "enable: 2")],
  ["a word as the switch", "fail", enable(withRules(out), "enable: true")],
  ["blanks behind the switch", "pass", enable(withRules(out), "enable: 1  ")],
  ["the switch in capitals, without a blank", "pass", enable(withRules(out), "ENABLE:1")],
  ["a blank before the colon", "fail", enable(withRules(out), "enable : 1")],
  ["blanks before the switch", "pass", enable(withRules(out), "  enable: 1")],
  ["the switch twice, the last one off", "fail", enable(withRules(out), "enable: 1\nenable: 0")],
  ["the switch twice, the last one on", "pass", enable(withRules(out), "enable: 0\nenable: 1")],
  ["a section in small letters", "pass", withRules(out).replace("OPTIONS", "options")],
  ["a section with blanks", "fail", withRules(out).replace("OPTIONS", " OPTIONS ")],
  // Line ends.
  ["Windows line ends in the cluster's file", "fail", withRules(out), "[OPTIONS]\r\nenable: 1\r\n"],
  ["a Windows line end of the section alone", "fail", withRules(out).replace("[RULES]\n", "[RULES]\r\n")],
  ["a Windows line end of the rule alone", "pass", withRules(out).replace("9443\n", "9443\r\n")],
  ["line ends of an old Mac", "fail", withRules(out).replaceAll("\n", "\r")],
  // Rules before ours.
  ["an earlier drop of everything on the card", "fail", withRules("OUT DROP -i net0", out)],
  ["an earlier refusal of everything", "fail", withRules("OUT REJECT", out)],
  ["an earlier drop of a range of ports", "fail", withRules("OUT DROP -p tcp -dport 9000:9999", out)],
  ["an earlier drop of a list of ports", "fail", withRules("OUT DROP -p tcp -dport 80,9443", out)],
  ["an earlier drop of another protocol", "pass", withRules("OUT DROP -p udp -dport 9443", out)],
  ["an earlier drop that is switched off", "pass", withRules("|OUT DROP -i net0", out)],
  ["an earlier drop of another network", "pass", withRules("OUT DROP -dest 10.0.0.0/26", out)],
  ["an earlier drop of all addresses", "fail", withRules("OUT DROP -dest 0.0.0.0/0", out)],
  ["an earlier drop of the other direction", "pass", withRules("IN DROP", out)],
  [
    "an earlier group on the card",
    "fail",
    withRules("GROUP lan -i net0", out),
    clusterWith("[group lan]\nOUT DROP -p tcp"),
  ],
  [
    "an earlier group on another card",
    "pass",
    withRules("GROUP lan -i net1", out),
    clusterWith("[group lan]\nOUT DROP -p tcp"),
  ],
  [
    "an earlier drop of a set of the cluster",
    "fail",
    withRules("OUT DROP -dest +dc/lan", out),
    clusterWith("[IPSET lan]\n10.0.0.96/28"),
  ],
  ["a range from high to low", "pass", withRules("OUT REJECT -dest 10.0.0.110-10.0.0.90 -p tcp", out)],
  ["a range of one address", "fail", withRules("OUT DROP -dest 10.0.0.101-10.0.0.101", out)],
  ["a range of sources", "fail", withRules("OUT DROP -source 10.0.0.150-10.0.0.160", out)],
  [
    "a range in a list, which is no rule",
    "pass",
    withRules("OUT DROP -dest 10.0.0.7,10.0.0.100-10.0.0.110", out),
  ],
  // Macros of other ports, and words that are none.
  ...(
    "Ping(ACCEPT) NTP(ACCEPT) HTTP(DROP) Web(DROP) SSH(REJECT) Mail(DROP) SMB(DROP) Ceph(DROP) VNC(DROP) PMG(DROP) " +
    "Trcrt(DROP) DHCPfwd(DROP) BitTorrent(DROP) Portainer(DROP) dns(ACCEPT) DNS"
  )
    .split(" ")
    .map((macro): Row => [`the macro ${macro} before`, "pass", withRules(`OUT ${macro}`, out)]),
];

const ofMachine: readonly Row[] = [
  ["a comment behind the switch", "fail", enable(withRules(into), "enable: 1 # x")],
  ["a comment behind the policy", "pass", enable(withRules(into), "enable: 1\npolicy_in: ACCEPT # x")],
  ["Windows line ends", "fail", withRules(into).replaceAll("\n", "\r\n")],
  // Options of the rule.
  ["--dest-port", "fail", from("-p tcp --dest-port 9443")],
  ["-dports", "fail", from("-p tcp -dports 9443")],
  ["-port", "fail", from("-p tcp -port 9443")],
  ["-src", "fail", withRules(into.replace("-source", "-src"))],
  ["two protocols", "fail", from("-p tcp,udp -dport 9443")],
  ["an action in small letters", "fail", withRules(into.replace("ACCEPT", "Accept"))],
  ["an action that is none", "fail", withRules(into.replace("ACCEPT", "ALLOW"))],
  ["a direction in small letters", "pass", withRules(into.replace("IN", "in"))],
  [
    "two dashes before each option",
    "pass",
    withRules(into.replace(/ -(p )?/g, (_, p) => (p ? " --proto " : " --"))),
  ],
  ["no protocol", "fail", from("-dport 9443")],
  ["its own address", "pass", from("-dest 10.0.0.101 -p tcp -dport 9443")],
  ["another address", "fail", from("-dest 10.0.0.102 -p tcp -dport 9443")],
  ["a log level", "pass", from("-p tcp -dport 9443 -log info")],
  ["a log level that is none", "fail", from("-p tcp -dport 9443 -log loud")],
  ["-enable", "fail", from("-p tcp -dport 9443 -enable 1")],
  ["an unknown option in its comment", "pass", from("-p tcp -dport 9443 # -destport x")],
  ["a list of ports", "pass", from("-p tcp -dport 8000,9443")],
  ["a range of ports", "pass", from("-p tcp -dport 9440:9450")],
  ["a second rule for every source", "fail", withRules(into, "IN ACCEPT -p tcp -dport 9443")],
  ["the client's port for its own", "fail", from("-p tcp -sport 9443")],
  ["some of the client's ports", "fail", from("-p tcp -sport 40000:50000 -dport 9443")],
  ["all of the client's ports", "pass", from("-p tcp -sport 1024:65535 -dport 9443")],
  ["the card", "pass", from("-i net0 -p tcp -dport 9443")],
  ["another card", "fail", from("-i net1 -p tcp -dport 9443")],
  ["the guest's name of its card", "fail", from("-i eth0 -p tcp -dport 9443")],
  // Rules before ours.
  ["an earlier refused range", "fail", withRules("IN REJECT -source 10.0.0.150-10.0.0.160 -p tcp", into)],
  [
    "an earlier drop of an alias of the cluster",
    "fail",
    withRules("IN DROP -source dc/web", into),
    clusterWith("[ALIASES]\nweb 10.0.0.152/30"),
  ],
  ["every address of IPv6", "fail", withRules(into, "IN ACCEPT -source ::/0 -p tcp -dport 9443")],
  ["a network of IPv6, to all ports", "fail", withRules(into, "IN ACCEPT -source fd00::/8")],
  [
    "a network of IPv6, to a range of ports",
    "fail",
    withRules("IN ACCEPT -source fe80::/10 -p tcp -dport 9000:9999", into),
  ],
  [
    "a network of IPv6, to another port",
    "pass",
    withRules(into, "IN ACCEPT -source fd00::/8 -p tcp -dport 22"),
  ],
  [
    "a network of IPv6 that is shut out",
    "pass",
    withRules(into, "IN DROP -source fd00::/8 -p tcp -dport 9443"),
  ],
  [
    "a network of IPv6, after all are shut out",
    "pass",
    withRules(into, "IN DROP -p tcp -dport 9443", "IN ACCEPT -source fd00::/8"),
  ],
  ["the macro of another service for IPv6", "pass", withRules(into, "IN SSH(ACCEPT) -source fd00::/8")],
  ["the macro Ping before", "pass", withRules("IN Ping(ACCEPT)", into)],
  ["the macro SSH for the network", "pass", withRules("IN SSH(ACCEPT) -source 10.0.0.0/24", into)],
  // The gateway by another name.
  ["a network of one address", "pass", withRules(into.replace("153", "153/32"))],
  ["the address twice", "pass", withRules(into.replace("10.0.0.153", "10.0.0.153,10.0.0.153"))],
  ["an alias of a network of one address", "pass", byAlias("way-in 10.0.0.153/32 # the gateway")],
  ["an alias in other letters", "pass", byAlias("Way-In 10.0.0.153")],
  ["an alias of the guest by its scope", "pass", byAlias("way-in 10.0.0.153", "guest/way-in")],
  [
    "an alias of the cluster by its scope",
    "pass",
    from("x").replace("10.0.0.153 x", "dc/way-in -p tcp -dport 9443"),
    clusterWith("[ALIASES]\nway-in 10.0.0.153"),
  ],
  [
    "an alias of the cluster",
    "pass",
    from("x").replace("10.0.0.153 x", "way-in -p tcp -dport 9443"),
    clusterWith("[ALIASES]\nway-in 10.0.0.153"),
  ],
  [
    "an alias that the guest has for another address",
    "fail",
    byAlias("way-in 10.0.0.99"),
    clusterWith("[ALIASES]\nway-in 10.0.0.153"),
  ],
  [
    "an alias that is defined behind the rule",
    "fail",
    `${from("x").replace("10.0.0.153 x", "way-in -p tcp -dport 9443")}\n[ALIASES]\nway-in 10.0.0.153\n`,
  ],
  ["a set by its scope", "pass", bySet("10.0.0.153", "+guest/web")],
  ["a set without the gateway", "fail", bySet("10.0.0.152/30\n!10.0.0.153")],
  // Drops behind ours.
  ["a closing refusal of everything on the card", "pass", openByDefault(into, "IN REJECT -i net0")],
  ["a closing drop of everything", "pass", openByDefault(into, "IN DROP")],
  ["a policy that refuses", "pass", openByDefault(into).replace("policy_in: ACCEPT", "policy_in: REJECT")],
  [
    "a closing drop of a range of ports",
    "pass",
    openByDefault(into, "IN DROP -i net0 -p tcp -dport 8000:9999"),
  ],
  [
    "a closing drop of the network alone",
    "fail",
    openByDefault(into, "IN DROP -i net0 -source 10.0.0.0/24 -p tcp -dport 9443"),
  ],
  [
    "a closing drop in two halves",
    "pass",
    openByDefault(into, "IN DROP -source 0.0.0.0/1", "IN DROP -source 128.0.0.0/1"),
  ],
  [
    "a closing group on the card",
    "pass",
    openByDefault(into, "GROUP shut -i net0"),
    clusterWith("[group shut]\nIN DROP -p tcp -dport 9443"),
  ],
];

for (const [claim, guest, rows] of [
  [ruleInForce, gateway, ofGateway],
  [gatewayAlone, vm, ofMachine],
] as const)
  for (const [what, verdict, text, own] of rows)
    test(`instances: ${claim.name} reads ${verdict} with ${what}`, () => {
      const said = resultOf(claim, {
        hypervisor: { [guest]: text, ...(own !== undefined && { [cluster]: own }) },
      });
      expect(said.slice(0, said.indexOf(":")), said).toBe(verdict);
    });

test("instances: an open port on the second card does not let the gateway in on the first", () => {
  const conf = "net0: virtio=AA,bridge=vmbr0,firewall=1\nnet1: virtio=BB,bridge=vmbr1,firewall=1\n";
  const said = (rest: string) =>
    resultOf(gatewayAlone, {
      hypervisor: { [vm]: from(rest), "file /etc/pve/qemu-server/1001.conf": conf },
    });
  expect(said("-i net1 -p tcp -dport 9443")).toMatch(/^fail.*9443 open to no source: policy_in: DROP/);
  expect(said("-i net0 -p tcp -dport 9443")).toMatch(/^pass/);
});
