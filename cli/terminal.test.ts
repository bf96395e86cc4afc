// The entry on a real terminal: `script` gives it a pseudo terminal, and returns every byte that it writes there.
import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { writeDocument } from "../fixtures/evidence/document.ts";
import { quoteWords } from "../fixtures/quote.ts";
import { removeAtExit } from "../fixtures/remove-at-exit.ts";
import { makeKey, publicKey } from "../fixtures/target/ssh/testing.ts";
import { digested, sample } from "../specs/testing/evidence-builder.ts";

const main = join(import.meta.dirname, "main.ts");
const folder = mkdtempSync(join(tmpdir(), "phoenix-terminal-"));
removeAtExit(folder);

const inventory = join(folder, "inventory.json");
const key = makeKey();
const unreachable = {
  ...{ kind: "ssh", url: "https://portainer.phoenix.local", tree: "/phoenix", allows: ["observe"] },
  ...{ resolve: {}, trust: { certificateFile: "/c.pem" }, cannotImitate: [] },
  ssh: { host: "127.0.0.1", port: 1, user: "root", privateKeyFile: key, hostKey: publicKey(key) },
};
writeFileSync(inventory, JSON.stringify({ targets: { lab: unreachable } }));
const evidence = join(folder, "evidence.json");
writeDocument(evidence, digested(sample({}).document));

/** What the command writes to its terminal, with line ends as a program writes them. */
async function onTerminal(argv: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const command = quoteWords([process.execPath, main, ...argv]);
  const { PATH = "" } = process.env;
  const { stdout } = await promisify(execFile)("script", ["-qec", command, "/dev/null"], {
    env: { PATH, HOME: folder, PHOENIX_OUTPUT: folder, TERM: "xterm", SSH_AUTH_SOCK: "/nowhere", ...env },
  }).catch((error: { stdout: string }) => error);
  return stdout.replaceAll("\r\n", "\n");
}

const erase = "\r\u001b[K";

test("a step is a live line on a terminal; it is erased before the error is printed", async () => {
  const text = await onTerminal(["verify", "--inventory", inventory]);
  const [before, ...drawn] = text.split(erase);
  expect(before).toBe("");
  expect(drawn[0]).toMatch(/^ {2}… judging lab \(\d+\.\d s\)$/);
  expect(drawn.join("\n")).toMatch(/\n {2}judging lab: failed after \d+\.\d s\n/);
  expect(drawn.at(-1)).toMatch(/^No connection: .*\nNext:\n.*\n$/);
});

for (const [name, env, more] of [
  ["in CI", { CI: "true" }, []],
  ["on a terminal that can't erase", { TERM: "dumb" }, []],
  ["if quiet", {}, ["--quiet"]],
] as const)
  test(`no live line ${name}`, async () => {
    const text = await onTerminal(["verify", "--inventory", inventory, ...more], env);
    expect(text).not.toContain("\u001b");
    expect(text.includes("judging lab: failed after"), "the step's own line").toBe(more.length === 0);
    expect(text).toContain("Next:");
  });

test("colours only without NO_COLOR; quiet prints the counts and what is wrong alone", async () => {
  const argv = ["verify", "--evidence", evidence];
  const [coloured, plain, empty, quiet] = await Promise.all([
    onTerminal(argv),
    onTerminal(argv, { NO_COLOR: "1" }),
    onTerminal(argv, { NO_COLOR: "" }),
    onTerminal([...argv, "--quiet"], { NO_COLOR: "1" }),
  ]);
  expect(coloured).toContain("\u001b[32m✓ pass");
  expect(plain).not.toContain("\u001b");
  expect(plain).toContain("✓ pass");
  expect(empty, "as the convention says: an empty one is none").toContain("\u001b[32m");
  expect(quiet).toMatch(/^verified \(sample\): \d+ pass, /);
  expect(quiet).not.toContain("✓ pass");
  expect(quiet).not.toContain("not judged:");
});
