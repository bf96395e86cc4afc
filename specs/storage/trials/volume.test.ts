// Trials on the volume with a fake hypervisor: what they conclude, and that they leave nothing behind.
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../../fixtures/deployment/read.ts";
import { CannotTell } from "../../../fixtures/errors.ts";
import { fails } from "../../../fixtures/judgement.ts";
import type { Hypervisor, Ran } from "../../../fixtures/target/hypervisor.ts";
import type { Target } from "../../../fixtures/target/inventory.ts";
import { rootOwns, sameFiles } from "./volume.ts";

const target = { deployment: defaultDeployment, cannotImitate: [] } as unknown as Target;
const ran = (out: string, code = 0): Ran => ({
  code,
  out,
  err: code ? "No space left on device" : "",
  ms: 1,
});

/** Both sides read the same word, unless `odd` gives another answer. */
function fakeHypervisor(odd: (side: "guest" | "host", script: string) => Ran | undefined = () => undefined) {
  const removed: string[] = [];
  let word = "";
  const answer = (side: "guest" | "host", script: string): Ran => {
    if (script.includes("rm -rf")) removed.push(side);
    word = /echo ([0-9a-f]{16})/.exec(script)?.[1] ?? word;
    const system = "10.0.0.13:/quickOS/vm-persistent-data/1001 nfs4\n";
    return odd(side, script) ?? ran(script.includes("df --output") ? system : `${word}\n`);
  };
  const hypervisor = {
    run: async (argv: readonly string[]) => {
      const { code, out } = answer("guest", argv.at(-1) ?? "");
      return ran(JSON.stringify({ exited: 1, exitcode: code, "out-data": out }));
    },
    script: async (script: string) => answer("host", script),
  } as unknown as Hypervisor;
  return { hypervisor, removed };
}

const failing = async (hypervisor: Hypervisor) =>
  (await sameFiles(target, hypervisor))
    .filter(({ ok }) => !ok)
    .map(({ where, found }) => `${where} ${found}`);

test("a volume that both sides see passes, and is left as it was", async () => {
  const { hypervisor, removed } = fakeHypervisor();
  const checks = await sameFiles(target, hypervisor);
  expect(checks.map(({ ok }) => ok)).toEqual([true, true, true, true, true, true]);
  expect(removed.sort()).toEqual(["guest", "host"]);
});

for (const [what, odd, words] of [
  [
    "the hypervisor does not see the docker host's file",
    (side: string, script: string) =>
      side === "host" && script.includes('/guest"') ? ran("", 1) : undefined,
    "hypervisor: /quickOS/vm-persistent-data/1001/.acceptance",
  ],
  [
    "the docker host does not see the hypervisor's file",
    (side: string, script: string) =>
      side === "guest" && script.includes('/host"') ? ran("", 1) : undefined,
    "/host exit code 1",
  ],
  [
    "the docker host can't write",
    (side: string) => (side === "guest" ? ran("", 1) : undefined),
    "/guest exit code 1",
  ],
  [
    "the hypervisor reads another word",
    (side: string, script: string) =>
      side === "host" && script.includes('/guest"') ? ran("other\n") : undefined,
    "/guest other",
  ],
  [
    "the file lies on a local disk",
    (_: string, script: string) => (script.includes("df --output") ? ran("/dev/sda1 ext4\n") : undefined),
    "a file on /dev/sda1 (ext4)",
  ],
] as const)
  test(`red when ${what}`, async () => {
    const { hypervisor } = fakeHypervisor((side, script) =>
      script.includes("rm -rf") ? undefined : odd(side, script),
    );
    expect((await failing(hypervisor)).join("\n")).toContain(words);
  });

test("when NFS is bridged, the file system's type is not imitated, and the source is checked", async () => {
  const bridged = (source: string) =>
    fakeHypervisor((_, script) => (script.includes("df --output") ? ran(`${source} fuse.nfs4\n`) : undefined))
      .hypervisor;
  const limit = { what: "nfs-file-system-type", reason: "no NFS client" } as const;
  const on = { ...target, cannotImitate: [limit] };
  const checks = await sameFiles(on, bridged("10.0.0.13:/quickOS/vm-persistent-data/1001"));
  expect(checks.filter(fails)).toEqual([]);
  expect(checks.filter(({ notImitated }) => notImitated)).toMatchObject([
    { level: "behaves", ok: false, found: "fuse.nfs4", notImitated: "no NFS client" },
  ]);
  expect((await sameFiles(on, bridged("10.0.0.13:/other"))).filter(fails)).toHaveLength(1);
  expect(
    (await sameFiles(target, bridged("10.0.0.13:/quickOS/vm-persistent-data/1001"))).filter(fails),
  ).toHaveLength(1);
});

test("a trial that fails half-way removes what it made, on both sides", async () => {
  const { hypervisor, removed } = fakeHypervisor((_, script) => {
    if (script.includes("df --output")) throw new CannotTell("the connection was cut");
    return undefined;
  });
  await expect(sameFiles(target, hypervisor)).rejects.toThrow("the connection was cut");
  expect(removed.sort()).toEqual(["guest", "host"]);
});

test("a directory that can't be removed is named", async () => {
  const { hypervisor } = fakeHypervisor((side, script) =>
    side === "host" && script.includes("rm -rf") ? ran("", 1) : undefined,
  );
  await expect(sameFiles(target, hypervisor)).rejects.toThrow(
    /vm-persistent-data\/1001\/\.acceptance-\w+ was left behind/,
  );
});

/** Answers like a volume without root squash, unless `odd` gives another answer. */
const owned = (odd: (script: string) => Ran | undefined) =>
  fakeHypervisor((_, script) => {
    if (script.includes("rm -rf")) return undefined;
    const said = script.includes("chown")
      ? "given"
      : script.includes("mkdir")
        ? "made"
        : script.includes("given")
          ? "1000:1000\n1000:1000"
          : "0:0";
    return odd(script) ?? ran(`${said}\n`);
  }).hypervisor;
const disowned = async (hypervisor: Hypervisor) =>
  (await rootOwns(target, hypervisor))
    .filter(({ ok }) => !ok)
    .map(({ where, found }) => `${where}: ${found}`)
    .join("\n");

test("a volume without root squash passes", async () => {
  expect(await disowned(owned(() => undefined))).toBe("");
});

for (const [what, part, answer, words] of [
  ["root can't create", "mkdir", ran("", 1), ", mkdir: exit code 1"],
  ["what root creates belongs to nobody", '%g "$dir/file"\n', ran("65534:65534\n"), "65534:65534"],
  ["root can't chown", "chown", ran("", 1), ", chown 1000:1000: exit code 1"],
  ["chown changes nothing", '"$dir/file" "$dir/given"', ran("0:0\n0:0\n"), ": 0:0"],
] as const)
  test(`red when ${what}`, async () => {
    expect(await disowned(owned((script) => (`${script}\n`.includes(part) ? answer : undefined)))).toContain(
      words,
    );
  });
