// Which sources a guest's firewall file lets in, read as the Proxmox firewall reads it.
import { expect, test } from "@playwright/test";
import { parseFirewall } from "../../../fixtures/evidence/parse/pve-firewall.ts";
import { letIn } from "./inbound.ts";

const accept = "IN ACCEPT -source 10.0.0.153 -p tcp -dport 9443";

for (const [what, rules, sources] of [
  ["a policy that drops", "[OPTIONS]\npolicy_in: DROP\n[RULES]\n", []],
  ["no policy at all, which drops", "[RULES]\n", []],
  ["a policy that accepts", "[OPTIONS]\npolicy_in: ACCEPT\n[RULES]\n", ["any source"]],
  ["one source", `[RULES]\n${accept}\n`, ["10.0.0.153"]],
  ["a network", "[RULES]\nIN ACCEPT -source 10.0.0.0/24 -p tcp\n", ["10.0.0.0/24"]],
  ["a rule that is off", `[RULES]\n|${accept}\n`, []],
  ["a range that spans the port", "[RULES]\nIN ACCEPT -p tcp -dport 9000:9999\n", ["any source"]],
  ["another port", "[RULES]\nIN ACCEPT -p tcp -dport 9444\n", []],
  ["another protocol", "[RULES]\nIN ACCEPT -p udp -dport 9443\n", []],
  ["another destination", "[RULES]\nIN ACCEPT -dest 10.0.0.9 -p tcp -dport 9443\n", []],
  ["an outbound rule", "[RULES]\nOUT ACCEPT -p tcp -dport 9443\n", []],
  ["an earlier drop", `[RULES]\nIN DROP -p tcp -dport 9443\n${accept}\n`, []],
  ["an earlier drop of that source", `[RULES]\nIN REJECT -source 10.0.0.153\n${accept}\n`, []],
  [
    "an earlier drop that matches only some packets",
    "[OPTIONS]\npolicy_in: ACCEPT\n[RULES]\nIN DROP -p tcp -sport 1\n",
    ["any source"],
  ],
] as const)
  test(`let in by ${what}: ${sources.join() || "no source"}`, () => {
    expect(letIn(parseFirewall(rules), "10.0.0.101", 9443).sources).toEqual(sources);
  });

test("a macro or a group cannot be judged from this file", () => {
  expect(() => letIn(parseFirewall("[RULES]\nIN HTTPS(ACCEPT)\n"), "10.0.0.101", 9443)).toThrow(
    "is defined in another file",
  );
  expect(() => letIn(parseFirewall("[RULES]\nGROUP web\n"), "10.0.0.101", 9443)).toThrow(
    "is defined in another file",
  );
});
