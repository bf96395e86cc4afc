// Two runs compared: each kind of change, what is not comparable, and drift under a verdict that did not move.
import { expect, test } from "@playwright/test";
import { compareRuns, comparisonPage, exitOfComparison } from "./compare.ts";
import type { Run, RunRequirement, RunTarget } from "./run.ts";
import { sampleRequirement, sampleRun, sampleTarget, sampleTrouble } from "./sample-run.ts";

const run = (requirements: readonly RunRequirement[], more: Partial<RunTarget> = {}): Run =>
  sampleRun({ targets: [sampleTarget("prod", { requirements, ...more })] });
const row = (verdict: RunRequirement["verdict"], more = {}) =>
  sampleRequirement("STO-001", { verdict, ...more });
const exit = (before: Run, now: Run) => exitOfComparison(compareRuns(before, now));

for (const [before, now, change, code] of [
  ["pass", "fail", "newly failing", 1],
  ["not judged", "fail", "newly failing", 1],
  ["waived", "fail", "newly failing", 1],
  ["pass", "unknown", "newly unknown", 2],
  ["fail", "unknown", "newly unknown", 2],
  ["pass", "not judged", "not judged any more", 2],
  ["fail", "pass", "fixed", 0],
  ["unknown", "pass", "fixed", 0],
  ["waived", "pass", "fixed", 0],
  ["not judged", "pass", "other", 0],
  ["fail", "waived", "other", 0],
] as const)
  test(`${before}, then ${now}: ${change}, exit code ${code}`, () => {
    const [one, other] = [run([row(before)]), run([row(now)])];
    const { moved, drift } = compareRuns(one, other);
    expect([moved.map((each) => each.change), drift]).toEqual([[change], []]);
    expect(exit(one, other)).toBe(code);
    expect(comparisonPage(compareRuns(one, other))).toContain(`prod STO-001: ${before}, now ${now}`);
  });

test("the same run twice: nothing moved, exit code 0", () => {
  const same = run([row("pass"), sampleRequirement("STO-002", { verdict: "fail" })]);
  expect(compareRuns(same, same)).toEqual({ moved: [], drift: [], incomparable: [], compared: 2 });
  expect(exit(same, same)).toBe(0);
});

test("the names that a trial makes up for each run, and times, are no drift", () => {
  const check = {
    level: "live",
    ok: true,
    expected: "the file",
    where: "/data/.acceptance-0a1b2c3d/file",
  } as const;
  const made = (name: string, time: string) =>
    run([
      row("pass", {
        checks: [{ ...check, where: `/data/.acceptance-${name}/file`, found: `since ${time}` }],
      }),
    ]);
  const [one, other] = [
    made("0a1b2c3d", "2026-03-01T01:02:03.5Z"),
    made("4e5f6a7b", "2026-03-02T02:03:04.9Z"),
  ];
  expect(compareRuns(one, other).drift).toEqual([]);
  expect(compareRuns(one, made("4e5f6a7b", "yesterday")).drift).toHaveLength(1);
});

test("other evidence under the same verdict is drift, and no failure", () => {
  const check = { level: "live", ok: true, expected: "a mount", where: "/proc/self/mountinfo" } as const;
  const found = (...texts: string[]) =>
    run([row("pass", { checks: texts.map((text) => ({ ...check, found: text })) })]);
  const { drift } = compareRuns(found("nfs", "ext4"), found("nfs4", "ext4"));
  expect(drift).toEqual([
    { target: "prod", id: "STO-001", where: check.where, before: "nfs; ext4", now: "nfs4; ext4" },
  ]);
  expect(compareRuns(found("nfs"), found()).drift).toMatchObject([{ before: "nfs", now: "not checked" }]);
  expect(exit(found("nfs"), found("nfs4"))).toBe(0);
  expect(comparisonPage(compareRuns(found("nfs"), found("nfs4")))).toContain(
    "Same verdict, other evidence (1)",
  );
});

for (const [what, now, why] of [
  ["another revision", run([row("pass", { revision: 3 })]), "its statement changed: revision 2, now 3"],
  [
    "another deployment",
    run([row("pass")], { deployment: `sha256:${"1".repeat(64)}` }),
    "judged for another deployment",
  ],
  [
    "a stand-in in place of a host",
    run([row("pass")], { kind: "stand-in" }),
    "it was a host, and is a stand-in",
  ],
  [
    "a target without a result",
    sampleRun({ targets: [{ ...sampleTrouble, target: "prod" }] }),
    "no result in the second run",
  ],
  ["another target", sampleRun({ targets: [sampleTarget("lab")] }), "it is not in the second run"],
  ["a requirement that is gone", run([sampleRequirement("STO-002")]), "it is only in the first run"],
] as const)
  test(`${what} is not comparable, and never a pass`, () => {
    const comparison = compareRuns(run([row("pass")]), now);
    expect(comparison.moved).toEqual([]);
    expect(comparison.incomparable.map((one) => one.why)).toContainEqual(expect.stringContaining(why));
    expect(exitOfComparison(comparison)).toBe(2);
  });

test("trees are named as they were typed: the only one of each run is compared", () => {
  const tree = (name: string) =>
    sampleRun({ targets: [sampleTarget(name, { kind: "tree", requirements: [row("pass")] })] });
  expect(compareRuns(tree("t@one"), tree("t@two"))).toMatchObject({ compared: 1, incomparable: [] });
});
