// Coverage reports each thing that can be missing, and the lock reports each change of a statement.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { cover, gaps, lockErrors, locked, type Seen, specFile } from "./coverage.ts";
import { register } from "./register.ts";

const [first] = register;
if (!first) throw new Error("the register is empty");
const entry = { ...first, id: "STO-001", revision: 1, levels: ["declared", "live"] as const };
const spec = specFile(
  "storage/STO-001-x.spec.ts",
  `test("STO-001 holds", requirement("STO-001"), async ({ evidence, trialContext: its }) => {
  await trial(trialContext, "files");
});
test(
  "STO-001 is refuted by x",
  control("STO-001", "F09", "F10"),
  fake(),
);`,
);
const seen: Seen = {
  id: "STO-001",
  revision: entry.revision,
  checks: [{ level: "declared" }, { level: "live" }],
};

test("a spec file is read: its tests, what they use, and the failure modes of its controls", () => {
  expect(spec.tests).toEqual([
    {
      ...{ title: "STO-001 holds", role: "requirement", id: "STO-001", modes: [] },
      ...{ uses: ["evidence", "trialContext"], trials: ["files"] },
    },
    {
      ...{ title: "STO-001 is refuted by x", role: "control", id: "STO-001", modes: ["F09", "F10"] },
      ...{ uses: undefined, trials: [] },
    },
  ]);
});

test("complete coverage has no gaps", () => {
  expect(gaps(cover([entry], [spec]))).toEqual([]);
  expect(gaps(cover([entry], [spec], [seen]))).toEqual([]);
});

for (const [what, given, words] of [
  ["no spec", cover([entry], []), "STO-001 has no spec"],
  ["no control", cover([entry], [{ ...spec, tests: spec.tests.slice(0, 1) }]), "STO-001 has no control"],
  ["an id twice", cover([entry, entry], [spec]), "STO-001 is used twice"],
  [
    "a level without a check",
    cover([entry], [spec], [{ ...seen, checks: [{ level: "live" }] }]),
    "STO-001: nothing was checked of declared",
  ],
  [
    "a level that the target cannot imitate",
    cover(
      [entry],
      [spec],
      [{ ...seen, checks: [{ level: "declared" }, { level: "live", notImitated: "no" }] }],
    ),
    "STO-001: nothing was checked of live",
  ],
  [
    "a run of another revision",
    cover([entry], [spec], [{ ...seen, revision: entry.revision + 1 }]),
    "STO-001: nothing was checked of declared, live",
  ],
  ["a run without the row", cover([entry], [spec], []), "STO-001: nothing was checked of declared, live"],
] as const) {
  test(`missing: ${what}`, () => expect(gaps(given)).toEqual([words]));
}

const lock = locked([entry], {});
const reworded = { ...entry, statement: "another statement" };
const raised = { ...reworded, revision: entry.revision + 1 };

test("the lock: the same wording under the same revision", () => {
  expect(lockErrors([entry], lock)).toEqual([]);
  expect(lockErrors([raised], locked([raised], lock))).toEqual([]);
});

for (const [what, given, words] of [
  ["a statement changed, its revision did not", reworded, "raise it to 2"],
  ["a revision changed, its statement did not", { ...entry, revision: 2 }, "put 1 back"],
  ["both changed, the lock did not", raised, "--lock"],
  ["a new id", { ...entry, id: "STO-999" }, "STO-999 is not in the lock"],
] as const) {
  test(`the lock: ${what}`, () => expect(lockErrors([given], lock)[0]).toContain(words));
}

test("the lock accepts new revisions, keeps old ids, and refuses a statement that changed without a new revision", () => {
  expect(locked([raised], lock)["STO-001"]?.revision).toBe(2);
  expect(Object.keys(locked([{ ...entry, id: "STO-002" }], lock))).toEqual(["STO-001", "STO-002"]);
  expect(() => locked([reworded], lock)).toThrow("raise it to 2");
});

test("the program prints every requirement, and reports a missing run", () => {
  const program = join(import.meta.dirname, "requirements.ts");
  const start = (...args: string[]) => spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
  const printed = JSON.parse(start("--json").stdout) as { requirements: { id: string }[] };
  expect(printed.requirements.map(({ id }) => id)).toEqual(register.map(({ id }) => id));
  const { status, stderr } = start("--run", "/nowhere");
  expect(stderr).toContain("No verdicts in /nowhere");
  expect(status).toBe(3);
});
