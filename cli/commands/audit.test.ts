// `audit` as a user types it: a saved verdict becomes a bundle, which is checked, touched, and judged again.
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { type EvidenceDocument, writeDocument } from "../../fixtures/evidence/document.ts";
import type { Answer } from "../../fixtures/evidence/fact.ts";
import { digestOf } from "../../reports/audit/manifest.ts";
import type { RunRequirement } from "../../reports/run/run.ts";
import { sampleRequirement } from "../../reports/run/sample-accept.ts";
import { sample } from "../../specs/testing/evidence-builder.ts";
import { rejudgedOf } from "./audit.ts";

const main = join(import.meta.dirname, "../main.ts");

function typed(cwd: string, ...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const env = { ...process.env, PHOENIX_OUTPUT: join(cwd, "runs") };
  const child = spawn(process.execPath, [main, ...args], { cwd, env });
  const said = { out: "", err: "" };
  child.stdout.on("data", (text) => (said.out += text));
  child.stderr.on("data", (text) => (said.err += text));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...said })));
}

/** The sample with the digests that collected evidence has. */
function collected(): EvidenceDocument {
  const { document } = sample({}, {});
  const places = Object.entries(document.places).map(([name, given]) => {
    if (!("answers" in given)) return [name, given];
    const digested = Object.entries(given.answers as Record<string, Answer>).map(([question, one]) => [
      question,
      { ...one, digest: `sha256:${digestOf(one.out)}` },
    ]);
    return [name, { answers: Object.fromEntries(digested) }];
  });
  return { ...document, places: Object.fromEntries(places) };
}

test("a verdict becomes a bundle; it is checked with the key alone, judged again, and a flipped bit is named", async () => {
  const dir = mkdtempSync(join(tmpdir(), "phoenix-audit-"));
  try {
    writeDocument(join(dir, "saved.json"), collected());
    const key = spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(dir, "key")]);
    expect(key.status).toBe(0);
    const judged = await typed(dir, "verify", "--evidence", "saved.json", "--only", "STO-001,STO-003");
    expect(judged.code, judged.out + judged.err).toBe(0);
    const [name = ""] = readdirSync(join(dir, "runs")).filter((one) => one.endsWith("-verify"));
    const run = join(dir, "runs", name);

    const without = await typed(dir, "audit", "make", run, "--key", "key", "--out", "b.tar");
    expect(without.code).toBe(3);
    expect(without.err).toContain("--evidence EVIDENCE");
    const made = await typed(
      dir,
      ...["audit", "make", run, "--key", "key", "--out", "b.tar"],
      "--evidence",
      "saved.json",
    );
    expect(made.code, made.err).toBe(0);

    rmSync(join(dir, "saved.json"));
    rmSync(run, { recursive: true });
    const good = await typed(dir, "audit", "verify", "b.tar", "--key", "key.pub");
    expect(good.code, good.err).toBe(0);
    expect(good.out).toMatch(/^INTACT: b\.tar: \d+ files, as they were signed\n {2}verify of /);
    const again = await typed(dir, "audit", "judge", "b.tar", "--key", "key.pub");
    expect(again.code, again.out + again.err).toBe(0);
    expect(again.out).toContain("no verdict has changed");
    expect(
      readdirSync(join(dir, "runs")).filter((one) => one.endsWith("-verify")),
      "no run of its own",
    ).toEqual([]);

    const bytes = readFileSync(join(dir, "b.tar"));
    const at = bytes.indexOf('"verdict"', bytes.indexOf("run.json\0"));
    bytes[at + 1] = (bytes[at + 1] ?? 0) ^ 1;
    writeFileSync(join(dir, "b.tar"), bytes);
    const touched = await typed(dir, "audit", "verify", "b.tar", "--key", "key.pub");
    expect(touched.code).toBe(1);
    expect(touched.out).toContain("touched  run.json");
    const refused = await typed(dir, "audit", "judge", "b.tar", "--key", "key.pub");
    expect(refused.code).toBe(4);
    copyFileSync(join(dir, "key"), join(dir, "b.tar"));
    expect((await typed(dir, "audit", "verify", "b.tar", "--key", "key.pub")).code).toBe(3);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test("what changed is another verdict on the same evidence, and not what needs the target", () => {
  const with_ = (id: string, verdict: RunRequirement["verdict"]) => sampleRequirement(id, verdict);
  const before = [
    with_("STO-001", "pass"),
    with_("STO-002", "pass"),
    with_("STO-003", "not judged"),
    with_("STO-004", "fail"),
  ];
  const after = [
    with_("STO-001", "fail"),
    with_("STO-002", "not judged"),
    with_("STO-003", "pass"),
    with_("STO-005", "fail"),
  ];
  const all = rejudgedOf(before, after, "prod");
  expect(all.filter(({ changed }) => changed).map(({ id, was, now }) => `${id} ${was} ${now}`)).toEqual([
    "STO-001 pass fail",
    "STO-004 fail no longer required",
    "STO-005 not required then fail",
  ]);
});
