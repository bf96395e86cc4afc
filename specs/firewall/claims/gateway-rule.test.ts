// Claims about the gateway's outbound rule on a sample: declared, written and switched on.
import { expect, test } from "@playwright/test";
import { type Bad, expectSeen, resultOf } from "../../testing/claim-result.ts";
import { healthy, lxcs, treeFile } from "../../testing/evidence-builder.ts";
import { declaredRule, ruleInForce } from "./gateway-rule.ts";

const fw = "file /etc/pve/firewall/101.fw";

type Rules = { firewall: { rules: object[] } };
const declared = (edit: (gateway: Rules) => void) => {
  const all = JSON.parse(lxcs) as { lxc_configs: { "101": Rules } };
  edit(all.lxc_configs["101"]);
  return { hypervisor: { [treeFile("etc/phoenix_lxc_configs.json")]: JSON.stringify(all, null, 1) } };
};
const before = (rule: object) => declared(({ firewall }) => firewall.rules.unshift(rule));
const ofRule = (more: object) => declared(({ firewall }) => Object.assign(firewall.rules[0] as object, more));

const declaredRuleBad: readonly Bad[] = [
  [
    "no rules",
    {
      hypervisor: {
        [treeFile("etc/phoenix_lxc_configs.json")]: '{"lxc_configs":{"101":{"firewall":{"enabled":true}}}}',
      },
    },
    "fail",
    "no rules",
  ],
  // Of the declared rules the first one that matches decides, as in the file that is written from them.
  [
    "an earlier rule that drops the connection",
    before({ type: "out", action: "DROP", dest: "10.0.0.101", proto: "tcp", port: "9443" }),
    "fail",
    "OUT DROP -dest 10.0.0.101 -p tcp -dport 9443 decides; of {",
  ],
  [
    "an earlier rule that rejects all of TCP",
    before({ type: "out", action: "REJECT", proto: "tcp" }),
    "fail",
    "OUT REJECT -p tcp decides",
  ],
  [
    "an earlier rule that drops the docker host's network",
    before({ type: "out", action: "DROP", dest: "10.0.0.96/28" }),
    "fail",
    "OUT DROP -dest 10.0.0.96/28 decides",
  ],
  [
    "an earlier rule that opens every destination",
    before({ type: "out", action: "ACCEPT", proto: "tcp" }),
    "fail",
    "OUT ACCEPT -p tcp decides",
  ],
  ["a rule for another source", ofRule({ source: "10.0.0.9" }), "fail", '"source":"10.0.0.9"'],
  ["a source that is an empty text", ofRule({ source: "" }), "fail", '"source":""'],
  [
    "a blank before the destination, with which Proxmox reads none",
    ofRule({ dest: " 10.0.0.101" }),
    "fail",
    '"dest":" 10.0.0.101"',
  ],
  [
    "an earlier rule of a set, without the files that define it",
    {
      hypervisor: {
        ...before({ type: "out", action: "DROP", dest: "+web" }).hypervisor,
        "file /etc/pve/firewall/cluster.fw": undefined,
      },
    },
    "unknown",
    "+web, which the hypervisor's firewall files define",
  ],
  [
    "an earlier rule of a set that holds the docker host",
    {
      hypervisor: {
        ...before({ type: "out", action: "DROP", dest: "+web" }).hypervisor,
        "file /etc/pve/firewall/cluster.fw": "[OPTIONS]\nenable: 1\n\n[IPSET web]\n10.0.0.101\n",
      },
    },
    "fail",
    "OUT DROP -dest +web decides",
  ],
  [
    "an inbound rule",
    { hypervisor: { [treeFile("etc/phoenix_lxc_configs.json")]: lxcs.replace('"out"', '"in"') } },
    "fail",
    '"type":"in"',
  ],
  [
    "a firewall that is off",
    { hypervisor: { [treeFile("etc/phoenix_lxc_configs.json")]: lxcs.replace("true", "false") } },
    "fail",
    "false",
  ],
];

test("declaredRule holds on a healthy target", () => {
  expect(resultOf(declaredRule)).toMatch(/^pass/);
});

// Each is the same line of Proxmox's file.
for (const [what, more] of [
  ["a port that is a number", { port: 9443 }],
  ["a direction in capitals", { type: "OUT" }],
  ["a destination of one address by its mask", { dest: "10.0.0.101/32" }],
  ["no source, said with null", { source: null }],
  ["the gateway itself as the source", { source: "10.0.0.153" }],
  ["a comment of its own", { comment: "Portainer" }],
] as const)
  test(`declaredRule reads pass with ${what}`, () =>
    expect(resultOf(declaredRule, ofRule(more))).toMatch(/^pass/));

for (const state of declaredRuleBad)
  test(`declaredRule reads ${state[2]} with ${state[0]}`, () => expectSeen(declaredRule, state));

const ruleInForceBad: readonly Bad[] = [
  ["no firewall file", { hypervisor: { [fw]: { code: 44 } } }, "fail", "no such file"],
  [
    "the rule with direction IN",
    { hypervisor: { [fw]: String(healthy.hypervisor[fw]).replace("OUT", "IN") } },
    "fail",
    "IN ACCEPT -proto tcp -dest 10.0.0.101 -dport 9443",
  ],
  [
    "the rule switched off",
    { hypervisor: { [fw]: String(healthy.hypervisor[fw]).replace("OUT", "|OUT") } },
    "fail",
    "no such rule among",
  ],
  [
    "an earlier rule that drops",
    { hypervisor: { [fw]: String(healthy.hypervisor[fw]).replace("OUT", "OUT DROP\nOUT") } },
    "fail",
    "OUT DROP",
  ],
  [
    "udp",
    { hypervisor: { [fw]: String(healthy.hypervisor[fw]).replace("tcp", "udp") } },
    "fail",
    "no such rule among",
  ],
  [
    "a wider rule",
    { hypervisor: { [fw]: String(healthy.hypervisor[fw]).replace("10.0.0.101", "10.0.0.0/24") } },
    "fail",
    "10.0.0.0/24",
  ],
  [
    "the guest's switch off",
    { hypervisor: { [fw]: String(healthy.hypervisor[fw]).replace("enable: 1", "enable: 0") } },
    "fail",
    "101.fw:2",
  ],
  [
    "the cluster's switch off",
    { hypervisor: { "file /etc/pve/firewall/cluster.fw": "[OPTIONS]\n" } },
    "fail",
    "not set",
  ],
  [
    "the NIC's switch off",
    { hypervisor: { "file /etc/pve/lxc/101.conf": "net0: name=eth0\n\n[final]\nnet0: firewall=1\n" } },
    "fail",
    "101.conf:1",
  ],
  [
    "the service stopped",
    { hypervisor: { "pve-firewall status": "Status: disabled/stopped\n" } },
    "fail",
    "disabled/stopped",
  ],
  [
    "rules that are not in force yet",
    { hypervisor: { "pve-firewall status": "Status: enabled/running (pending changes)\n" } },
    "fail",
    "(pending changes)",
  ],
  [
    "a card without its hardware address, whose frames the firewall drops",
    { hypervisor: { "file /etc/pve/lxc/101.conf": "net0: name=eth0,firewall=1\n" } },
    "fail",
    "hwaddr",
  ],
];

const rule = "OUT ACCEPT -dest 10.0.0.101 -p tcp -dport 9443";
const on = "[OPTIONS]\nenable: 1\n\n";
const withRules = (...lines: string[]) => `${on}[RULES]\n${lines.join("\n")}\n`;

/** A guest's file: what it shows, its text, the verdict, and the words and the place of a failing check. */
const files: readonly (readonly [
  what: string,
  text: string,
  verdict: string,
  words?: string,
  place?: string,
])[] = [
  // Lines that Proxmox skips.
  [
    "a comment behind an option",
    `[OPTIONS]\nenable: 1 # since May\n\n[RULES]\n${rule}\n`,
    "fail",
    "enable: 1 # since May: Proxmox skips this line",
    "101.fw:2",
  ],
  [
    "a comment behind the section of options",
    `[OPTIONS] # switches\nenable: 1\n\n[RULES]\n${rule}\n`,
    "fail",
    "enable: 1: Proxmox skips this line: it is in no section",
    "101.fw:2",
  ],
  ["a comment behind the section of rules", `${on}[RULES] # ours\n${rule}\n`, "fail", "no such rule among"],
  [
    "another form of the switch",
    withRules(rule).replace("enable: 1", "enable: yes"),
    "fail",
    "enable: yes",
    "101.fw:2",
  ],
  ["Windows line ends", withRules(rule).replaceAll("\n", "\r\n"), "fail", "U+000D", "101.fw:2"],
  ["Windows line ends only in the options", withRules(rule).replace("enable: 1\n", "enable: 1\r\n"), "pass"],
  [
    "a byte order mark",
    `\ufeff${withRules(rule)}`,
    "fail",
    "enable: 1: Proxmox skips this line: it is in no section",
    "101.fw:2",
  ],
  [
    "a no-break space in the switch",
    withRules(rule).replace("enable: ", "enable:\u00a0"),
    "fail",
    "enable:<U+00A0>1",
    "101.fw:2",
  ],
  ["a no-break space in the rule", withRules(rule.replace(" ", "\u00a0")), "fail", "OUT<U+00A0>ACCEPT"],
  ["an unknown option of the rule", withRules(rule.replace("-dport", "-destport")), "fail", "(skipped: "],
  ["a port that does not exist", withRules(rule.replace("9443", "99443")), "fail", "invalid port"],
  ["two blanks in the rule", withRules(rule.replace("-p tcp", "-p  tcp")), "fail", "(skipped: "],
  [
    "`null` as the address, an alias that no one defines",
    withRules(rule.replace("10.0.0.101", "null")),
    "fail",
    "-dest null",
  ],
  // Rules before ours.
  [
    "an earlier drop on the card",
    withRules("OUT DROP -i net0 -dest 10.0.0.0/8", rule),
    "fail",
    "OUT DROP -i net0 -dest 10.0.0.0/8",
    "101.fw:5",
  ],
  ["an earlier drop on another card", withRules("OUT DROP -i net1 -dest 10.0.0.0/8", rule), "pass"],
  [
    "an earlier rejected range",
    withRules("OUT REJECT -dest 10.0.0.90-10.0.0.110 -p tcp", rule),
    "fail",
    "OUT REJECT -dest 10.0.0.90-10.0.0.110",
    "101.fw:5",
  ],
  [
    "an earlier rejected range of others",
    withRules("OUT REJECT -dest 10.0.0.102-10.0.0.110 -p tcp", rule),
    "pass",
  ],
  [
    "an earlier dropped list",
    withRules("OUT DROP -dest 10.0.0.7,10.0.0.101", rule),
    "fail",
    "OUT DROP",
    "101.fw:5",
  ],
  [
    "an earlier dropped set",
    `${on}[IPSET lan]\n10.0.0.0/24\n\n[RULES]\nOUT DROP -dest +lan\n${rule}\n`,
    "fail",
    "OUT DROP -dest +lan",
    "101.fw:8",
  ],
  [
    "an earlier dropped set with an exception for Portainer",
    `${on}[IPSET lan]\n10.0.0.0/24\n!10.0.0.101\n\n[RULES]\nOUT DROP -dest +lan\n${rule}\n`,
    "pass",
  ],
  [
    "an earlier dropped alias",
    `${on}[ALIASES]\nvm 10.0.0.101\n\n[RULES]\nOUT DROP -dest vm\n${rule}\n`,
    "fail",
    "OUT DROP -dest vm",
    "101.fw:8",
  ],
  [
    "an earlier drop by the client's address",
    withRules("OUT DROP -source 10.0.0.153", rule),
    "fail",
    "OUT DROP -source 10.0.0.153",
    "101.fw:5",
  ],
  ["an earlier drop of another client", withRules("OUT DROP -source 10.0.0.154", rule), "pass"],
  [
    "an earlier drop of some client ports",
    withRules("OUT DROP -p tcp -sport 40000:50000", rule),
    "unknown",
    "depends on the client's port",
  ],
  ["an earlier macro of another port", withRules("OUT DNS(ACCEPT) -log nolog", rule), "pass"],
  ["an earlier macro that drops another port", withRules("OUT SSH(DROP)", rule), "pass"],
  [
    "an earlier macro that drops this port by its own words",
    withRules("OUT HTTPS(DROP)", "OUT Web(DROP) -dest 10.0.0.101", rule),
    "pass",
  ],
  [
    "an earlier port name that only the host knows",
    withRules("OUT DROP -p tcp -dport portainer", rule),
    "unknown",
    "/etc/services",
  ],
  // The same packets in other words.
  [
    "an alias of the docker host",
    `${on}[ALIASES]\nvm 10.0.0.101\n\n[RULES]\nOUT ACCEPT -dest vm -p tcp -dport 9443\n`,
    "pass",
  ],
  ["the protocol's number", withRules(rule.replace("tcp", "6")), "pass"],
  ["a comment behind the rule", withRules(`${rule} # Portainer`), "pass"],
  // Other packets.
  [
    "a rule for any port",
    withRules("OUT ACCEPT -dest 10.0.0.101 -p tcp"),
    "fail",
    "OUT ACCEPT -dest 10.0.0.101 -p tcp",
    "101.fw:5",
  ],
  [
    "a rule for a range of addresses",
    withRules(rule.replace("10.0.0.101", "10.0.0.100-10.0.0.101")),
    "fail",
    "10.0.0.100-10.0.0.101",
    "101.fw:5",
  ],
  // Rules that ask for the source: it has to be the gateway's own address.
  [
    "a rule for another source",
    withRules(`${rule} -source 10.0.0.9`),
    "fail",
    "-source 10.0.0.9; policy_out: ACCEPT by default decides",
  ],
  ["a rule for the gateway's own address", withRules(`${rule} -source 10.0.0.153`), "pass"],
  ["a rule for the gateway's network", withRules(`${rule} -source 10.0.0.0/24`), "pass"],
  [
    "a rule for an alias of the gateway",
    `${on}[ALIASES]\nway-in 10.0.0.153\n\n[RULES]\n${rule} -source way-in\n`,
    "pass",
  ],
  [
    "a rule for an alias of another guest",
    `${on}[ALIASES]\nway-in 10.0.0.154\n\n[RULES]\n${rule} -source way-in\n`,
    "fail",
    "-source way-in; policy_out",
  ],
  ["a rule for an alias that no one defines", withRules(`${rule} -source way-in`), "fail", "-source way-in"],
  [
    "a rule for a set without the gateway",
    `${on}[IPSET web]\n10.0.0.0/24\n!10.0.0.153\n\n[RULES]\n${rule} -source +web\n`,
    "fail",
    "-source +web",
  ],
  [
    "a rule for a set with the gateway",
    `${on}[IPSET web]\n10.0.0.152/31\n\n[RULES]\n${rule} -source +web\n`,
    "pass",
  ],
  ["a rule for a set that the SDN makes", withRules(`${rule} -source +sdn/web`), "unknown", "+sdn/web"],
];

const conf101 = "file /etc/pve/lxc/101.conf";
for (const [what, ip, source, verdict, words] of [
  ["the gateway has another address", "10.0.0.77/24", "10.0.0.153", "fail", "-source 10.0.0.153; policy_out"],
  ["the gateway has the rule's address", "10.0.0.153/24", "10.0.0.153", "pass", ""],
  ["DHCP gives the address", "dhcp", "10.0.0.153", "unknown", "101.conf:1: LXC 101 gets its address by DHCP"],
] as const)
  test(`ruleInForce reads ${verdict} with a source in the rule when ${what}`, () => {
    const said = resultOf(ruleInForce, {
      hypervisor: {
        [conf101]: `net0: name=eth0,bridge=vmbr0,firewall=1,hwaddr=52:54:00:00:00:01,ip=${ip}\n`,
        [fw]: withRules(`${rule} -source ${source}`),
      },
    });
    expect(said).toMatch(new RegExp(`^${verdict}`));
    expect(said).toContain(words);
  });

for (const [what, text, verdict, words = "", place = ""] of files)
  test(`ruleInForce reads ${verdict} with ${what}`, () => {
    const said = resultOf(ruleInForce, { hypervisor: { [fw]: text } });
    expect(said.slice(0, said.indexOf(":")), said).toBe(verdict);
    expect(said).toContain(JSON.stringify(words).slice(1, -1));
    expect(said).toContain(place);
  });

for (const [what, group, verdict, words] of [
  ["drops", "OUT DROP -p tcp", "fail", "cluster.fw:5"],
  ["is about other ports", "OUT DROP -p tcp -dport 22", "pass", ""],
] as const)
  test(`ruleInForce reads ${verdict} with an earlier group of the cluster that ${what}`, () => {
    const said = resultOf(ruleInForce, {
      hypervisor: {
        [fw]: withRules("GROUP lan", rule),
        "file /etc/pve/firewall/cluster.fw": `[OPTIONS]\nenable: 1\n\n[group lan]\n${group}\n`,
      },
    });
    expect(said).toMatch(new RegExp(`^${verdict}`));
    expect(said).toContain(words);
  });

test("ruleInForce holds on a healthy target", () => {
  expect(resultOf(ruleInForce)).toMatch(/^pass/);
});

for (const state of ruleInForceBad)
  test(`ruleInForce reads ${state[2]} with ${state[0]}`, () => expectSeen(ruleInForce, state));

test("an undetermined part is listed with the failing checks, and never hides them", () => {
  const said = resultOf(ruleInForce, {
    hypervisor: { [fw]: { code: 44 }, "pve-firewall status": undefined },
  });
  expect(said).toMatch(/^fail/);
  expect(said).toContain('"found":"no such file"');
  expect(said).toContain("was not asked");
});
