// Trials on the volume against a hypervisor of cardboard: what they conclude, and that nothing of theirs stays behind.
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../../fixtures/deployment/deployment.ts";
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

/** Both sides share one word; `odd` answers instead where it has something to say. */
function cardboard(odd: (side: "machine" | "host", script: string) => Ran | undefined = () => undefined) {
  const removed: string[] = [];
  let word = "";
  const answer = (side: "machine" | "host", script: string): Ran => {
    if (script.includes("rm -rf")) removed.push(side);
    word = /echo ([0-9a-f]{16})/.exec(script)?.[1] ?? word;
    const system = "10.0.0.13:/quickOS/vm-persistent-data/1001 nfs4\n";
    return odd(side, script) ?? ran(script.includes("df --output") ? system : `${word}\n`);
  };
  const hypervisor = {
    run: async (argv: readonly string[]) => {
      const { code, out } = answer("machine", argv.at(-1) ?? "");
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

test("a volume that both sides see holds, and is left as it was", async () => {
  const { hypervisor, removed } = cardboard();
  const checks = await sameFiles(target, hypervisor);
  expect(checks.map(({ ok }) => ok)).toEqual([true, true, true, true, true, true]);
  expect(removed.sort()).toEqual(["host", "machine"]);
});

for (const [what, odd, words] of [
  [
    "the hypervisor does not see the machine's file",
    (side: string, script: string) =>
      side === "host" && script.includes('/machine"') ? ran("", 1) : undefined,
    "hypervisor: /quickOS/vm-persistent-data/1001/.acceptance",
  ],
  [
    "the machine does not see the hypervisor's file",
    (side: string, script: string) =>
      side === "machine" && script.includes('/host"') ? ran("", 1) : undefined,
    "/host exit code 1",
  ],
  [
    "the machine can't write",
    (side: string) => (side === "machine" ? ran("", 1) : undefined),
    "/machine exit code 1",
  ],
  [
    "the hypervisor sees other words",
    (side: string, script: string) =>
      side === "host" && script.includes('/machine"') ? ran("other\n") : undefined,
    "/machine other",
  ],
  [
    "the file lies on a local disk",
    (_: string, script: string) => (script.includes("df --output") ? ran("/dev/sda1 ext4\n") : undefined),
    "a file on /dev/sda1 (ext4)",
  ],
] as const)
  test(`red when ${what}`, async () => {
    const { hypervisor } = cardboard((side, script) =>
      script.includes("rm -rf") ? undefined : odd(side, script),
    );
    expect((await failing(hypervisor)).join("\n")).toContain(words);
  });

test("where NFS is bridged, the file system's type is not imitated, and the source is judged", async () => {
  const bridged = (source: string) =>
    cardboard((_, script) => (script.includes("df --output") ? ran(`${source} fuse.nfs4\n`) : undefined))
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

test("a trial that breaks off removes what it made, on both sides", async () => {
  const { hypervisor, removed } = cardboard((_, script) => {
    if (script.includes("df --output")) throw new CannotTell("the connection was cut");
    return undefined;
  });
  await expect(sameFiles(target, hypervisor)).rejects.toThrow("the connection was cut");
  expect(removed.sort()).toEqual(["host", "machine"]);
});

test("what can't be removed is named", async () => {
  const { hypervisor } = cardboard((side, script) =>
    side === "host" && script.includes("rm -rf") ? ran("", 1) : undefined,
  );
  await expect(sameFiles(target, hypervisor)).rejects.toThrow(
    /vm-persistent-data\/1001\/\.acceptance-\w+ was left behind/,
  );
});

/** Answers as a volume gives them on which root is root, but for what `odd` says. */
const owned = (odd: (script: string) => Ran | undefined) =>
  cardboard((_, script) => {
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

test("root that is root on the volume holds", async () => {
  expect(await disowned(owned(() => undefined))).toBe("");
});

for (const [what, part, answer, words] of [
  ["root can't create", "mkdir", ran("", 1), ", mkdir: exit code 1"],
  ["what root creates is nobody's", '%g "$dir/file"\n', ran("65534:65534\n"), "65534:65534"],
  ["root can't give away", "chown", ran("", 1), ", chown 1000:1000: exit code 1"],
  ["what was given stays root's", '"$dir/file" "$dir/given"', ran("0:0\n0:0\n"), ": 0:0"],
] as const)
  test(`red when ${what}`, async () => {
    expect(await disowned(owned((script) => (`${script}\n`.includes(part) ? answer : undefined)))).toContain(
      words,
    );
  });
