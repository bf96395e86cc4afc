// `nightly` as a timer types it: targets that can't be reached, options that contradict each other, and its status.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { newKeyPair } from "../../fixtures/target/ssh/key-pair.ts";
import { readNight } from "../../reports/night/night.ts";

const main = join(import.meta.dirname, "../main.ts");

function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [main, "nightly", ...args]);
  const said = { out: "", err: "" };
  child.stdout.on("data", (text) => (said.out += text));
  child.stderr.on("data", (text) => (said.err += text));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...said })));
}

/** An inventory of targets on a port of this machine where nothing listens. */
function place(...names: string[]) {
  const dir = mkdtempSync(join(tmpdir(), "phoenix-nightly-"));
  const key = join(dir, "key");
  const pair = newKeyPair();
  writeFileSync(key, pair.private);
  const target = {
    ...{ kind: "ssh", tree: "/usr/local/phoenix_hypervisor", url: "https://portainer.phoenix.local" },
    ssh: { host: "127.0.0.1", port: 1, user: "root", privateKeyFile: key, hostKey: pair.public.trim() },
    ...{ resolve: {}, trust: { certificateFile: key }, allows: ["observe"], cannotImitate: [] },
  };
  const inventory = join(dir, "targets.json");
  writeFileSync(
    inventory,
    JSON.stringify({ targets: Object.fromEntries(names.map((name) => [name, target])) }),
  );
  const stop = () => rmSync(dir, { recursive: true, force: true });
  return { dir, inventory, nights: join(dir, "nights"), [Symbol.dispose]: stop };
}

test("a night without any verdict ends with its code, is told to the program, and status says so", async () => {
  using at = place("alpha", "beta");
  const told = join(at.dir, "told");
  writeFileSync(join(at.dir, "tell"), `#!/bin/sh\nprintf '%s' "$1" >'${told}'\n`, { mode: 0o755 });
  const options = ["--inventory", at.inventory, "--nights", at.nights];
  const before = await run("status", "--nights", at.nights);
  expect([before.code, before.out]).toEqual([2, expect.stringContaining("No night has run in ")]);
  const { code, out } = await run(...options, "--notify-command", join(at.dir, "tell"), "--json");
  const night = JSON.parse(out);
  expect(
    night.targets.map(({ target, state }: { target: string; state: string }) => [target, state]),
  ).toEqual([
    ["alpha", "no verdict"],
    ["beta", "no verdict"],
  ]);
  expect(code).toBe(night.exitCode);
  expect(code).not.toBe(0);
  expect(readFileSync(told, "utf8")).toBe(night.headline);
  expect(readNight(join(at.nights, `${night.night}.json`))).toEqual(night);
  const after = await run("status", "--nights", at.nights);
  expect([after.code, after.out]).toEqual([code, expect.stringContaining("alpha: no verdict (")]);
  expect(readFileSync(join(at.nights, "heartbeat.prom"), "utf8")).toContain(
    'phoenix_night_target_state{target="alpha",state="no verdict"} 1\n',
  );
});

for (const [what, args, said] of [
  ["an action that nobody agreed to", ["--allow", "reboot-vm"], "--allow needs --yes"],
  ["a target that is not there", ["--target", "gamma"], 'no target "gamma"'],
  ["a key without a webhook", ["--webhook-key-file", "x"], "give --webhook-file too"],
  ["a webhook's file that is not there", ["--webhook-file", "/nonexistent"], "Can't read address from"],
  ["an unknown occasion", ["--notify", "sometimes"], "always, problems, changes"],
] as const)
  test(`${what} is bad input, and no night begins`, async () => {
    using at = place("alpha");
    const { code, err } = await run("--inventory", at.inventory, "--nights", at.nights, ...args);
    expect(err).toContain(said);
    expect(code).toBe(3);
    expect((await run("status", "--nights", at.nights)).out).toContain("No night has run");
  });
