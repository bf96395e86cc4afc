// `contract hypervisor --throw-away`: only where the inventory says that a host may be broken, and only with consent.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { CannotTell, Refused } from "../../fixtures/errors.ts";
import { silent } from "../../fixtures/progress.ts";
import { removeAtExit } from "../../fixtures/remove-at-exit.ts";
import { newKeyPair } from "../../fixtures/target/ssh/key-pair.ts";
import { contractHypervisor } from "./contract-hypervisor.ts";

const folder = mkdtempSync(join(tmpdir(), "contract-"));
removeAtExit(folder);
const key = join(folder, "key");
const pair = newKeyPair();
writeFileSync(key, pair.private);

/** Runs the command on a target whose port is closed: whoever connects is told so. */
async function run(entry: object, options: { throwAway: boolean; yes: boolean }) {
  const inventory = join(folder, "inventory.json");
  const target = {
    kind: "ssh",
    ssh: { host: "127.0.0.1", port: 1, user: "root", privateKeyFile: key, hostKey: pair.public.trim() },
    ...{ tree: "/tree", url: "https://portainer.phoenix.local", resolve: {}, cannotImitate: [] },
    ...{ trust: { certificateFile: key }, allows: ["observe", "apply"] },
    ...entry,
  };
  writeFileSync(inventory, JSON.stringify({ targets: { lab: target } }));
  const shared = { inventory, json: false, progress: silent, print: () => {}, colour: false, record: false };
  return contractHypervisor({ ...shared, ...options }).catch((error: unknown) => error);
}

for (const entry of [{}, { throwAway: false }])
  test(`an inventory entry with ${JSON.stringify(entry)} is refused before anything connects`, async () => {
    const error = await run(entry, { throwAway: true, yes: true });
    expect(error).toBeInstanceOf(Refused);
    expect(String(error)).toContain('"throwAway": true');
  });

test("with the entry's leave it connects; without the option the leave is not needed", async () => {
  expect(await run({ throwAway: true }, { throwAway: true, yes: true })).toBeInstanceOf(CannotTell);
  expect(await run({}, { throwAway: false, yes: true })).toBeInstanceOf(CannotTell);
});

test("an entry that says so in another way than true or false is no inventory", async () => {
  expect(String(await run({ throwAway: "yes" }, { throwAway: true, yes: true }))).toContain("throwAway");
});
