// Claims about which sources may reach the docker host's ports, on a sample.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { resultOf } from "../../testing/claim-result.ts";
import { healthy, sample } from "../../testing/evidence-builder.ts";
import { gatewayAlone } from "./docker-host.ts";

const fw = "file /etc/pve/firewall/1001.fw";
const text = String(healthy.hypervisor[fw]);
const accept = "IN ACCEPT -source 10.0.0.153 -p tcp -dport 9443";

test("the gateway alone: healthy, with the rule written and switched on", () => {
  const { verdict, checks } = judge(gatewayAlone, sample());
  expect(verdict).toBe("pass");
  expect([...new Set(checks.map(({ level }) => level))]).toEqual(["delivered", "live"]);
});

const rules = (changed: string) => ({ hypervisor: { [fw]: changed } });
const conf = (net0: string) => ({ hypervisor: { "file /etc/pve/qemu-server/1001.conf": `net0: ${net0}\n` } });
for (const [what, changes, words] of [
  ["every source", rules(text.replace("-source 10.0.0.153 ", "")), "9443 open to any source"],
  ["no source", rules(text.replace(`${accept}\n`, "")), "9443 open to no source"],
  ["another guest", rules(text.replace("153", "154")), "9443 open to 10.0.0.154"],
  ["a second source", rules(text.replace(accept, `${accept}\nIN ACCEPT -source +lan -p tcp`)), "+lan"],
  [
    "no DROP rule after it",
    rules(text.replace("IN DROP -p tcp -dport 9443\n", "")),
    "10.0.0.153, any source",
  ],
  ["no file", { hypervisor: { [fw]: { code: 44 } } }, "no such file"],
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

test("the gateway alone: unknown when a rule is a group or a macro", () => {
  expect(resultOf(gatewayAlone, rules(`${text.replace(accept, "GROUP web")}`))).toMatch(/^unknown/);
});
