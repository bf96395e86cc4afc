// The crash test itself, with a real shell: every seventh point of a small plan, and a journal that is broken on purpose.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import { localHypervisor } from "../../fixtures/target/local.ts";
import { type Change, fixedPlan, type PlannedStep } from "../../provision/plan.ts";
import { isConsistent, type Scenario, Sweep } from "./sweep.ts";

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

function scenarioOf(): Scenario {
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
  const plan = fixedPlan("here", "sha256:0", steps);
  const places = { home: join(folder, "home"), scratch: join(folder, "scratch") };
  const open = () => Promise.reject(new Error("the connection to a local shell cannot be cut"));
  return { name: "a test", places, plan, roots: [join(folder, "tree")], disks: [], open };
}

test("killed at any point of an apply or a rollback: resume and rollback end consistent", async () => {
  test.setTimeout(180_000);
  const { sweep, points } = await Sweep.ready(scenarioOf(), local);
  expect(points.map(({ name }) => name)).toContain(`step: create ${join(folder, "tree/new/file")}: rename`);
  expect(points.length).toBeGreaterThan(50);
  const rows = [];
  // Every seventh point. `npm run sweep` takes each of them.
  for (const point of points.filter((_, index) => index % 7 === 0)) rows.push(await sweep.run(point, "kill"));
  expect(rows.filter((row) => !isConsistent(row))).toEqual([]);
});

test("a journal that loses its kept files is reported as inconsistent", async () => {
  test.setTimeout(180_000);
  // The same agent, but its kept files are lost: a kill after the rename cannot be undone.
  const losing: Hypervisor = {
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
  const { sweep, points } = await Sweep.ready(scenarioOf(), losing);
  const afterRename = points.find(({ name }) => name.includes("edit") && name.endsWith(": sync-directory"));
  if (!afterRename) throw new Error(`no such point: ${points.map(({ name }) => name).join(", ")}`);
  const row = await sweep.run(afterRename, "kill");
  expect(isConsistent(row)).toBe(false);
  expect(row.rolledBack).toContain(`${join(folder, "tree/edited")} is`);
});
