// Declared keys that nothing reads: rollback points that are never made, a firewall that is never applied.
import { expect, test } from "@playwright/test";
import { filesOf, treeRoot } from "../../fixtures/evidence/from-tree.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import { unreadKeys } from "./unread-keys.ts";

const keysIn = (files: ReadonlyMap<string, string>) =>
  unreadKeys(files).map(({ line, expected, found, severity }) => `${severity} ${line} ${expected}: ${found}`);
const tree = (vms: object, script: string) =>
  new Map([
    [`${treeRoot}/etc/phoenix_vm_configs.json`, JSON.stringify({ vms: [vms] }, null, 1)],
    [`${treeRoot}/bin/managers/vm-manager.sh`, `vms vmid\n${script}\n`],
  ]);

test("our sample tree: the snapshots that its manager looks for under another name", async () => {
  const said = keysIn(await filesOf(readTree(undefined).archive));
  for (const [key, near] of [
    ["pre_features", "pre-features"],
    ["post_features", "post-features"],
  ])
    expect(said).toContainEqual(
      expect.stringMatching(
        new RegExp(
          `^remark \\d+ a program that reads ${key}: .*; ${treeRoot}/bin/managers/vm-manager.sh reads ${near}$`,
        ),
      ),
    );
});

for (const [what, vm, script, said] of [
  ["a key that the program reads", { vmid: 1, disk_size_gb: 3 }, "jq .disk_size_gb", []],
  ["another case", { vmid: 1, diskSize: 3 }, "jq .disk_size", [/diskSize: .*reads disk_size$/]],
  [
    "a key that only a comment names",
    { vmid: 1, firewall: {} },
    "  # firewall: later",
    [/reads firewall: no program in bin reads it$/],
  ],
  ["a key in a list, once", { vmid: 1, volumes: [{ mode: 1 }, { mode: 2 }] }, "jq .volumes", [/reads mode/]],
] as const)
  test(`an unread key: ${what}`, () =>
    expect(keysIn(tree(vm, script))).toEqual(said.map((each) => expect.stringMatching(each))));

test("an unread key: nothing of files that are not JSON, and of a tree without programs", () => {
  expect(keysIn(new Map([...tree({ a: 1 }, ""), [`${treeRoot}/etc/phoenix_vm_configs.json`, "{"]]))).toEqual(
    [],
  );
  expect(keysIn(new Map([[`${treeRoot}/etc/phoenix_vm_configs.json`, '{"a":1}']]))).toEqual([]);
});
