// The gate's reports: new and left findings, and text of a tree that must not break out of a report.

import { expect, test } from "@playwright/test";
import { compared, type Judged, reportOf } from "../report/compare.ts";
import { afterStop, alsoOverBase, fromVerdicts, together } from "../report/from-run.ts";
import type { Finding, Report } from "../report/report.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { page } from "./page.ts";
import { sarif } from "./sarif.ts";
import { sarifErrors } from "./sarif-schema.ts";

const hostile = `"><script>alert(1)</script> | \`tick\` ]]> \u0000\u001b[31m\u0008 \ud800 @all\n# heading`;
const wrong = (more: Partial<Finding> = {}) => ({
  rule: "STO-001",
  severity: "must" as const,
  expected: "a",
  found: "b",
  file: "usr/x.json",
  line: 3,
  ...more,
});
const judged = (more: Partial<Judged> = {}): Judged => ({
  rows: [{ id: "STO-001", title: "a path", verdict: "pass", levels: ["declared"] }],
  wrong: [],
  unknown: [],
  ...more,
});
const about = { tree: "tree", mode: "static" as const, ms: 1234 };
const report = (findings: readonly Finding[], more: Partial<Report> = {}): Report => ({
  ...{ format: 1, ...about, base: "main", verdict: "fail", unknown: [], findings },
  rows: [
    { id: "STO-001", title: "a path", verdict: "fail", levels: ["declared"] },
    { id: "STO-003", title: "a mount", verdict: "not judged", levels: [] },
  ],
  ...more,
});

test("a finding that only moved is left; a second one of the same kind is new; a missing one is fixed", () => {
  const base = [wrong(), wrong({ rule: "bash", found: "line 7: unexpected end" })];
  const tree = [wrong({ line: 9 }), wrong({ line: 20 })];
  const marked = compared(tree, base).map(({ change, rule, line }) => [change, rule, line]);
  expect(marked).toEqual([
    ["new", "STO-001", 20],
    ["left", "STO-001", 9],
    ["fixed", "bash", 3],
  ]);
  expect(compared(tree, undefined).map(({ change }) => change)).toEqual(["found", "found"]);
});

test("a failed requirement is the same finding, whatever value is found", () => {
  const [before, now] = [wrong({ found: "8001" }), wrong({ found: "7001" })];
  expect(compared([now], [before]).map(({ change }) => change)).toEqual(["left"]);
  const other = (found: string) => wrong({ rule: "schema", found });
  expect(compared([other("/a/3 is no x")], [other("/a/1 is no x")]).map(({ change }) => change)).toEqual([
    "left",
  ]);
  expect(compared([other("/a/3 is no y")], [other("/a/1 is no x")]).map(({ change }) => change)).toEqual([
    "new",
    "fixed",
  ]);
});

test("the identity of a finding: a reordered list is the same one, another guest is another one", () => {
  const of = (found: string) => wrong({ rule: "schema", found });
  const changes = (now: string, before: string) =>
    compared([of(now)], [of(before)]).map(({ change }) => change);
  expect(changes("/vms/3/volumes/0 must have name", "/vms/1/volumes/0 must have name")).toEqual(["left"]);
  expect(changes("/vms/12 must have name", "/vms/1 must have name")).toEqual(["left"]);
  for (const [now, before] of [
    ["/lxc_configs/954/firewall must have rules", "/lxc_configs/101/firewall must have rules"],
    ["/lxc_configs/101 must have name", "/lxc_configs/1001 must have name"],
  ] as const)
    expect(changes(now, before)).toEqual(["new", "fixed"]);
});

test("with a base only a new finding fails; an unknown result never passes", () => {
  const red = judged({ wrong: [wrong()] });
  expect(reportOf({ tree: red }, about).verdict).toBe("fail");
  expect(reportOf({ tree: red, base: red }, about).verdict).toBe("pass");
  expect(reportOf({ tree: red, base: judged() }, about).verdict).toBe("fail");
  const silent = judged({ unknown: [{ rule: "nginx", reason: "not installed" }] });
  expect(reportOf({ tree: silent, base: silent }, about).verdict).toBe("unknown");
  expect(reportOf({ tree: judged() }, about).verdict).toBe("pass");
});

test("a stand-in's verdict and the files' are put together, the worse one counts", () => {
  const checks = [
    {
      level: "live" as const,
      ok: false,
      expected: "a mount",
      found: "none",
      where: "VM 1001: /proc/self/mountinfo",
    },
    {
      level: "behaves" as const,
      ok: false,
      expected: "an answer",
      found: "could not tell",
      where: "evidence",
      unknown: true as const,
    },
  ];
  const said = { severity: "must", statement: "s", levels: ["live"], checks, reason: "r" };
  const row = { id: "STO-001", verdict: "fail", ...said };
  const own = fromVerdicts(
    { rows: [row, { ...row, id: "STO-002", verdict: "unknown", checks: [] }], bugs: [] } as never,
    new Map(),
  );
  expect(own.wrong).toEqual([
    expect.objectContaining({ rule: "STO-001", found: expect.stringContaining("VM 1001") }),
  ]);
  expect(own.unknown).toEqual([{ rule: "STO-002", reason: "r" }]);
  const both = together(judged(), own);
  expect(both.rows).toEqual([
    { id: "STO-001", title: "a path", verdict: "fail", levels: ["declared", "live", "behaves"], checks },
  ]);
});

const rowOf = (id: string, verdict: string, found = "b") => {
  const check = { level: "behaves", ok: verdict === "pass", expected: "a", found, where: "here" };
  return {
    id,
    verdict,
    severity: "must",
    statement: id,
    levels: ["behaves"],
    checks: [check],
    reason: found,
  };
};
const standIn = (...rows: ReturnType<typeof rowOf>[]) => fromVerdicts({ rows, bugs: [] } as never);

test("over its base: what holds on a new host and fails where the base ran is a finding, anything else counts once", () => {
  const own = standIn(rowOf("DEP-002", "pass"), rowOf("DAT-003", "fail"), rowOf("AUT-001", "pass"));
  const over = standIn(
    rowOf("DEP-002", "fail", "instance 2"),
    rowOf("DAT-003", "fail"),
    rowOf("AUT-001", "pass"),
  );
  const both = alsoOverBase(own, over);
  expect(both.rows.map(({ id, verdict }) => [id, verdict])).toEqual([
    ["DEP-002", "fail"],
    ["DAT-003", "fail"],
    ["AUT-001", "pass"],
  ]);
  expect(both.wrong.map(({ rule }) => rule)).toEqual(["DAT-003", "DEP-002"]);
  expect(reportOf({ tree: both, base: own }, about)).toMatchObject({
    verdict: "fail",
    findings: [
      { rule: "DEP-002", change: "new" },
      { rule: "DAT-003", change: "left" },
    ],
  });
  const silent = standIn(rowOf("DEP-002", "unknown", "no answer"));
  expect(alsoOverBase(own, silent).unknown).toEqual([{ rule: "DEP-002", reason: "no answer" }]);
  expect(
    reportOf({ tree: alsoOverBase(standIn(rowOf("DEP-002", "pass")), silent), base: own }, about).verdict,
  ).toBe("unknown");
});

test("remarks are listed in every form and fail nothing, also when there are more of them", () => {
  const remark = wrong({ rule: "shellcheck", severity: "remark", found: "SC2086 quote it" });
  const told = reportOf(
    { tree: judged({ wrong: [remark, remark] }), base: judged({ wrong: [remark] }) },
    about,
  );
  expect([told.verdict, told.findings.map(({ change }) => change)]).toEqual(["pass", ["new", "left"]]);
  expect(reportOf({ tree: judged({ wrong: [remark] }) }, about).verdict).toBe("pass");
  expect(page(told, { width: 200, colour: false })).toMatch(
    /Remarks, which fail nothing \(1\)\n {2}· shellcheck usr\/x.json:3: SC2086 quote it\n[\s\S]*Nothing is wrong/,
  );
  const many = [remark, remark, wrong({ ...remark, found: "SC2317 unreachable" })];
  const listed = page(reportOf({ tree: judged({ wrong: many }) }, about), { width: 200, colour: false });
  expect(listed.match(/ {2}· shellcheck .*/g)).toEqual([
    "  · shellcheck usr/x.json:3 ×2: SC2086 quote it",
    "  · shellcheck usr/x.json:3: SC2317 unreachable",
  ]);
  expect(JSON.stringify(sarif(told))).toContain('"level":"note"');
  expect(markdown(told)).toContain("Remarks, which fail nothing: 1");
  expect(junit(told)).toContain('failures="0"');
});

test("over its base: a plan that can't be applied there is a finding once", () => {
  const cannot: Judged = { rows: [], wrong: [wrong({ rule: "apply" })], unknown: [] };
  expect(alsoOverBase(standIn(rowOf("DEP-002", "pass")), cannot).wrong).toMatchObject([{ rule: "apply" }]);
  expect(alsoOverBase(cannot, cannot).wrong).toHaveLength(1);
});

test("an apply that stopped is the first finding, with its last words; what fails since is told in one line", () => {
  const failing = standIn(rowOf("STO-001", "fail"), rowOf("STO-002", "fail"), rowOf("STO-003", "pass"));
  const words = standIn(
    rowOf("STO-001", "fail"),
    rowOf("ORC-001", "fail", "exit code 100: E: no such package"),
  );
  const withWords = reportOf({ tree: afterStop(words, "create 1001 failed") }, about);
  expect(page(withWords, { width: 200, colour: false })).toMatch(
    /Found \(2\)[\s\S]*create 1001 failed\n {6}probably follow from it: STO-001\n[\s\S]*E: no such package/,
  );
  const said = `phoenix-cli: create 1001: ${"Pulling ".repeat(30)} | no space left on device`;
  const stopped = afterStop(failing, said);
  const told = reportOf({ tree: stopped, base: judged() }, { ...about, base: "main" });
  const text = page(told, { width: 80, colour: false });
  expect(text).toContain("no space left on device");
  expect(text).toContain("Newly broken (1)");
  expect(text).toContain("probably follow from it: STO-001, STO-002");
  expect([told.verdict, told.findings.length]).toEqual(["fail", 3]);
  expect(afterStop(failing, undefined)).toBe(failing);
  // A cause that the base has too does not hide what follows from it newly.
  const inBase = reportOf(
    { tree: stopped, base: judged({ wrong: stopped.wrong.slice(0, 1) }) },
    { ...about, base: "main" },
  );
  expect(page(inBase, { width: 80, colour: false })).toContain("Newly broken (2)");
});

test("what nobody judged is not fixed: not without a stand-in, not at another level, not if it is unknown", () => {
  const level = (verdict: "pass" | "fail" | "unknown" | "not judged", ...levels: string[]) => ({
    rows: [{ id: "STO-001", title: "a path", verdict, levels }],
    unknown: verdict === "unknown" ? [{ rule: "STO-001", reason: "r" }] : [],
  });
  const base = judged({ ...level("fail", "declared", "live"), unknown: [], wrong: [wrong()] });
  const fixed = (tree: Judged) => reportOf({ tree, base }, about).findings.map(({ change }) => change);
  expect(fixed(judged(level("pass", "declared", "live")))).toEqual(["fixed"]);
  expect(fixed(judged(level("pass", "declared")))).toEqual([]);
  expect(fixed(judged(level("unknown", "declared", "live")))).toEqual([]);
  expect(fixed(judged(level("not judged")))).toEqual([]);
  expect(fixed(judged({ rows: [] }))).toEqual([]);
  const ofFiles = judged({ wrong: [wrong({ rule: "bash" })] });
  expect(reportOf({ tree: judged(), base: ofFiles }, about).findings).toMatchObject([{ change: "fixed" }]);
  const silent = judged({ unknown: [{ rule: "bash", reason: "not installed" }] });
  expect(reportOf({ tree: silent, base: ofFiles }, about).findings).toEqual([]);
});

test("a check that the stand-in cannot imitate is no finding and no level that was judged, and it is named", () => {
  const apart = {
    level: "live",
    ok: false,
    expected: "nfs",
    found: "fuse",
    where: "x",
    notImitated: "no client",
  };
  const holds = { level: "delivered", ok: true, expected: "a", found: "a", where: "y" };
  const row = { id: "STO-001", verdict: "pass", statement: "s", reason: "", checks: [holds, apart, apart] };
  const own = fromVerdicts({ rows: [row], bugs: [] } as never, new Map());
  expect(own.wrong).toEqual([]);
  expect(own.rows).toMatchObject([{ levels: ["delivered"], notImitated: ["live: no client"] }]);
  const fail = { ...row, verdict: "fail", checks: [{ ...holds, ok: false, found: "b" }, apart] };
  expect(fromVerdicts({ rows: [fail], bugs: [] } as never, new Map()).wrong).toHaveLength(1);
  const files = { rows: [{ ...own.rows[0], levels: ["declared"] }], wrong: [], unknown: [] } as never;
  expect(together(files, own).rows).toMatchObject([{ notImitated: ["live: no client"] }]);
  const text = page({ ...report([]), rows: [...own.rows] }, { width: 200, colour: false });
  expect(text).toContain("Not imitated on a stand-in: STO-001 (live: no client)");
});

test("the page: places, what to do next, and no control characters from a tree", () => {
  const text = page(
    report([
      { ...wrong({ next: "edit it" }), change: "new" },
      { ...wrong({ found: hostile }), change: "left" },
    ]),
    { width: 100, colour: false },
  );
  expect(text).toContain("✗ STO-001 usr/x.json:3");
  expect(text).toContain("next     edit it");
  expect(text).toContain("Something is newly broken. Findings that were there before: 1.");
  expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  expect(text.split("\n").every((line) => line.length <= 100)).toBe(true);
});

test("JUnit: a case per requirement and check, well-formed with any text of a tree", () => {
  const text = junit(
    report(
      [
        { ...wrong({ found: hostile, rule: "bash" }), change: "new" },
        { ...wrong(), change: "left" },
      ],
      { unknown: [{ rule: "nginx", reason: hostile }] },
    ),
  );
  expect(text).toContain('failures="1" errors="1" skipped="1"');
  expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  expect(text.isWellFormed()).toBe(true);
  expect(
    text.replaceAll(/<\/?(testsuites?|testcase|failure|error|skipped)\b[^<>]*>|<\?xml[^<>]*>/g, ""),
  ).not.toMatch(/[<>]/);
  expect(text.match(/<testcase /g)).toHaveLength(Number(/tests="(\d+)"/.exec(text)?.[1]));
});

test("SARIF: valid, with places, and a fingerprint that does not depend on the line", () => {
  const log = sarif(
    report([
      { ...wrong({ file: "usr/a b#c.json", found: hostile }), change: "new" },
      { ...wrong({ line: 8, column: 2 }), change: "left" },
      { rule: "apply", severity: "must", expected: "x", found: "y", change: "new" },
    ]),
  );
  expect(sarifErrors(log)).toEqual([]);
  const { results, invocations } = (
    log as {
      runs: {
        results: Record<string, unknown>[];
        invocations: { toolExecutionNotifications: unknown[] }[];
      }[];
    }
  ).runs[0] ?? { results: [], invocations: [] };
  expect(JSON.stringify(results[0])).toContain("usr/a%20b%23c.json");
  expect(results.map(({ baselineState }) => baselineState)).toEqual(["new", "unchanged"]);
  expect(invocations[0]?.toolExecutionNotifications).toHaveLength(1);
  const moved = sarif(report([{ ...wrong({ line: 80 }), change: "left" }])) as typeof log & {
    runs: { results: { partialFingerprints: unknown }[] }[];
  };
  expect(moved.runs[0]?.results[0]?.partialFingerprints).toEqual(results[1]?.partialFingerprints);
});

test("SARIF: a fixed finding is no result, and two equal findings are two results", () => {
  const log = sarif(
    report([
      { ...wrong({ line: 3 }), change: "new" },
      { ...wrong({ line: 9 }), change: "new" },
      { ...wrong({ rule: "bash" }), change: "fixed" },
    ]),
  ) as { runs: { results: { ruleId: string; partialFingerprints: object }[] }[] };
  const results = log.runs[0]?.results ?? [];
  expect(results.map(({ ruleId }) => ruleId)).toEqual(["STO-001", "STO-001"]);
  expect(new Set(results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints))).size).toBe(2);
});

test("Markdown: bounded length, and text of a tree is never markup", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => ({
    ...wrong({ found: `${hostile} ${index}` }),
    change: "new" as const,
  }));
  const text = markdown(report(many));
  expect(text.length).toBeLessThanOrEqual(60_000);
  expect(text).toMatch(/\d+ more lines did not fit/);
  expect(text).not.toMatch(/<script|`tick|@all|\]\]>|\n# heading/);
  const rows = text.split("\n").filter((line) => line.startsWith("| <code>"));
  expect(rows.length).toBeGreaterThan(50);
  expect(new Set(rows.map((row) => row.split("|").length))).toEqual(new Set([6]));
});
