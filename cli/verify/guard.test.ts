// The target's own timer: it undoes what trials made when their run dies, and only then; and no two runs act at once.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { waitUntil } from "../../fixtures/evidence/wait.ts";
import { removalOf } from "../../fixtures/faults/remains.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import { localHypervisor } from "../../fixtures/target/local.ts";
import { sample } from "../../specs/testing/evidence-builder.ts";
import { targetOf } from "./evidence.ts";
import { guardTarget, type Ways } from "./guard.ts";

const target = { name: "lab", deployment: defaultDeployment };

function place(left: () => string[] = () => []) {
  const home = mkdtempSync(join(tmpdir(), "phoenix-guard-"));
  const ways: Ways = {
    ...{ folder: join(home, "run"), quietSeconds: 1, renewMs: 200, undo: `echo undone >> ${home}/undone` },
    removeAll: async () => left(),
  };
  const undone = () => (existsSync(join(home, "undone")) ? readFileSync(join(home, "undone"), "utf8") : "");
  return { home, ways, undone, [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }) };
}

const silent = () => {};
/** A connection whose renewals are lost, as when the process is killed. */
const dying = (real: Hypervisor): Hypervisor => ({
  ...real,
  script: (text, args, options) =>
    text.includes("test -e") && text.includes('"$2" >')
      ? Promise.reject(new Error("gone"))
      : real.script(text, args, options),
});

test("while the run renews its lease nothing is undone; at its end everything is removed and the timer is gone", async () => {
  let cleaned = 0;
  using at = place(() => (cleaned++ === 0 ? ["a test folder"] : []));
  const guarded = await guardTarget(localHypervisor(), target, silent, at.ways);
  expect(guarded.removed, "what an earlier run had left").toEqual(["a test folder"]);
  const { held } = await waitUntil(
    async () => at.undone(),
    (text) => text !== "",
    3_000,
  );
  expect(held, "undone while the run is alive").toBe(false);
  await guarded.end();
  expect(cleaned).toBe(2);
  expect(existsSync(at.ways.folder)).toBe(false);
});

test("a run that dies is undone by the target itself, and its results count for nothing", async () => {
  using at = place();
  const guarded = await guardTarget(dying(localHypervisor()), target, silent, at.ways);
  await waitUntil(
    async () => existsSync(at.ways.folder),
    (there) => !there,
    10_000,
  );
  expect(at.undone()).toBe("undone\n");
  await expect(guarded.end()).rejects.toThrow("The timer on lab has undone the trials meanwhile");
});

test("a second run waits for the first; one that stays is named, and the second is refused", async () => {
  using at = place();
  const first = await guardTarget(localHypervisor(), target, silent, at.ways);
  const said: string[] = [];
  const second = guardTarget(localHypervisor(), target, (text) => said.push(text), at.ways);
  await waitUntil(
    async () => said,
    (lines) => lines.length > 0,
    5_000,
  );
  await first.end();
  await (await second).end();
  expect(said.join()).toMatch(/lab: waiting for another run: verify, process \d+ on /);
  const holding = await guardTarget(localHypervisor(), target, silent, at.ways);
  const impatient = guardTarget(localHypervisor(), target, silent, { ...at.ways, quietSeconds: -15 });
  await expect(impatient).rejects.toMatchObject({
    name: "Refused",
    message: expect.stringContaining("Another run is at work on lab: verify"),
  });
  await holding.end();
});

test("a folder that a reboot or a killed timer left behind is taken over", async () => {
  using at = place();
  await localHypervisor().run(["mkdir", at.ways.folder]);
  writeFileSync(join(at.ways.folder, "pid"), "4194305\n");
  await (await guardTarget(localHypervisor(), target, silent, at.ways)).end();
  expect(at.undone()).toBe("");
});

test("what is removed: only names that trials give; the scripts are valid shell, and what is sent to a guest is ASCII", async () => {
  const removal = removalOf(targetOf(sample().document));
  for (const script of Object.values(removal)) {
    const { code, err } = await localHypervisor().run(["dash", "-n"], { input: script });
    expect(code, err).toBe(0);
  }
  expect(removal.whole).toMatch(/^[\0-\x7f]*$/);
  using at = place();
  const volume = at.home;
  const names = [
    "acceptance-0123456789",
    ".acceptance-0123456789ab",
    "acceptance-tests",
    "acceptance-0123456789-old",
    "portainer",
  ];
  for (const name of names) await localHypervisor().run(["mkdir", join(volume, name)]);
  const own = removalOf({
    ...targetOf(sample().document),
    deployment: { ...defaultDeployment, volume: { ...defaultDeployment.volume, path: volume } },
  });
  const ran = await localHypervisor().script(own.onHypervisor);
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.out.trim().split("\n").sort()).toEqual([
    join(volume, ".acceptance-0123456789ab"),
    join(volume, "acceptance-0123456789"),
  ]);
  expect(names.filter((name) => existsSync(join(volume, name)))).toEqual(names.slice(2));
});
