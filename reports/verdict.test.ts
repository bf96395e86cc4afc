// The judge's rules, one table row each: what a requirement's tests did, and the verdict that follows.
import { expect, test } from "@playwright/test";
import type { Check } from "../fixtures/judgement.ts";
import { assertComplete, judgeRun, type Requirement, type TestOutcome } from "./verdict.ts";

const entry: Requirement = {
  id: "STO-001",
  revision: 1,
  kind: "L",
  plan: "1.1",
  severity: "must",
  statement: "the volume is declared",
  levels: ["declared", "live"],
  remedies: [],
};
const good: Check = { level: "declared", ok: true, expected: "a", found: "a", where: "vm.json:3:5" };
const deep: Check = { ...good, level: "live", found: "mounted" };
const bad: Check = { ...good, ok: false, found: "b\nc", next: "jq . vm.json" };
const claim: TestOutcome = {
  id: "STO-001",
  role: "requirement",
  title: "STO-001 the volume is declared",
  status: "passed",
  expectedRed: false,
  checks: [good, deep],
  messages: [],
  ms: 12.4,
};
/** A check that the target says it cannot imitate. */
const apart: Check = { ...deep, ok: false, found: "fuse", notImitated: "no NFS client" };
const control: TestOutcome = { ...claim, role: "control", title: "STO-001 is refuted by a typo", ms: 3 };
const { checks: _none, ...bare } = claim;
const red: TestOutcome = { ...bare, status: "failed", messages: ["Error: expected a"] };
const unreachable: TestOutcome = {
  ...red,
  messages: ["CannotTell: the hypervisor did not answer after 5 s\nNext:"],
};
/** A test that stopped where it would have had to act. */
const left: TestOutcome = { ...red, messages: ["NotJudged: needs reboot-vm"] };

const cases: [string, TestOutcome[], string, string][] = [
  ["a pass shows its deepest level", [claim], "pass", "mounted (vm.json:3:5)"],
  ["no test at all", [], "pending", "no spec yet"],
  ["only a control", [control], "pending", "no spec yet"],
  [
    "a passed test that says nothing of one level",
    [{ ...claim, checks: [good] }],
    "unknown",
    "nothing was checked of: live",
  ],
  [
    "two tests, one level each",
    [
      { ...claim, checks: [good] },
      { ...claim, checks: [deep] },
    ],
    "pass",
    "mounted (vm.json:3:5)",
  ],
  ["a test that needs what the run does not do", [left], "not judged", "needs reboot-vm"],
  [
    "the same, with a check of the evidence that fails",
    [{ ...left, checks: [bad] }],
    "fail",
    "expected a, found b c (vm.json:3:5)",
  ],
  ["a passed test without checks", [bare], "unknown", "made no check"],
  ["a passed test with zero checks", [{ ...claim, checks: [] }], "unknown", "made no check"],
  [
    "a passed test with a check that is not ok",
    [{ ...claim, checks: [good, bad] }],
    "fail",
    "expected a, found b c (vm.json:3:5)",
  ],
  ["a failed test with checks", [{ ...red, checks: [bad] }], "fail", "expected a, found b c (vm.json:3:5)"],
  ["a failed test without checks", [red], "fail", "Error: expected a"],
  ["CannotTell", [unreachable], "unknown", "the hypervisor did not answer after 5 s"],
  ["CannotTell after the word Error", [{ ...red, messages: ["Error: CannotTell: gone"] }], "unknown", "gone"],
  [
    "CannotTell in the second of two errors",
    [{ ...red, messages: ["x", "CannotTell: gone"] }],
    "unknown",
    "gone",
  ],
  [
    "CannotTell named in the middle of a claim",
    [{ ...red, messages: ["found CannotTell: x"] }],
    "fail",
    "found CannotTell: x",
  ],
  [
    "a false check outweighs CannotTell",
    [{ ...unreachable, checks: [bad] }],
    "fail",
    "expected a, found b c (vm.json:3:5)",
  ],
  [
    "a mistake in the suite",
    [{ ...red, messages: ["TypeError: x is undefined"] }],
    "unknown",
    "a bug in the suite: TypeError: x is undefined",
  ],
  [
    "a time limit",
    [{ ...bare, status: "timedOut", messages: ["Test timeout of 9 ms"] }],
    "unknown",
    "timed out: Test timeout of 9 ms",
  ],
  [
    "skipped, with its reason",
    [{ ...bare, status: "skipped", messages: ["no KVM"] }],
    "unknown",
    "skipped: no KVM",
  ],
  ["interrupted", [{ ...bare, status: "interrupted" }], "unknown", "interrupted"],
  [
    "did not run",
    [{ ...bare, status: "absent", messages: ["set-up broke"] }],
    "unknown",
    "did not run: set-up broke",
  ],
  ["red as expected", [{ ...red, expectedRed: true }], "pending", "not built yet, red as expected"],
  [
    "red as expected, with checks",
    [{ ...red, expectedRed: true, checks: [bad] }],
    "pending",
    "not built yet, red as expected",
  ],
  [
    "green though expected red",
    [{ ...claim, expectedRed: true }],
    "unknown",
    "marked as not built yet, but it passes: remove the mark",
  ],
  [
    "expected to fail, but unknown",
    [{ ...unreachable, expectedRed: true }],
    "unknown",
    "the hypervisor did not answer after 5 s",
  ],
  [
    "a check that is not imitated, beside one that holds",
    [{ ...claim, checks: [good, deep, apart] }],
    "pass",
    "1 check not imitated here; mounted (vm.json:3:5)",
  ],
  [
    "a check that is not imitated, beside one that fails",
    [{ ...red, checks: [bad, apart] }],
    "fail",
    "expected a, found b c (vm.json:3:5)",
  ],
  [
    "a level with checks that are not imitated alone",
    [{ ...claim, checks: [good, apart] }],
    "unknown",
    "not imitated here (live): no NFS client",
  ],
  [
    "the same, as its spec says it",
    [{ ...red, messages: ["CannotTell: not imitated here (live): no NFS client"], checks: [good, apart] }],
    "unknown",
    "not imitated here (live): no NFS client",
  ],
  ["the worst of two tests wins", [claim, unreachable, red], "fail", "Error: expected a"],
  [
    "two of the worst are both reported",
    [red, { ...red, messages: ["Error: other"] }],
    "fail",
    "Error: expected a; Error: other",
  ],
  [
    "a failed control spoils a pass",
    [claim, { ...control, status: "failed", messages: ["resolved"] }],
    "unknown",
    "a control failed: STO-001 is refuted by a typo",
  ],
  [
    "a failed control does not soften a fail",
    [red, { ...control, status: "failed" }],
    "fail",
    "Error: expected a",
  ],
  [
    "an unknown control changes nothing",
    [claim, { ...control, status: "failed", messages: ["CannotTell: x"] }],
    "pass",
    "mounted (vm.json:3:5)",
  ],
];

for (const [title, outcomes, verdict, seen] of cases) {
  test(`verdict: ${title} → ${verdict}`, () => {
    expect(judgeRun([entry], outcomes)).toMatchObject([{ id: "STO-001", verdict, seen }]);
  });
}

test("a requirement that has a spec, and was not selected, is not judged, in these words", () => {
  const rows = judgeRun([entry, { ...entry, id: "STO-002" }], [], ["STO-002"]);
  expect(rows.map(({ verdict, reason }) => [verdict, reason])).toEqual([
    ["pending", "no spec yet"],
    ["not judged", "not selected: this run was asked for other requirements"],
  ]);
});

test("a row counts its controls and its time", () => {
  const [row] = judgeRun(
    [entry],
    [
      claim,
      { ...control, modes: ["F09"] },
      { ...control, title: "STO-001 is refuted by air", status: "failed" },
    ],
  );
  expect(row?.controls).toEqual({
    passed: 1,
    failed: 1,
    names: ["STO-001 is refuted by a typo", "STO-001 is refuted by air"],
    shown: [
      { title: "STO-001 is refuted by a typo", red: true, modes: ["F09"] },
      { title: "STO-001 is refuted by air", red: false, modes: [] },
    ],
  });
  expect(row?.ms).toBe(18);
});

test("rows are in the order of the register, one per requirement, and a pass has no reason", () => {
  const second = { ...entry, id: "GWY-001" };
  const rows = judgeRun([second, entry], [claim]);
  expect(rows.map(({ id, verdict, reason }) => [id, verdict, reason])).toEqual([
    ["GWY-001", "pending", "no spec yet"],
    ["STO-001", "pass", ""],
  ]);
});

test("a test of an unknown requirement is an error, not a lost row", () => {
  expect(() => judgeRun([entry], [{ ...claim, id: "STO-009", title: "STO-009 x" }])).toThrow(
    '"STO-009 x" is tagged STO-009, which the register does not have',
  );
});

test("rows that do not match the register are an error", () => {
  expect(() => assertComplete([entry], [])).toThrow("No row for STO-001");
  expect(() => assertComplete([entry], [entry, entry])).toThrow("2 rows for 1 requirements");
  expect(() => judgeRun([entry, entry], [claim])).toThrow("2 rows for 2 requirements");
  expect(() => assertComplete([entry], [entry])).not.toThrow();
});
