// The register and the specs agree: stable ids, one spec file each, and a control in every spec.
import { basename, dirname } from "node:path";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { anyDeployment } from "../../fixtures/deployment/any-deployment.ts";
import { defectOf, tasks } from "../../fixtures/deployment/plan.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { fieldsOf, standsIn } from "../../fixtures/deployment/words.ts";
import { cover, gaps, lockErrors, readSpecs } from "./coverage.ts";
import lock from "./register.lock.json" with { type: "json" };
import { register, registerFor, rendered, requirementOf } from "./register.ts";

const areas: Record<string, string> = {
  STO: "storage",
  GWY: "gateway",
  FWL: "firewall",
  DEP: "deployment",
  AUT: "automation",
  ORC: "orchestration",
  ACC: "access",
  DAT: "persistence",
  SEC: "security",
  OPS: "operations",
};
const specs = readSpecs();

test("ids are unique", () => {
  expect(new Set(register.map(({ id }) => id)).size).toBe(register.length);
});

test("ids run from 001 without a gap in each area, and carry their area's letters", () => {
  for (const [letters, area] of Object.entries(areas)) {
    const ids = register.filter((each) => each.area === area).map(({ id }) => id);
    expect(ids, area).toEqual(ids.map((_, at) => `${letters}-${String(at + 1).padStart(3, "0")}`));
    expect(ids.length, area).toBeGreaterThan(0);
  }
});

test("levels run downwards, and each remedy says which defect it answers", () => {
  const order = ["declared", "delivered", "live", "behaves"];
  for (const { id, levels, kind, remedies } of register) {
    expect(levels, id).toEqual(order.filter((level) => levels.includes(level as never)));
    expect(remedies.length > 0, id).toBe(kind === "R");
  }
});

test("what has to hold first is another requirement, at a level of this one, and never in a circle", () => {
  const before = new Map(register.map(({ id, follows = {} }) => [id, Object.values(follows).flat()]));
  for (const { id, levels, follows = {} } of register) {
    expect(levels, id).toEqual(expect.arrayContaining(Object.keys(follows)));
    const reached = new Set<string>();
    const reach = (from: string): void => {
      for (const next of before.get(from) ?? []) {
        expect(before.has(next), `${id}: ${next}`).toBe(true);
        if (reached.has(next)) continue;
        reached.add(next);
        reach(next);
      }
    };
    reach(id);
    expect(reached.has(id), `${id} follows from itself`).toBe(false);
  }
});

test("every spec file is named for a requirement of its own directory", () => {
  expect(specs.length).toBeGreaterThan(0);
  for (const { path, id } of specs) {
    expect(basename(path), path).toMatch(/^[A-Z]{3}-\d{3}-[a-z0-9-]+\.spec\.ts$/);
    expect(dirname(path), path).toBe(requirementOf(id).area);
  }
});

test("no requirement has two spec files", () => {
  const ids = specs.map(({ id }) => id);
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
});

test("every spec has its one requirement and at least one control, titled and tagged alike", () => {
  for (const { path, id, text, tests } of specs) {
    expect(
      tests.every((each) => each.title.startsWith(`${id} `) && each.id === id),
      path,
    ).toBe(true);
    // A test in another form would be missed by readSpecs.
    expect(tests.length, path).toBe(text.match(/\btest\(/g)?.length);
    expect(tests.filter(({ role }) => role === "requirement").length, path).toBe(1);
    const controls = tests.filter(({ role }) => role === "control");
    expect(controls.length, path).toBeGreaterThan(0);
    for (const { title } of controls) expect(title, path).toContain(`${id} is refuted by `);
    expect(text.startsWith(`// ${id}. `), path).toBe(true);
    expect(text.split("\n").length, path).toBeLessThanOrEqual(61);
  }
});

test("every requirement has a spec, every spec a control, and no id is used twice", () => {
  expect(gaps(cover(register, specs))).toEqual([]);
});

test("each statement has the revision that is in the lock", () => {
  expect(lockErrors(register, lock)).toEqual([]);
});

test("every requirement belongs to a task of the plan, and every defect that it answers is one of the plan's", () => {
  const ids = tasks.map(({ id }) => id);
  for (const { id, plan, remedies } of register) {
    expect(ids, id).toContain(plan);
    expect(
      remedies.map((defect) => defectOf(defect).id),
      id,
    ).toEqual(remedies);
  }
});

test("a statement shows the deployment's values; an unknown placeholder is a bug in the suite", () => {
  expect(rendered("VM {dockerHost.vmid} at {dockerHost.address}:{portainer.port}", defaultDeployment)).toBe(
    "VM 1001 at 10.0.0.101:9443",
  );
  for (const wrong of ["{dockerHost}", "{dockerHost.ctid}", "{nobody.port}", "{}", "{volume.path.length}"])
    expect(() => rendered(`x ${wrong}`, defaultDeployment)).toThrow(`no deployment has ${wrong}`);
});

test("titles and rationales are the same for every deployment, and no statement has a value of one", () => {
  const values = fieldsOf(defaultDeployment).map(([, value]) => value);
  for (const { id, title, rationale, statement } of register) {
    expect(title + rationale, id).not.toMatch(/[{}]/);
    for (const text of [title, rationale, statement])
      expect(
        values.filter((value) => standsIn(text, value)),
        `${id}: ${text}`,
      ).toEqual([]);
  }
});

test("no statement for another deployment has a value of the approved plan's own", () => {
  const own = fieldsOf(defaultDeployment).map(([, value]) => value);
  fc.assert(
    fc.property(anyDeployment, (deployment) => {
      const others = new Set(fieldsOf(deployment).map(([, value]) => value));
      const left = registerFor(deployment).flatMap(({ statement }) =>
        own.filter((value) => !others.has(value) && standsIn(statement, value)),
      );
      return left.length === 0;
    }),
  );
});

test("an unknown id is a bug in the suite", () => {
  expect(() => requirementOf("GWY-999")).toThrow(
    'This is a bug in the suite: no requirement "GWY-999" in the register',
  );
});
