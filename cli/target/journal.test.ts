// What an apply writes into its journal is what a run reads there as evidence: the same steps, sentences and changes.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { parseJournal } from "../../fixtures/evidence/parse/journal.ts";
import { silent } from "../../fixtures/progress.ts";
import { removeAtExit } from "../../fixtures/remove-at-exit.ts";
import { localHypervisor } from "../../fixtures/target/local.ts";
import { apply } from "../../provision/apply/apply.ts";
import { start } from "../../provision/journal/journal.ts";
import { fixedPlan } from "../../provision/plan.ts";

test("an entry as the agent leaves it is read by the probe, applied and rolled back", async () => {
  const folder = mkdtempSync(join(tmpdir(), "journal-read-"));
  removeAtExit(folder);
  const places = { home: join(folder, "home"), scratch: join(folder, "scratch") };
  const path = join(folder, "a file");
  const plan = fixedPlan("here", `sha256:${"d".repeat(64)}`, [
    {
      ...{ id: "a-step", kind: "remedy", plan: "1.2", remedies: [], serves: [], why: "it has a reason" },
      changes: [{ does: "write-file", path, before: undefined, after: "x", mode: "600" }],
    },
  ]);
  const hypervisor = localHypervisor();
  const script = readFileSync(join(import.meta.dirname, "../../fixtures/evidence/probe/journal.sh"), "utf8");
  const read = () => {
    const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "sh", places.home], {
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
    return parseJournal(stdout);
  };
  const meta = { does: "apply", who: "a test", choice: ["--literal"], confirmWithin: 0 } as const;
  await apply(hypervisor, plan, meta, silent, places);
  expect(read()).toEqual({
    all: 1,
    entries: [
      {
        ...{ name: "0001", does: "apply", state: "applied", at: expect.any(String), who: "a test" },
        ...{ digest: plan.digest, literal: plan.literal, choice: ["--literal"] },
        steps: [{ id: "a-step", kind: "remedy", plan: "1.2", why: "it has a reason" }],
        changes: [{ step: "a-step", says: `create ${path}` }],
      },
    ],
  });
  await start(hypervisor, "0001", "a test", ["undo", "keep"], places);
  await expect.poll(() => read().entries[0]?.state, { timeout: 20_000 }).toBe("rolled back");
});
