// The table of failure modes lists what controls showed; the committed page agrees with the specs.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { readSpecs } from "./coverage.ts";
import { failureMode, failureModes } from "./failure-modes.ts";
import { page, type Shown, unshown } from "./failure-modes-table.ts";
import { register } from "./register.ts";

const modes = [
  { id: "F01", seed: "D", what: "the first thing broke" },
  { id: "F02", seed: "D", what: "the second thing broke", because: "Nobody can." },
  { id: "F03", seed: "A", what: "the third thing broke" },
] as const;
const shown = (red: boolean, ...named: string[]): Shown => ({
  ...{ id: "STO-001", title: "STO-001 is refuted by a typo", red, modes: named },
});

test("a mode is shown only by a control that saw red", () => {
  expect(unshown(modes, [shown(true, "F01")])).toEqual([]);
  expect(unshown(modes, [shown(false, "F01")])).toEqual(["F01 was not shown: the first thing broke"]);
  expect(unshown(modes, [shown(true, "F09")])).toEqual(["F01 was not shown: the first thing broke"]);
});

test("an escape that a control disproves is reported", () => {
  expect(unshown(modes, [shown(true, "F01", "F02")])).toEqual([
    "F02 is shown, and has an escape: remove the escape",
  ]);
});

test("the page names the requirement, the known-bad state, and the escape", () => {
  const text = page(modes, [shown(true, "F01"), shown(false, "F03")]);
  expect(text).toContain("| F01 | the first thing broke | STO-001: a typo |");
  expect(text).toContain("| F02 | the second thing broke | escape: Nobody can. |");
  expect(text).not.toContain("F03");
  expect(page(modes, [])).toContain("| F01 | the first thing broke | **not shown** |");
});

test("ids are in order, and none is used twice", () => {
  const ids = failureModes.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
  expect(() => failureMode("F99")).toThrow('no failure mode "F99"');
});

test("the committed page is the one that the specs' controls give when all of them see red", () => {
  const specs = readSpecs();
  const controls = register.flatMap(({ id: entry }) =>
    specs
      .filter(({ id }) => id === entry)
      .flatMap(({ tests }) => tests.filter(({ role }) => role === "control")),
  );
  const kept = readFileSync(join(import.meta.dirname, "../../docs/failure-modes.md"), "utf8");
  const how = "generate it again: npm test, then node specs/register/failure-modes-table.ts";
  expect(kept, how).toBe(
    page(
      failureModes,
      controls.map((control) => ({ ...control, red: true })),
    ),
  );
});
