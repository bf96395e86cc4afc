// A child's log: without the secrets of the run, and an error of this machine if it can't be written.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { BadInput, CannotTell } from "../../fixtures/errors.ts";
import { startChild } from "./child.ts";

const kept = JSON.stringify(join(import.meta.dirname, "../../fixtures/evidence/kept-secrets.ts"));
const redactor = JSON.stringify(join(import.meta.dirname, "../../fixtures/evidence/redact.ts"));
const script = (code: string) => ["--input-type=module-typescript", "-e", code];

test("what the child registers is masked in its log, also if a piece ends within it; its files go to the private folder", async () => {
  const privateFolder = test.info().outputPath("private");
  const log = test.info().outputPath("log");
  const code = `
    import { tmpdir } from "node:os";
    import { keepSecrets } from ${kept};
    import { secret } from ${redactor};
    keepSecrets(process.env.PHOENIX_SECRETS);
    const value = secret(["canary", "of", "the", "child"].join("-"));
    process.stdout.write("before " + value.slice(0, 9));
    setTimeout(() => { console.log(value.slice(9) + " after"); console.error(JSON.stringify(value)); console.log(tmpdir()); }, 200);`;
  const child = startChild(script(code), {}, { log, privateFolder });
  child.closeInput();
  expect(await child.ended).toBe(0);
  const text = readFileSync(log, "utf8");
  expect(text).toContain("before [redacted] after\n");
  expect(text).toContain('"[redacted]"');
  expect(text).toContain(join(privateFolder, "tmp"));
  expect(text).not.toContain("canary");
});

test("a log on a full disk ends the child with an error of this machine", async () => {
  const code = "setInterval(() => console.log('x'.repeat(1000)), 1);";
  const child = startChild(script(code), {}, { log: "/dev/full" });
  await expect(child.ended).rejects.toThrow(BadInput);
  await expect(child.ended).rejects.toThrow("no space is left");
  await child.stop();
});

test("a child that a signal ends gave no verdict", async () => {
  const child = startChild(
    script("process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);"),
    {},
    {
      log: test.info().outputPath("log"),
    },
  );
  await expect(child.ended).rejects.toThrow(CannotTell);
});
