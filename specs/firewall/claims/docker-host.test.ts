// Claims about which sources may reach the docker host's ports, on a sample.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { resultOf } from "../../testing/claim-result.ts";
import { healthy, vms as machines, sample, treeFile } from "../../testing/evidence-builder.ts";
import { comesIn, gatewayAlone } from "./docker-host.ts";

const fw = "file /etc/pve/firewall/1001.fw";
const text = String(healthy.hypervisor[fw]);
const accept = "IN ACCEPT -source 10.0.0.153 -p tcp -dport 9443";

test("the gateway alone: healthy, with the rule written and switched on", () => {
  const { verdict, checks } = judge(gatewayAlone, sample());
  expect(verdict).toBe("pass");
  expect([...new Set(checks.map(({ level }) => level))]).toEqual(["declared", "delivered", "live"]);
});

const rules = (changed: string) => ({ hypervisor: { [fw]: changed } });
type Machine = { vmid: number; firewall: { rules: Record<string, unknown>[] } };
const declaredAs = (edit: (own: Machine, all: object[]) => void) => {
  const all = JSON.parse(machines) as { vms: Machine[] };
  const own = all.vms.find(({ vmid }) => vmid === 1001);
  if (own) edit(own, all.vms);
  return { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: JSON.stringify(all, null, 1) } };
};
const conf = (net0: string) => ({ hypervisor: { "file /etc/pve/qemu-server/1001.conf": `net0: ${net0}\n` } });
for (const [what, changes, words] of [
  ["every source", rules(text.replace("-source 10.0.0.153 ", "")), "9443 open to any source"],
  ["no source", rules(text.replace(`${accept}\n`, "")), "9443 open to no source"],
  ["another guest", rules(text.replace("153", "154")), "9443 open to 10.0.0.154"],
  [
    "a second source",
    rules(
      text
        .replace("[RULES]", "[IPSET lan]\n10.0.0.0/24\n\n[RULES]")
        .replace(accept, `${accept}\nIN ACCEPT -source +lan -p tcp`),
    ),
    "+lan",
  ],
  [
    "no DROP rule after it",
    rules(text.replace("IN DROP -p tcp -dport 9443\n", "")),
    "10.0.0.153, any source",
  ],
  ["no file", { hypervisor: { [fw]: { code: 44 } } }, "no such file"],
  [
    "a second entry in the tree",
    declaredAs((own, all) => all.push({ ...own, firewall: { rules: [] } })),
    "one entry for VM 1001",
  ],
  [
    "a declared source that is an empty text, which Proxmox skips with its rule",
    declaredAs(({ firewall }) => Object.assign(firewall.rules[1] ?? {}, { source: "" })),
    "any source",
  ],
  [
    "a declared set that holds the whole network",
    {
      hypervisor: {
        ...declaredAs(({ firewall }) =>
          firewall.rules.unshift({ type: "in", action: "ACCEPT", source: "+lan", proto: "tcp" }),
        ).hypervisor,
        "file /etc/pve/firewall/cluster.fw": "[OPTIONS]\nenable: 1\n\n[IPSET lan]\n10.0.0.0/24\n",
      },
    },
    "+lan",
  ],
  ["the guest's switch off", rules(text.replace("enable: 1", "enable: 0")), "1001.fw:2"],
  [
    "the cluster's switch off",
    { hypervisor: { "file /etc/pve/firewall/cluster.fw": "[OPTIONS]\n" } },
    "cluster.fw",
  ],
  ["the network interface's switch off", conf("virtio=AA,firewall=0"), "virtio=AA,firewall=0"],
  ["no card", { hypervisor: { "file /etc/pve/qemu-server/1001.conf": "" } }, "no net0"],
  [
    "a stopped firewall service",
    { hypervisor: { "pve-firewall status": "Status: enabled/stopped\n" } },
    "enabled/stopped",
  ],
] as const)
  test(`the gateway alone: refuted by ${what}`, () => {
    const said = resultOf(gatewayAlone, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

test("every row names the line that decides, whether it lets in or shuts out", () => {
  const { checks } = judge((e) => comesIn(e, "delivered", [9443, 9000, 22]), sample());
  expect(checks.map(({ where, found }) => [where, found])).toEqual([
    ["/etc/pve/firewall/1001.fw:6", `9443 open to 10.0.0.153: ${accept}`],
    ["/etc/pve/firewall/1001.fw:9", "9000 open to no source: IN DROP -p tcp -dport 9000"],
    ["/etc/pve/firewall/1001.fw:3", "22 open to any source: policy_in: ACCEPT"],
  ]);
});

const vms = treeFile("etc/phoenix_vm_configs.json");
const declared = (change: (text: string) => string) => ({
  hypervisor: { [vms]: change(String(healthy.hypervisor[vms])) },
});
for (const [what, changes, words] of [
  [
    "a declared source that is a network",
    declared((all) => all.replace('"source":"10.0.0.153"', '"source":"10.0.0.0/24"')),
    "9443 open to 10.0.0.0/24",
  ],
  [
    "a declared rule without a source",
    declared((all) => all.replace('"source":"10.0.0.153",', "")),
    "9443 open to any source",
  ],
  [
    "a declared source that is null",
    declared((all) => all.replace('"source":"10.0.0.153"', '"source":null')),
    "9443 open to any source",
  ],
  [
    "a declared earlier rule that accepts every port",
    declared((all) => all.replace('"rules":[', '"rules":[{"type":"in","action":"ACCEPT"},')),
    "9443 open to any source",
  ],
  [
    "no declared rule that closes the port",
    declared((all) => all.replace('{"type":"in","action":"DROP","proto":"tcp","port":"9443"},', "")),
    "any source",
  ],
  [
    "a declared source that is no address",
    declared((all) => all.replace("10.0.0.153", "10.0.0.1533")),
    "9443 open to no source",
  ],
  [
    "a declared firewall that is off",
    declared((all) => all.replace('"enabled":true', '"enabled":false')),
    "phoenix_vm_configs.json:3",
  ],
  ["no declared firewall", declared((all) => all.replace('"firewall"', '"fire"')), "no firewall"],
] as const)
  test(`the gateway alone: refuted by ${what}`, () => {
    const said = resultOf(gatewayAlone, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain('"level":"declared"');
    expect(said).toContain(words);
  });

const on = "[OPTIONS]\nenable: 1\n";
/** The docker host's file: what it shows, its text, the verdict, words of the failing check, and its line. */
const files: readonly (readonly [
  what: string,
  text: string,
  verdict: string,
  words?: string,
  place?: string,
])[] = [
  [
    "an unknown option of the rule: the gateway is shut out",
    `${on}\n[RULES]\nIN ACCEPT -source 10.0.0.153 -p tcp -destport 9443\n`,
    "fail",
    "9443 open to no source: policy_in: DROP by default",
  ],
  [
    "a rule with two blanks: the gateway is shut out",
    text.replace("-p tcp -dport 9443\n", "-p  tcp -dport 9443\n"),
    "fail",
    "9443 open to no source: IN DROP -p tcp -dport 9443",
    "1001.fw:7",
  ],
  ["`null` as the source", text.replace("10.0.0.153", "null"), "fail", "9443 open to no source"],
  [
    "an alias that is the gateway",
    `${on}\n[ALIASES]\nway-in 10.0.0.153\n\n[RULES]\nIN ACCEPT -source way-in -p tcp -dport 9443\n`,
    "pass",
  ],
  [
    "an alias that is another guest",
    `${on}\n[ALIASES]\nway-in 10.0.0.154\n\n[RULES]\nIN ACCEPT -source way-in -p tcp -dport 9443\n`,
    "fail",
    "9443 open to 10.0.0.154",
    "1001.fw:8",
  ],
  [
    "an alias that is the guests' network",
    `${on}\n[ALIASES]\nway-in 10.0.0.0/24\n\n[RULES]\nIN ACCEPT -source way-in -p tcp -dport 9443\n`,
    "fail",
    "9443 open to way-in",
    "1001.fw:8",
  ],
  [
    "a set of the gateway alone",
    `${on}\n[IPSET web]\n10.0.0.153\n\n[RULES]\nIN ACCEPT -source +web -p tcp -dport 9443\n`,
    "pass",
  ],
  [
    "a set with another guest",
    `${on}\n[IPSET web]\n10.0.0.153\n10.0.0.7\n\n[RULES]\nIN ACCEPT -source +web -p tcp -dport 9443\n`,
    "fail",
    "9443 open to 10.0.0.7, 10.0.0.153",
  ],
  [
    "a closing drop on the only card",
    `${on}policy_in: ACCEPT\n\n[RULES]\nIN ACCEPT -source 10.0.0.153 -p tcp -dport 9443\nIN DROP -i net0 -p tcp -dport 9443\n`,
    "pass",
  ],
  [
    "a closing drop on a card that does not exist",
    `${on}policy_in: ACCEPT\n\n[RULES]\nIN ACCEPT -source 10.0.0.153 -p tcp -dport 9443\nIN DROP -i net1 -p tcp -dport 9443\n`,
    "fail",
    "any source",
  ],
  ["a macro of the web's ports", text.replace("[RULES]\n", "[RULES]\nIN Web(ACCEPT)\n"), "pass"],
  [
    "an earlier rule that accepts a range of sources",
    text.replace("[RULES]\n", "[RULES]\nIN ACCEPT -source 10.0.0.9-10.0.0.11\n"),
    "fail",
    "IN ACCEPT -source 10.0.0.9-10.0.0.11",
    "1001.fw:6",
  ],
  [
    "an open port named by its offender, not by the closing drop",
    text.replace("IN DROP", "IN ACCEPT -source 10.0.0.60 -p tcp\nIN DROP"),
    "fail",
    "9443 open to 10.0.0.153, 10.0.0.60: IN ACCEPT -source 10.0.0.60 -p tcp",
    "1001.fw:7",
  ],
  [
    "a drop of the gateway before",
    text.replace("[RULES]\n", "[RULES]\nIN DROP -source 10.0.0.152/31\n"),
    "fail",
    "9443 open to no source: IN DROP -source 10.0.0.152/31",
    "1001.fw:6",
  ],
  [
    "a drop of some of the gateway's ports",
    text.replace("[RULES]\n", "[RULES]\nIN DROP -source 10.0.0.153 -p tcp -sport 40000:50000\n"),
    "fail",
    "9443 open to 10.0.0.153, from some of its ports only: IN DROP -source 10.0.0.153 -p tcp -sport 40000:50000",
    "1001.fw:6",
  ],
  [
    "a drop of some client ports, which a client chooses freely",
    text.replace("IN DROP -p tcp -dport 9443", "IN DROP -p tcp -sport 1024:65535 -dport 9443"),
    "fail",
    "any source",
  ],
  [
    "a port name that only the host knows",
    text.replace("IN DROP -p tcp -dport 9443", "IN DROP -p tcp -dport portainer"),
    "unknown",
    "/etc/services",
  ],
];
for (const [what, changed, verdict, words = "", place = ""] of files)
  test(`the gateway alone: ${verdict} with ${what}`, () => {
    const said = resultOf(gatewayAlone, rules(changed));
    expect(said.slice(0, said.indexOf(":")), said).toBe(verdict);
    expect(said).toContain(JSON.stringify(words).slice(1, -1));
    expect(said).toContain(place);
  });

const clusterFile = "file /etc/pve/firewall/cluster.fw";
const grouped = (group: string) => ({
  hypervisor: {
    [fw]: `${on}\n[RULES]\nGROUP web\n`,
    [clusterFile]: `[OPTIONS]\nenable: 1\n\n[group web]\n${group}\n`,
  },
});
test("the gateway alone: a group of the cluster is read as its rules", () => {
  expect(resultOf(gatewayAlone, grouped("IN ACCEPT -source 10.0.0.153 -p tcp -dport 9443"))).toMatch(/^pass/);
  const said = resultOf(gatewayAlone, grouped("IN ACCEPT -p tcp -dport 9000:9999"));
  expect(said).toMatch(/^fail.*cluster\.fw:5.*9443 open to any source/);
});

test("the gateway alone: a gateway on the cluster's blacklist is shut out", () => {
  const cluster = "[OPTIONS]\nenable: 1\n\n[IPSET blacklist]\n10.0.0.153\n";
  expect(resultOf(gatewayAlone, { hypervisor: { [clusterFile]: cluster } })).toMatch(
    /^fail.*9443 open to no source.*blacklist/,
  );
});

test("the gateway alone: refuted by a second card on the guests' bridge without firewall=1", () => {
  const two = "virtio=AA,bridge=vmbr0,firewall=1\nnet1: virtio=BB,bridge=vmbr0";
  expect(resultOf(gatewayAlone, conf(two))).toMatch(/^fail.*net1 with firewall=1/);
  expect(resultOf(gatewayAlone, conf(two.replace("BB,bridge=vmbr0", "BB,bridge=vmbr9")))).toMatch(/^pass/);
});
