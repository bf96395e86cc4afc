// Words of a target are no trouble of this machine, whatever they are; an error that was thrown, and an engine that has ended, are.
import { expect, test } from "@playwright/test";
import { usesEngine } from "../../fixtures/engine-trouble.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { machineTrouble } from "./machine-trouble.ts";

const socket = "unix:///var/run/docker.sock";
const noEngine = "connect ENOENT /var/run/docker.sock";
const noSpace = "ENOSPC: no space left on device, write";

/** Results with one requirement that did not pass for this reason. */
const results = (reason: string, bugs: readonly string[] = []) =>
  ({ status: "failed", bugs, rows: [{ verdict: "fail", reason }] }) as const;

test.beforeEach(() => usesEngine(socket, async () => undefined));

for (const words of [noEngine, noSpace]) {
  test(`what a target says is a verdict: ${words}`, async () => {
    for (const reason of [
      `expected no errors, found "Error: ${words}" (docker logs portainer)`,
      `The container's log says: ${words}`,
      `timed out: its log says Error: ${words}`,
    ])
      expect(await machineTrouble(results(reason)), reason).toBeUndefined();
  });

  test(`what was thrown is none: ${words}`, async () => {
    for (const said of [`Error: ${words}`, `timed out: Error: ${words}`]) {
      expect((await machineTrouble(results(said)))?.exitCode, said).toBe(Exit.badInput);
      expect((await machineTrouble(results("", [said])))?.exitCode, said).toBe(Exit.badInput);
    }
  });
}

test("an engine that does not answer any more says nothing about a target, whatever the results say", async () => {
  usesEngine(socket, async () => noEngine);
  expect((await machineTrouble(results("expected x, found y")))?.message).toContain(noEngine);
  const passed = { status: "passed", bugs: [], rows: [{ verdict: "pass", reason: "" }] } as const;
  expect(await machineTrouble(passed)).toBeUndefined();
});
