// The sweep itself, against a real shell: every point of a small plan, and a journal that is broken on purpose.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import { localHypervisor } from "../../fixtures/target/local.ts";
import { type Change, type Plan, type PlannedStep, planDigest } from "../../provision/plan.ts";
import { isWhole, type Scenario, Sweep } from "./sweep.ts";

const local = localHypervisor();
let folder: string;

test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sweep-"));
  mkdirSync(join(folder, "tree"));
  for (const name of ["edited", "untouched", "touched"]) {
    writeFileSync(join(folder, "tree", name), "before\n");
    utimesSync(join(folder, "tree", name), 1_700_000_000, 1_700_000_000);
  }
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

function benchOf(): Scenario {
  const path = (name: string) => join(folder, "tree", name);
  const changes: Change[] = [
    { does: "write-file", path: path("edited"), before: "before\n", after: "between\n", mode: "644" },
    { does: "write-file", path: path("edited"), before: "between\n", after: "after\n", mode: "644" },
    { does: "make-directory", path: path("new"), mode: "755" },
    { does: "write-file", path: path("new/file"), before: undefined, after: "x", mode: "600" },
    {
      does: "run",
      title: "a command",
      script: 'cp "$1" "$2"',
      args: [path("edited"), path("touched")],
      touches: [path("touched")],
      settles: true,
    },
  ];
  const steps: PlannedStep[] = [
    { id: "step", kind: "literal", plan: "1.1", remedies: [], serves: [], why: "a test", changes },
  ];
  const plan: Plan = {
    format: 3,
    target: "here",
    literal: false,
    choice: [],
    fingerprint: {},
    steps,
    digest: planDigest(steps),
  };
  const places = { home: join(folder, "home"), scratch: join(folder, "scratch") };
  const open = () => Promise.reject(new Error("a local shell can't be cut off"));
  return { name: "a test", places, plan, roots: [join(folder, "tree")], disks: [], open };
}

test("killed at every point of an apply and of its rollback, all ends whole", async () => {
  test.setTimeout(180_000);
  const { sweep, points } = await Sweep.ready(benchOf(), local);
  expect(points.map(({ name }) => name)).toContain(`step: create ${join(folder, "tree/new/file")}: rename`);
  expect(points.length).toBeGreaterThan(50);
  const rows = [];
  // Every seventh here; `npm run sweep` takes each of them.
  for (const point of points.filter((_, index) => index % 7 === 0)) rows.push(await sweep.run(point, "kill"));
  expect(rows.filter((row) => !isWhole(row))).toEqual([]);
});

test("a journal that forgets what it kept is found out", async () => {
  test.setTimeout(180_000);
  // The same agent, but what it keeps is lost: a kill behind the rename can't be undone any more.
  const forgetful: Hypervisor = {
    ...local,
    script: (text, args, options) =>
      local.script(
        text.replace(
          'mv -T "$part" "$journal/$name"',
          `sed -i 's/^mark() {/&\\nrm -rf "$changes"\\/*.doing\\/kept/' "$part/agent"\n$&`,
        ),
        args,
        options,
      ),
  };
  const { sweep, points } = await Sweep.ready(benchOf(), forgetful);
  const behind = points.find(({ name }) => name.includes("edit") && name.endsWith(": sync-directory"));
  if (!behind) throw new Error(`no such point: ${points.map(({ name }) => name).join(", ")}`);
  const row = await sweep.run(behind, "kill");
  expect(isWhole(row)).toBe(false);
  expect(row.rolledBack).toContain(`${join(folder, "tree/edited")} is`);
});
