// The claim about Portainer's directory on a sample: every file of it is on the volume, byte for byte.
import { expect, test } from "@playwright/test";
import { type Bad, expectSeen, resultOf } from "../../testing/claim-result.ts";
import { directoryDelivered } from "./directory.ts";

const bad: readonly Bad[] = [
  [
    "other bytes",
    {
      hypervisor: {
        "sums portainer": `${"d".repeat(64)}  /quickOS/vm-persistent-data/1001/portainer/docker-compose.yml\0`,
      },
    },
    "fail",
    "sha256 dddd",
  ],
  ["nothing delivered", { hypervisor: { "list portainer": "" } }, "fail", "nothing"],
  ["nothing to deliver", { hypervisor: { "list tree": "" } }, "fail", "none"],
  ["digests that timed out", { hypervisor: { "sums portainer": { code: 124 } } }, "unknown", "cmp "],
  ["no digest of the tree's file", { hypervisor: { "sums tree": { out: "" } } }, "unknown", "cmp "],
  ["a truncated listing", { hypervisor: { "list tree": "f 644 root" } }, "unknown", "cut off"],
];

test("directoryDelivered holds on a healthy target", () => {
  expect(resultOf(directoryDelivered)).toMatch(/^pass/);
});

for (const state of bad)
  test(`directoryDelivered reads ${state[2]} with ${state[0]}`, () => expectSeen(directoryDelivered, state));
