// The contract as a part of a report: what differs is named with what was found, and the run does not end with 0.
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { contractLines, exitWithContract } from "../../reports/run/targets.ts";
import { askHostContract } from "./host-contract.ts";

const target = { name: "lab", deployment: defaultDeployment, ssh: { user: "watcher" } } as Target;

/** A hypervisor whose commands have these answers, and otherwise fail; and what it was asked. */
function answering(answers: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const run = async (argv: readonly string[]) => {
    const words = argv.join(" ");
    asked.push(words);
    const out = answers[words];
    return { code: out === undefined ? 1 : 0, out: out ?? "", err: "", ms: 1 };
  };
  return { hypervisor: { run } as unknown as Hypervisor, asked };
}

test("a host that differs is named, field by field, and the run ends with 2 at best", async () => {
  const { hypervisor } = answering({ "id -u": "0\n", "pve-firewall status": "Status: on\n" });
  const contract = await askHostContract(hypervisor, target);
  const page = contractLines(contract);
  expect(page).toContain("✗ firewall-status  ");
  expect(page).toMatch(/status · out: expected .*Status: .*, found "Status: on/);
  expect(page).toMatch(/relied on by: .*probe/);
  expect(contract.notAsked).toBeGreaterThan(10);
  for (const [own, ends] of [
    [0, 2],
    [1, 1],
    [2, 2],
    [70, 70],
  ] as const)
    expect(exitWithContract(own, contract)).toBe(ends);
});

test("a host that agrees changes no exit code; one that was asked nothing, or not at all, does", () => {
  const open: [] = [];
  expect(exitWithContract(0, { agree: 20, notAsked: 3, open })).toBe(0);
  expect(exitWithContract(0, { agree: 0, notAsked: 23, open })).toBe(2);
  expect(exitWithContract(0, undefined)).toBe(0);
});

test("a user without root's rights is asked nothing, and the report says why", async () => {
  const { hypervisor, asked } = answering({ "id -u": "1000\n" });
  const contract = await askHostContract(hypervisor, target);
  expect(asked).toEqual(["id -u"]);
  expect(exitWithContract(0, contract)).toBe(2);
  expect(contractLines(contract)).toContain("not asked: watcher runs commands there as user 1000");
});
