// `nightly` as a timer types it: targets that can't be reached, options that contradict each other, and its status.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "@playwright/test";
import { parse } from "yaml";
import { newKeyPair } from "../../fixtures/target/ssh/key-pair.ts";
import { nameOf, readNight } from "../../reports/night/night.ts";
import { sample } from "../../specs/testing/evidence-builder.ts";
import { recordedServer } from "../attack/recorded-server.ts";

const main = join(import.meta.dirname, "../main.ts");

const run = (...args: string[]) => ended(spawn(process.execPath, [main, "nightly", ...args]));

function ended(
  child: ChildProcessWithoutNullStreams,
): Promise<{ code: number | null; out: string; err: string }> {
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
  // Each night's folder says so too: a page about all nights must not show the night before as the last one.
  const [own] = readdirSync(join(at.nights, "alpha")).filter((name) => name !== "lock");
  const { targets } = JSON.parse(readFileSync(join(at.nights, "alpha", own ?? "", "run.json"), "utf8"));
  expect(targets).toEqual([expect.objectContaining({ target: "alpha", exitCode: code })]);
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

test("a failure that the waivers file accepts is waived in the night, its documents, the site and the exit code", async () => {
  await using server = await recordedServer(
    sample({ "docker-host": { "file /etc/fstab": "LABEL=root / ext4 defaults 0 1\n" } }).document,
  );
  using at = place("alpha", "beta");
  const { targets } = JSON.parse(readFileSync(at.inventory, "utf8"));
  writeFileSync(join(at.dir, "key"), server.clientKey, { mode: 0o600 });
  Object.assign(targets.alpha.ssh, { port: server.port, hostKey: server.hostKey });
  writeFileSync(at.inventory, JSON.stringify({ targets }));
  const waivers = join(at.dir, "waivers.yaml");
  const accept = (target: string, expires: string) =>
    writeFileSync(
      waivers,
      JSON.stringify({
        waivers: ["STO-003", "STO-002"].map((requirement) => ({
          ...{ requirement, target, reason: "moved in March", risk: "none", owner: "ops" },
          ...{ approver: "J. Okafor", ticket: "OPS-1", expires },
        })),
      }),
    );
  const options = ["--inventory", at.inventory, "--nights", at.nights, "--target", "alpha"];
  let last = "";
  const night = async (...args: string[]) => {
    await expect.poll(() => nameOf(new Date())).not.toBe(last);
    const { code, out, err } = await run(...options, "--json", ...args);
    const document = out === "" ? undefined : JSON.parse(out);
    last = document?.night;
    return { code, err, night: document, one: document?.targets[0] };
  };
  const until = new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10);
  accept("alpha", until);
  const waived = await night("--waivers", waivers);
  expect(waived.night.headline).toContain("1 newly waived (STO-003), 1 waiver no longer needed (STO-002)");
  // Nothing fails any more. The recorded host has no page for a client: that is still not told.
  expect([waived.code, waived.one.state, waived.one.counts.waived]).toEqual([2, "unknown", 1]);
  expect(waived.one.changes.newlyWaived[0].found).toContain(`accepted by J. Okafor, until ${until} (OPS-1)`);
  const document = JSON.parse(readFileSync(join(at.nights, waived.one.folder, "run.json"), "utf8"));
  expect(document.targets[0].waivers.map(({ state }: { state: string }) => state)).toEqual([
    "in force",
    "not needed",
  ]);
  expect(document.from).toEqual({ inventory: basename(at.inventory), waivers: "waivers.yaml" });
  const site = join(at.dir, "site");
  await ended(spawn(process.execPath, [main, "site", at.nights, "--out", site]));
  expect(readFileSync(join(site, "index.html"), "utf8")).toContain("1 waived");
  const page = readFileSync(join(site, "targets/alpha.html"), "utf8");
  expect(page).toContain(`Accepted by J. Okafor, until ${until}`);
  expect(page, "the values of the deployment are in the picture").toContain("gateway, LXC 101");

  accept("alpha", "2026-01-01");
  const expired = await night("--waivers", waivers);
  expect([expired.code, expired.one.state]).toEqual([1, "fail"]);
  expect(expired.night.headline).toMatch(/1 newly failing \(STO-003\).* 1 waiver expired \(STO-003\)/);

  accept("gamma", until);
  const wrong = await night("--waivers", waivers);
  expect([wrong.code, wrong.err]).toEqual([3, expect.stringContaining("there is no target gamma")]);
  expect(readdirSync(at.nights).filter((name) => /Z\.json$/.test(name))).toHaveLength(2);
});

const docs = join(import.meta.dirname, "../../docs/nightly");
/** The commands of the unit and of the schedules, and what the variables in them are here. */
const written = [
  ["phoenix-nightly.service", /^ExecStart=\S+ (nightly .*)$/m],
  ["github-actions.yml", /npm run phoenix -- (nightly .*)$/m],
  ["gitlab-ci.yml", /npm run phoenix -- (nightly .*)$/m],
] as const;
for (const [name, pattern] of written)
  test(`the night of ${name} runs as it is written`, async () => {
    using at = place("alpha");
    const got: string[] = [];
    await using server = createServer((request, response) => {
      request.setEncoding("utf8").on("data", (piece) => got.push(piece));
      request.on("end", () => response.writeHead(204).end());
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const text = readFileSync(join(docs, name), "utf8");
    if (name.endsWith(".yml"))
      expect(parse(text)).toMatchObject({ [name.startsWith("gitlab") ? "nightly" : "jobs"]: {} });
    const [, command = ""] = pattern.exec(text) ?? [];
    for (const folder of ["suite", "etc", "var"]) mkdirSync(join(at.dir, folder));
    cpSync(at.inventory, join(at.dir, "targets.yaml")); // JSON is YAML too
    for (const file of ["webhook", "key"])
      writeFileSync(
        join(at.dir, file),
        file === "key" ? readFileSync(join(at.dir, "key")) : `http://127.0.0.1:${port}/\n`,
      );
    writeFileSync(join(at.dir, "signing-key"), "a-signing-key\n");
    const line = command
      .replaceAll("/etc/phoenix-acceptance/", `${at.dir}/`)
      .replaceAll("/var/lib/phoenix-acceptance/", `${at.dir}/`)
      .replaceAll(`\${CREDENTIALS_DIRECTORY}/key`, `${at.dir}/signing-key`)
      .replaceAll(`\${CREDENTIALS_DIRECTORY}`, at.dir);
    const child = spawn("sh", ["-c", `exec "$NODE" "$MAIN" ${line}`], {
      cwd: join(at.dir, "suite"),
      env: { ...process.env, NODE: process.execPath, MAIN: main, PHOENIX_WEBHOOK: join(at.dir, "webhook") },
    });
    const { out, err } = await ended(child);
    expect(out).toContain("alpha: no verdict (");
    expect(err).toContain("told the webhook\n");
    expect(got).toEqual([expect.stringContaining('"state":"no verdict"')]);
    expect(readdirSync(at.nights).filter((file) => /Z\.json$/.test(file))).toHaveLength(1);
  });
