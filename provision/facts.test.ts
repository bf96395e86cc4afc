// Reading facts of a local tree: which paths are read, and which are refused because a plan could not write them safely.
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { defaultDeployment } from "../fixtures/deployment/read.ts";
import type { Hypervisor } from "../fixtures/target/hypervisor.ts";
import { localHypervisor } from "../fixtures/target/local.ts";
import { readFacts as read } from "./facts.ts";
import { filesOf } from "./files.ts";
import { sampleTree } from "./testing/sample-facts.ts";

let room: string;
let tree: string;
let volume: string;

test.beforeEach(() => {
  room = realpathSync(mkdtempSync(join(tmpdir(), "facts test ")));
  tree = join(room, "a 'tree' of \"$HOME\" \\ é𝒳");
  volume = join(room, "volumes", "one's");
  cpSync(sampleTree, tree, { recursive: true });
  mkdirSync(join(volume, "portainer"), { recursive: true });
});
test.afterEach(() => rmSync(room, { recursive: true }));

const files = filesOf(defaultDeployment);

/** Facts of a local tree, with the volume in the test's own folder. */
const readFacts = (at: string) =>
  read(localHypervisor(), {
    tree: at,
    deployment: { ...defaultDeployment, volume: { ...defaultDeployment.volume, path: volume } },
  });

test("a tree whose name needs quoting is read", async () => {
  const found = await readFacts(tree);
  expect(found.files[join(tree, files.vmConfigs)]).toMatchObject({
    kind: "file",
    text: expect.stringContaining('"vms"'),
  });
  expect(found.files[join(tree, files.guestFirewall)]).toEqual({ kind: "absent" });
  expect(found.files[volume]?.kind).toBe("directory");
  expect(found.files[join(volume, "portainer")]?.kind).toBe("directory");
});

test("what this user may not read, or may not search for, is neither absent nor empty", async () => {
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const script: Hypervisor["script"] = async (text, args = []) => {
    const { status, stdout, stderr } = spawnSync("sh", ["-c", text, "sh", ...args], {
      ...user,
      encoding: "utf8",
    });
    return { code: status ?? -1, out: stdout, err: stderr, ms: 0 };
  };
  const asUser = () =>
    read(
      { ...localHypervisor(), script },
      {
        tree,
        deployment: { ...defaultDeployment, volume: { ...defaultDeployment.volume, path: volume } },
      },
    );
  chmodSync(room, 0o755);
  await asUser();
  for (const [path, mode] of [
    [join(tree, files.vmConfigs), 0o000],
    [join(tree, "etc"), 0o600],
    [join(volume, "portainer"), 0o300],
  ] as const) {
    const before = statSync(path).mode;
    chmodSync(path, mode);
    await expect(asUser(), path).rejects.toThrow("may not be read here");
    chmodSync(path, before);
  }
});

test("files to copy are found whatever their names", async () => {
  const part = fc.oneof(
    fc.string({ minLength: 1, maxLength: 12, unit: "binary" }),
    fc.constantFrom(
      " ",
      "\n",
      "a\n",
      "\nb",
      "'",
      '"',
      "$(id)",
      "`",
      "\\",
      "*",
      "-n",
      "é",
      "𝒳",
      "\t",
      "file x file 644 -",
    ),
  );
  const name = part.filter(
    (text) => !/[/\0]/.test(text) && text !== "." && text !== ".." && text.isWellFormed(),
  );
  const folder = join(tree, "persistent-storage/portainer");
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), async (names) => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      for (const one of names) writeFileSync(join(folder, one), `text of ${one}`);
      const found = await readFacts(tree);
      for (const one of names) {
        expect(found.files[`${folder}/${one}`]).toMatchObject({ kind: "file", text: `text of ${one}` });
        expect(found.files[`${volume}/portainer/${one}`]).toEqual({ kind: "absent" });
      }
    }),
    { numRuns: 6 },
  );
});

test("the tree's own path may be a symbolic link: only links inside the tree are refused", async () => {
  const link = join(room, "link");
  symlinkSync(tree, link);
  const found = await readFacts(link);
  expect(found.files[join(link, files.vmConfigs)]?.kind).toBe("file");
});

for (const [what, make, refused] of [
  [
    "a file that is a symbolic link",
    () => swap(files.vmConfigs, (moved, path) => symlinkSync(moved, path)),
    "vm_configs.json is a symbolic link to",
  ],
  [
    "a folder that is a symbolic link",
    () => swap("etc", (moved, path) => symlinkSync(moved, path)),
    "is reached through a symbolic link, at",
  ],
  [
    "a folder deep in the tree that is a symbolic link",
    () => swap("bin/managers", (moved, path) => symlinkSync(moved, path)),
    "is reached through a symbolic link, at",
  ],
  [
    "a folder that is a dangling symbolic link",
    () => swap("etc/nginx", (_, path) => symlinkSync("/nowhere/at/all", path)),
    "/nowhere/at/all",
  ],
  [
    "a file with a second hard link",
    () => linkSync(join(tree, files.gatewayScript), join(room, "second")),
    "has 2 names (hard links)",
  ],
  [
    "the compose file with a second hard link",
    () => linkSync(join(tree, files.composeFile), join(room, "second")),
    "has 2 names (hard links)",
  ],
  [
    "a copy with a second hard link",
    () => {
      writeFileSync(join(volume, "portainer/docker-compose.yml"), "old");
      linkSync(join(volume, "portainer/docker-compose.yml"), join(room, "second"));
    },
    "has 2 names (hard links)",
  ],
  [
    "a copy that is a symbolic link",
    () => symlinkSync("/etc/passwd", join(volume, "portainer/docker-compose.yml")),
    "is a symbolic link to /etc/passwd",
  ],
  [
    "a folder of copies that is a symbolic link",
    () => {
      rmSync(join(volume, "portainer"), { recursive: true });
      symlinkSync("/etc", join(volume, "portainer"));
    },
    "portainer is a symbolic link to /etc",
  ],
  [
    "a volume that is a symbolic link",
    () => {
      renameSync(volume, join(room, "8001"));
      symlinkSync(join(room, "8001"), volume);
    },
    "one's is a symbolic link to",
  ],
] as const)
  test(`${what} is refused, with what to do next`, async () => {
    make();
    await expect(readFacts(tree)).rejects.toThrow(
      expect.objectContaining({ name: "BadInput", message: expect.stringContaining(refused) }),
    );
    await expect(readFacts(tree)).rejects.toThrow(/Next:\n {4}\w+ .*'/);
  });

/** Moves a path of the tree away and puts something in its place. */
function swap(name: string, put: (moved: string, path: string) => void): void {
  const moved = join(room, "moved");
  renameSync(join(tree, name), moved);
  put(moved, join(tree, name));
}

test("a file that is only read, not edited, may have several hard links", async () => {
  writeFileSync(join(tree, "persistent-storage/portainer/more"), "x");
  linkSync(join(tree, "persistent-storage/portainer/more"), join(room, "second"));
  const found = await readFacts(tree);
  expect(found.files[join(tree, "persistent-storage/portainer/more")]?.kind).toBe("file");
});

/** The facts of a host whose `pct` runs the gateway's commands here, with these programs first on the way. */
function withGateway(programs: Readonly<Record<string, string>>, certificate: string) {
  const bin = join(room, "bin");
  mkdirSync(bin);
  const pct = `case $1 in status) echo "status: running" ;; exec) shift 3; exec "$@" ;; esac`;
  for (const [name, script] of Object.entries({ pct, ...programs }))
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const local = localHypervisor();
  const hypervisor: Hypervisor = {
    run: (...given) => local.run(...given),
    close: () => local.close(),
    [Symbol.asyncDispose]: () => local[Symbol.asyncDispose](),
    script: (text, ...more) => local.script(`PATH='${bin}':$PATH\n${text}`, ...more),
  };
  const gateway = { ...defaultDeployment.gateway, certificate: join(room, "crt") };
  writeFileSync(gateway.certificate, certificate);
  return read(hypervisor, {
    tree,
    deployment: { ...defaultDeployment, gateway, volume: { ...defaultDeployment.volume, path: volume } },
  });
}

const named = execFileSync(
  "openssl",
  [
    ...[
      "req",
      "-x509",
      "-nodes",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-keyout",
      "/dev/null",
    ],
    ...["-subj", "/CN=phoenix", "-addext", "subjectAltName=DNS:portainer.phoenix.local"],
  ],
  { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
);

test("the names of the gateway's certificate are read; a file that is no certificate has none", async () => {
  expect((await withGateway({}, named)).gateway?.names).toContain("DNS:portainer.phoenix.local");
  rmSync(join(room, "bin"), { recursive: true });
  expect((await withGateway({}, "no certificate")).gateway?.names).toBe("");
});

for (const [what, openssl, said] of [
  ["is not there", "exit 127", "openssl could not read"],
  [
    "does not know the option",
    '[ $# -lt 5 ] || { echo "x509: Unknown option: -ext" >&2; exit 1; }',
    "Unknown option: -ext",
  ],
] as const)
  test(`a certificate's names are unknown, not none, where openssl ${what}`, async () => {
    await expect(withGateway({ openssl }, named)).rejects.toThrow(said);
  });

test("a gateway that runs and does not answer, or whose answer is cut, is unknown, not empty", async () => {
  const cut = 'case $1 in status) echo "status: running" ;; exec) echo "site " ;; esac';
  await expect(withGateway({ pct: cut }, named)).rejects.toThrow(/LXC 101 is running, but did not answer/);
});
