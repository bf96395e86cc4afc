// What a command prints arrives whole, also where it is read slowly, and where it is read only in part.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "@playwright/test";
import { writeDocument } from "../fixtures/evidence/document.ts";
import { digested, sample } from "../specs/testing/evidence-builder.ts";

const main = join(import.meta.dirname, "main.ts");

/** Evidence whose digests fit, with so long a name that the result is larger than any pipe. */
function evidenceFile(folder: string): string {
  const { document } = sample({ hypervisor: { "qm status": `status: ${"x".repeat(1_500_000)}\n` } });
  const file = join(folder, "evidence.json");
  writeDocument(file, digested(document));
  return file;
}

function started() {
  const folder = mkdtempSync(join(tmpdir(), "phoenix-main-"));
  const child = spawn(process.execPath, [main, "verify", "--evidence", evidenceFile(folder), "--json"]);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, ended, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

test("a reader that is slow gets everything", async () => {
  using run = started();
  await pause(2_500);
  let out = "";
  run.child.stdout.on("data", (text) => (out += text));
  expect(await run.ended).toBe(1);
  expect(out.length).toBeGreaterThan(1_000_000);
  expect(JSON.parse(out).targets[0].target).toBe("sample");
});

test("a reader that goes away is no bug", async () => {
  using run = started();
  run.child.stdout.destroy();
  let said = "";
  run.child.stderr.on("data", (text) => (said += text));
  expect(await run.ended).toBe(1);
  expect(said).not.toContain("EPIPE");
});

test("output to a full disk is trouble of this machine, whatever the verdict", () => {
  const full = openSync("/dev/full", "w");
  const ran = spawnSync(process.execPath, [main, "requirements", "--help"], {
    stdio: ["ignore", full, "pipe"],
    encoding: "utf8",
  });
  closeSync(full);
  expect(ran.stderr).toContain("This machine's disk: no space is left");
  expect(ran.status).toBe(3);
});
