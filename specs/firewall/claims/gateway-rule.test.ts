// Claims about the gateway's outbound rule on a sample: declared, written and switched on.
import { expect, test } from "@playwright/test";
import { type Bad, expectSeen, resultOf } from "../../testing/claim-result.ts";
import { healthy, lxcs, treeFile } from "../../testing/evidence-builder.ts";
import { declaredRule, ruleInForce } from "./gateway-rule.ts";

const fw = "file /etc/pve/firewall/101.fw";

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
  [
    "a port that is a number",
    { hypervisor: { [treeFile("etc/phoenix_lxc_configs.json")]: lxcs.replace('"9443"', "9443") } },
    "fail",
    '"port":9443',
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

for (const state of declaredRuleBad)
  test(`declaredRule reads ${state[2]} with ${state[0]}`, () => expectSeen(declaredRule, state));

const ruleInForceBad: readonly Bad[] = [
  ["no firewall file", { hypervisor: { [fw]: { code: 44 } } }, "fail", "no such file"],
  [
    "the rule with direction IN",
    { hypervisor: { [fw]: String(healthy.hypervisor[fw]).replace("OUT", "IN") } },
    "fail",
    "IN ACCEPT to 10.0.0.101:9443",
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
    "a firewall file that can't be read",
    { hypervisor: { [fw]: "[RULES]\nOUT ACCEPT -dport\n" } },
    "unknown",
    "has no value",
  ],
];

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
