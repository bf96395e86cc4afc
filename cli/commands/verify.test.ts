// `verify` as a user types it, on saved evidence: exit codes, rows that are not judged, whose limits count, what is refused.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Ajv } from "ajv";
import { type EvidenceDocument, writeDocument } from "../../fixtures/evidence/document.ts";
import schema from "../../reports/run/run.schema.json" with { type: "json" };
import { register } from "../../specs/register/register.ts";
import { type Changes, digested, sample } from "../../specs/testing/evidence-builder.ts";

const main = join(import.meta.dirname, "../main.ts");
const valid = new Ajv({ strict: false }).compile(schema);

function place() {
  const dir = mkdtempSync(join(tmpdir(), "phoenix-verify-"));
  const evidence = (changes: Changes = {}, target: Partial<EvidenceDocument["target"]> = {}) => {
    const file = join(dir, "evidence.json");
    writeDocument(file, digested(sample(changes, target).document));
    return file;
  };
  return { dir, evidence, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

const verify = (...args: string[]) => verifyWith({}, ...args);

function verifyWith(
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [main, "verify", ...args], { env: { ...process.env, ...env } });
  const said = { out: "", err: "" };
  child.stdout.on("data", (text) => (said.out += text));
  child.stderr.on("data", (text) => (said.err += text));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...said })));
}

test("good evidence: 0, with a count of what is not judged and what to type; --require makes one of them 2", async () => {
  using at = place();
  const file = at.evidence();
  const seen = await verify("--evidence", file, "--only", "STO-003,DAT-001,GWY-001");
  expect(seen.err).toBe("");
  expect(seen.code, seen.out).toBe(0);
  expect(seen.out).toMatch(/STO-003 {2}R {2}1\.1 {3}✓ pass/);
  expect(seen.out).toMatch(
    /DAT-001 {2}L {2}3\.3 {3}– not judged {2}needs sign-in, make-user, restart-container/,
  );
  expect(seen.out).toContain(`2 pass, ${register.length - 2} not judged, 0 fail of ${register.length}`);
  expect(seen.out).toContain(`from ${file}`);
  expect(seen.out).toContain(
    "--browser --allow sign-in,make-user,restart-container".replace("--browser ", ""),
  );
  const required = await verify("--evidence", file, "--only", "STO-003,DAT-001", "--require", "DAT-001");
  expect(required.code).toBe(2);
  expect(required.out).toContain("? unknown DAT-001");
  expect(required.out).toContain("required, and not judged: needs sign-in, make-user, restart-container");
});

test("the folder of runs is bounded: as many as PHOENIX_KEEP_RUNS says", async () => {
  using at = place();
  const output = join(at.dir, "runs");
  const old = "2026-01-01T02-00-00-000Z-verify";
  mkdirSync(join(output, old), { recursive: true });
  writeFileSync(join(output, old, "run.json"), "{}");
  const env = { PHOENIX_OUTPUT: output, PHOENIX_KEEP_RUNS: "1" };
  const { code, err } = await verifyWith(env, "--evidence", at.evidence(), "--only", "STO-003");
  expect([code, err]).toEqual([0, `Removed the old run ${old}\n`]);
  expect(readdirSync(output)).toEqual([expect.not.stringContaining("2026-01-01")]);
});

test("a requirement that the evidence refutes fails, also one that would need an action; --json fits its schema", async () => {
  using at = place();
  const broken: Changes = {
    "docker-host": { "file /etc/fstab": "LABEL=root / ext4 defaults 0 1\n" },
    client: { status: '{"status":502,"location":"","body":""}' },
  };
  const { code, out } = await verify(
    "--evidence",
    at.evidence(broken),
    "--only",
    "STO-003,DAT-001",
    "--json",
  );
  expect(code).toBe(1);
  const run = JSON.parse(out);
  expect(valid(run), JSON.stringify(valid.errors)).toBe(true);
  const verdict = (id: string) =>
    run.targets[0].requirements.find((row: { id: string }) => row.id === id).verdict;
  expect([verdict("STO-003"), verdict("DAT-001"), verdict("GWY-001")]).toEqual([
    "fail",
    "fail",
    "not judged",
  ]);
});

test("limits come from the inventory, not from the evidence; without one the page says whose they are", async () => {
  using at = place();
  const limit = { what: "nfs-file-system-type", reason: "we say so" } as const;
  const mounted = (type: string) =>
    `36 35 0:50 / /persistent-storage rw - ${type} 10.0.0.13:/quickOS/vm-persistent-data/1001 rw\n`;
  const file = at.evidence(
    { "docker-host": { "file /proc/self/mountinfo": mounted("fuse.nfs4") } },
    { cannotImitate: [limit], name: "prod", kind: "ssh" },
  );
  const alone = await verify("--evidence", file, "--only", "STO-003");
  expect(alone.out).toContain("as the evidence file says: nfs-file-system-type (we say so)");
  const inventory = join(at.dir, "inventory.json");
  const entry = {
    ...{ kind: "ssh", tree: "/usr/local/phoenix_hypervisor", url: "https://portainer.phoenix.local" },
    ssh: { host: "127.0.0.1", port: 1, user: "root", privateKeyFile: "none", hostKey: "ssh-ed25519 AAAA" },
    ...{ resolve: {}, trust: { certificateFile: "none" }, allows: ["observe"], cannotImitate: [] },
  };
  writeFileSync(inventory, JSON.stringify({ targets: { prod: entry, other: entry } }));
  const bound = await verify(
    "--evidence",
    file,
    "--inventory",
    inventory,
    "--target",
    "prod",
    "--only",
    "STO-003",
  );
  expect(bound.code, "a mount that is no NFS").toBe(1);
  const strange = await verify("--evidence", file, "--inventory", inventory, "--target", "other");
  expect(strange.code).toBe(4);
  expect(strange.err).toContain("is evidence of prod, and not of other");
  const unallowed = await verify("--inventory", inventory, "--target", "prod", "--allow", "reboot-vm");
  expect(unallowed.code).toBe(4);
  expect(unallowed.err).toContain("The inventory does not allow reboot-vm on prod");
});

test("what an apply did not run again counts from the record that the command names, and from no other file", async () => {
  using at = place();
  const ran = (words: string, guestExecs: object[]) => ({
    ...{ argv: ["phoenix-cli", ...words.split(" ")], code: 0, output: "", guestExecs },
  });
  const inGuest = { argv: ["qm"], code: 0, answer: '{"exitcode":0,"exited":1}' };
  const record = (name: string, commands: object[]) => {
    const file = join(at.dir, name);
    writeFileSync(file, JSON.stringify({ at: "", literal: false, choice: [], steps: [], commands }));
    return file;
  };
  const apply = record("apply.json", [ran("converge 101", [])]);
  // A file of this name beside the evidence is none that anyone named.
  const earlier = record("record.json", [ran("create 1001", [inGuest])]);
  const evidence = at.evidence();
  const given = ["--evidence", evidence, "--before", evidence, "--record", apply, "--only", "ORC-001"];
  const without = await verify(...given);
  expect(without.code, without.out).toBe(1);
  expect(without.out).toContain("it did not run");
  const named = await verify(...given, "--before-record", earlier);
  expect(named.code, named.out).toBe(0);
});

test("reports are made from the result alone, and name the target", async () => {
  using at = place();
  const report = join(at.dir, "{target}.json");
  const { code } = await verify(
    "--evidence",
    at.evidence(),
    "--only",
    "STO-003",
    "--format",
    `json=${report}`,
  );
  expect(code).toBe(0);
  const [{ target, requirements }] = JSON.parse(readFileSync(join(at.dir, "sample.json"), "utf8")).targets;
  const judged = requirements.filter(({ verdict }: { verdict: string }) => verdict !== "not judged");
  expect([target, judged.map(({ id }: { id: string }) => id)]).toEqual(["sample", ["STO-003"]]);
});

for (const [args, words] of [
  [[], "verify needs --inventory FILE or --evidence FILE"],
  [["--evidence", "e.json", "--only", "STO-999"], "No requirement STO-999 in the register"],
  [["--inventory", "i.json", "--allow", "reboot"], "There is no action reboot"],
  [["--evidence", "e.json", "--allow", "apply"], "--evidence judges without the target"],
  [["--inventory", "i.json", "--all", "--target", "a"], "--all and --target exclude each other"],
  [["--inventory", "i.json", "--all", "--save", "e.json"], "e.json would be overwritten by each"],
  [["--inventory", "i.json", "--shard", "1/2"], "--shard divides several targets"],
  [["--inventory", "i.json", "--all", "--shard", "3/2"], "Expected PART/PARTS, for example 1/3"],
  [["--merge", "none", "--inventory", "i.json"], "--merge judges nothing itself: no --inventory"],
  [["--merge", "/nowhere"], "/nowhere can't be read"],
] as const)
  test(`bad usage is one clear error: ${words}`, async () => {
    const { code, err } = await verify(...args);
    expect(code).toBe(3);
    expect(err).toContain(words);
    expect(err).toContain("Next:");
  });

/** An inventory of targets that can't be reached: each has its own trouble. */
function unreachable(dir: string, names: readonly string[]): string {
  const entry = {
    ...{ kind: "ssh", tree: "/usr/local/phoenix_hypervisor", url: "https://portainer.phoenix.local" },
    ssh: { host: "127.0.0.1", port: 1, user: "root", privateKeyFile: "none", hostKey: "ssh-ed25519 AAAA" },
    ...{ resolve: {}, trust: { certificateFile: "none" }, allows: ["observe"], cannotImitate: [] },
  };
  const inventory = join(dir, "inventory.json");
  writeFileSync(
    inventory,
    JSON.stringify({ targets: Object.fromEntries(names.map((name) => [name, entry])) }),
  );
  return inventory;
}

test("two processes judge half of the targets each; merged, that is the run that one process makes", async () => {
  using at = place();
  const inventory = unreachable(at.dir, ["a", "b", "c"]);
  const parts = join(at.dir, "parts");
  mkdirSync(parts);
  const judge = ["--inventory", inventory, "--all", "--json"];
  const [one, first, second] = await Promise.all([
    verify(...judge),
    verify(...judge, "--shard", "1/2"),
    verify(...judge, "--shard", "2/2"),
  ]);
  const without = (text: string) =>
    JSON.parse(text, (key, value) => (key === "ms" || key === "startedAt" ? undefined : value)) as {
      targets: { target: string }[];
    };
  const names = (text: string) => without(text).targets.map(({ target }) => target);
  expect([names(first.out), names(second.out)]).toEqual([["a", "b"], ["c"]]);
  for (const { out } of [first, second])
    expect(valid(JSON.parse(out)), JSON.stringify(valid.errors)).toBe(true);
  writeFileSync(join(parts, "1.json"), first.out);
  // The second one's output is not there yet: a job that failed before it printed.
  writeFileSync(join(parts, "2.json"), "");
  const incomplete = await verify("--merge", parts);
  expect(incomplete.out).toMatch(/^c +2 .*Nothing is known: part 2 of 2 left no result$/m);
  writeFileSync(join(parts, "2.json"), second.out);
  const merged = await verify("--merge", parts, "--json");
  expect(merged.code).toBe(one.code);
  expect(JSON.parse(one.out).from, "no path of this machine").toEqual({ inventory: "inventory.json" });
  expect(without(merged.out)).toEqual(without(one.out));
  const page = await verify("--merge", parts);
  expect([page.code, page.out.match(/^[abc] /gm)?.length]).toEqual([one.code, 3]);
  const none = await verify(...judge, "--shard", "4/4");
  expect([none.code, none.err]).toEqual([3, expect.stringContaining("fewer targets (3) than parts (4)")]);
  expect(none.err).toContain("--shard 3/3");
  writeFileSync(join(parts, "2.json"), second.out.slice(0, -20));
  expect(await verify("--merge", parts)).toMatchObject({
    code: 3,
    err: expect.stringMatching(/2\.json:\d+:\d+/),
  });
});
