// `doctor` as a user runs it, and the checks that the command line makes before any command.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "@playwright/test";
import { lines } from "../../fixtures/progress.ts";
import { removeAtExit } from "../../fixtures/remove-at-exit.ts";
import { needsOf } from "../../fixtures/setup/needs.ts";
import { doctor } from "./doctor.ts";

const project = resolve(import.meta.dirname, "../..");
const bin = mkdtempSync(join(tmpdir(), "doctor-"));
test.beforeAll(() => program("node", `echo v24.0.0`));
removeAtExit(bin);

function program(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

const hostEnvironment = {
  path: bin,
  dockerHost: "tcp://192.0.2.1:2375",
  cacheHome: bin,
  output: undefined,
  keepEngine: false,
  vm: "lxc",
} as const;
const quiet = lines(() => {});
async function asked(command: string | undefined, json = false, install = false) {
  let out = "";
  const code = await doctor({ command, json, install, hostEnvironment }, quiet, (text) => {
    out += text;
  });
  return { code, out };
}

interface Printed {
  readonly ok: boolean;
  readonly engine: string | null;
  readonly next: readonly string[];
  readonly items: readonly {
    name: string;
    state: string;
    required: boolean;
    version?: string;
    next?: string;
  }[];
}

test("each item: found with its version, missing with the command, too old, or mute", async () => {
  program("npm", "echo 6.14.0");
  program("git", "echo cannot run; exit 1");
  const { code, out } = await asked("lint");
  expect(code).toBe(3);
  expect(out).toMatch(/^✓ node +24\.0\.0 \(.*\/node\)$/m);
  expect(out).toMatch(
    /^✗ npm +6\.14\.0 .* is too old, 7\.0\.0 or newer is needed: .*apt-get install .* npm$/m,
  );
  expect(out).toMatch(
    /^✗ shellcheck +missing: (sudo )?apt-get install --yes --no-install-recommends shellcheck$/m,
  );
  expect(out).toMatch(/^✗ git +.*\/git does not answer: cannot run: /m);
  expect(out).toMatch(/^- apt-get +missing, needed only when /m);
  expect(out).toMatch(/Next:\n {4}(sudo )?apt-get install .* npm shellcheck git dash\n$/);
});

test("everything that is required is there: 0, though what is needed only sometimes is missing", async () => {
  for (const name of ["npm", "git", "shellcheck", "sh"]) program(name, "echo version 10.2");
  const { code, out } = await asked("lint", true);
  const { ok, items, next } = JSON.parse(out) as Printed;
  expect([code, ok, next]).toEqual([0, true, []]);
  expect(items.map(({ name }) => name)).toEqual(needsOf("lint").map(({ name }) => name));
  expect(items).toContainEqual(
    expect.objectContaining({ name: "shellcheck", state: "found", version: "10.2" }),
  );
  expect(items).toContainEqual(expect.objectContaining({ name: "flock", state: "missing", required: false }));
});

test("an engine in the network is not asked, and makes a private one's programs unnecessary", async () => {
  const { out } = await asked("stand-in", true);
  const { engine, items } = JSON.parse(out) as Printed;
  expect(engine).toBe("tcp://192.0.2.1:2375 (not asked)");
  expect(items).toContainEqual(
    expect.objectContaining({ name: "umount", state: "missing", required: false }),
  );
  expect(items).toContainEqual(
    expect.objectContaining({ name: "Chromium", state: "missing", required: true }),
  );
});

test("a command without needs of its own is named with those that have some", async () => {
  await expect(asked("plans")).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining("accept, test, gate"),
  });
});

/** The program that `npm run phoenix` starts. */
const [, entry = ""] =
  / node (\S+)$/.exec(JSON.parse(readFileSync(join(project, "package.json"), "utf8")).scripts.phoenix) ?? [];
function phoenix(args: string[], env: Record<string, string>) {
  return spawnSync(process.execPath, [join(project, entry), ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
}

test("a TMPDIR that is not a folder is reported, before any command", () => {
  const { status, stderr } = phoenix(["gate", "--tree", "fixtures/phoenix"], {
    TMPDIR: join(bin, "nowhere"),
  });
  expect([status, stderr]).toEqual([
    3,
    `TMPDIR is not a folder: ${bin}/nowhere\nNext:\n    mkdir -p ${bin}/nowhere\n`,
  ]);
});

test("a DOCKER_HOST without a scheme is named", () => {
  const { status, stderr } = phoenix(["stand-in"], { DOCKER_HOST: "/run/docker.sock" });
  expect(status).toBe(3);
  expect(stderr).toContain("DOCKER_HOST=/run/docker.sock is not an address of an engine");
});

test("a gate without its programs does not start, and names them all", () => {
  const { status, stdout, stderr } = phoenix(["gate", "--tree", "fixtures/phoenix"], { PATH: bin });
  expect([status, stdout]).toEqual([3, ""]);
  for (const name of ["bash", "tar"]) expect(stderr.split("\n")[0]).toContain(name);
});

test("--install without apt-get names what would have to be installed", async () => {
  await expect(asked("gate", false, true)).rejects.toThrow(/missing.*there is no apt-get/s);
});
