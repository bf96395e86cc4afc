// The name in /etc/hosts: added once, corrected if it has another address, and everything else unchanged.
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { makePlan } from "../plan.ts";
import { factsOf, sampleTree } from "../testing/sample-facts.ts";
import { hostNames, withName } from "./host-names.ts";
import { steps } from "./index.ts";

const entry = "10.0.0.153 portainer.phoenix.local\n";

for (const [what, before, after] of [
  ["an empty table", "", entry],
  ["a table", "127.0.0.1 localhost\n", `127.0.0.1 localhost\n${entry}`],
  ["a table without its last newline", "127.0.0.1 localhost", `127.0.0.1 localhost\n${entry}`],
  ["a table that has it", `# gateway\n${entry}::1 localhost\n`, `# gateway\n${entry}::1 localhost\n`],
  [
    "a table that has it beside others",
    "10.0.0.153 a portainer.phoenix.local b",
    "10.0.0.153 a portainer.phoenix.local b",
  ],
  ["a comment that names it", `# ${entry}`, `# ${entry}${entry}`],
  ["another address", `10.0.0.99 portainer.phoenix.local\n`, entry],
  ["another address that has more names", "10.0.0.99 a portainer.phoenix.local\n", `10.0.0.99 a\n${entry}`],
  ["both", `10.0.0.99 portainer.phoenix.local\n${entry}`, entry],
  ["a longer name", "10.0.0.99 x.portainer.phoenix.local\n", `10.0.0.99 x.portainer.phoenix.local\n${entry}`],
] as const)
  test(`${what}: /etc/hosts has the name once`, () => {
    expect(withName(before, defaultDeployment)).toBe(after);
    expect(withName(after, defaultDeployment)).toBe(after);
  });

const facts = factsOf(sampleTree);
const planned = (hosts: string | undefined) => {
  const own = hosts === undefined ? {} : { hosts };
  const table = { kind: "file", mode: "644", text: hosts ?? entry } as const;
  const found = {
    ...facts,
    files: { ...facts.files, "/etc/hosts": table },
    gateway: { site: "", names: "", nginxRuns: true, ...own },
    dockerHost: { fstab: "", mounts: "", stacks: [], ...own },
  };
  const [step] = makePlan(found, steps, {
    target: "t",
    literal: false,
    without: [],
    only: [hostNames.id],
  }).steps;
  return step?.changes ?? [];
};

test("the hypervisor and both guests get the name, each with its old /etc/hosts for the undo", () => {
  const changes = planned("127.0.0.1 localhost\n");
  expect(changes.map((change) => ("path" in change ? change.path : change.title))).toEqual([
    "hypervisor: 10.0.0.153 portainer.phoenix.local",
    "LXC 101: 10.0.0.153 portainer.phoenix.local",
    "VM 1001: 10.0.0.153 portainer.phoenix.local",
  ]);
  for (const change of changes)
    if (change.does === "run")
      expect(change.undo?.args.map((word) => Buffer.from(word, "base64").toString())).toContain(
        "127.0.0.1 localhost\n",
      );
});

test("nothing is planned if all have the name, or for a guest that does not run", () => {
  expect(planned(entry)).toEqual([]);
  expect(planned(undefined)).toEqual([]);
});
