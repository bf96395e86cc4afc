// The claim about firewall files as a whole, on a sample.
import { expect, test } from "@playwright/test";
import { resultOf } from "../../testing/claim-result.ts";
import { healthy } from "../../testing/evidence-builder.ts";
import { deliveredAsDeclared } from "./delivered.ts";

const files = { gateway: "file /etc/pve/firewall/101.fw", vm: "file /etc/pve/firewall/1001.fw" } as const;
const changed = (name: keyof typeof files, change: (text: string) => string) => ({
  hypervisor: { [files[name]]: change(String(healthy.hypervisor[files[name]])) },
});

test("the declared rules and no others: healthy", () => {
  expect(resultOf(deliveredAsDeclared)).toMatch(/^pass/);
});

for (const [what, changes] of [
  [
    "other words for the same rule",
    changed("vm", (all) => all.replace("-p tcp -dport 8000", "-p 6 -dport 8000")),
  ],
  [
    "an alias for the same address",
    changed("vm", (all) =>
      all
        .replace("[RULES]", "[ALIASES]\nway-in 10.0.0.153\n\n[RULES]")
        .replace("-source 10.0.0.153", "-source way-in"),
    ),
  ],
  ["a comment, and a disabled rule", changed("gateway", (all) => `${all}# by hand\n|IN ACCEPT\n`)],
  ["a line that Proxmox skips", changed("gateway", (all) => `${all}IN ACCEPT -destport 22\n`)],
] as const)
  test(`the declared rules and no others: healthy with ${what}`, () => {
    expect(resultOf(deliveredAsDeclared, changes)).toMatch(/^pass/);
  });

for (const [what, changes, words] of [
  [
    "an open port more",
    changed("vm", (all) => `${all}IN ACCEPT -p tcp -dport 8080\n`),
    "line 11: IN ACCEPT -p tcp -dport 8080 is not declared",
  ],
  ["a rule that accepts all", changed("gateway", (all) => `${all}IN ACCEPT\n`), "IN ACCEPT is not declared"],
  [
    "a group that is not declared",
    changed("gateway", (all) => `${all}GROUP web\n`),
    "GROUP web is not declared",
  ],
  [
    "a doubled rule",
    changed("vm", (all) => `${all}IN DROP -p tcp -dport 9000\n`),
    "line 11: IN DROP -p tcp -dport 9000 repeats line 9",
  ],
  [
    "a doubled rule in other words",
    changed("vm", (all) => `${all}IN DROP -dport 9000 -proto 6\n`),
    "repeats line 9",
  ],
  [
    "the rules of an older writer",
    changed("gateway", (all) => all.replace("10.0.0.101", "10.0.0.99")),
    "-dest 10.0.0.99 -dport 9443 is not declared; declared OUT ACCEPT -dest 10.0.0.101 -p tcp -dport 9443 is not there",
  ],
  [
    "a missing rule",
    changed("vm", (all) => all.replace(/IN DROP.*8000\n/, "")),
    "declared IN DROP -p tcp -dport 8000 is not there",
  ],
  [
    "a declared rule that Proxmox skips",
    changed("vm", (all) => all.replace("-p tcp -dport 8000", "-p  tcp -dport 8000")),
    "declared IN DROP -p tcp -dport 8000 is not there",
  ],
  [
    "another policy",
    changed("vm", (all) => all.replace("policy_in: ACCEPT", "policy_in: DROP")),
    "policy_in is DROP, declared is ACCEPT",
  ],
  [
    "a policy that no one declared",
    changed("gateway", (all) => all.replace("enable: 1\n", "enable: 1\npolicy_in: ACCEPT\n")),
    "101.fw:3",
  ],
  ["no file", { hypervisor: { [files.gateway]: { code: 44 } } }, "no such file"],
] as const)
  test(`the declared rules and no others: refuted by ${what}`, () => {
    const said = resultOf(deliveredAsDeclared, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });
