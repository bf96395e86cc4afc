// The exact text of the summary page.
import { expect, test } from "@playwright/test";
import type { Check } from "../fixtures/judgement.ts";
import { type SummaryStyle, summary, truncate } from "./summary.ts";
import type { Row } from "./verdict.ts";
import type { Verdicts } from "./verdicts.ts";

const row = (id: string, changes: Partial<Row>): Row => ({
  ...{
    id,
    revision: 1,
    levels: [],
    kind: "L",
    plan: "1.1",
    severity: "must",
    statement: `statement of ${id}`,
    remedies: [],
    verdict: "pass",
  },
  ...{
    seen: "",
    reason: "",
    checks: [],
    controls: { passed: 1, failed: 0, names: [], shown: [] },
    ms: 3,
    ...changes,
  },
});
const wrong: Check = {
  ...{ level: "declared", ok: false, expected: "10.0.0.101:9443", found: "10.0.0.13:9443\n- server" },
  ...{ where: "vllm_gateway:12:5", next: "phoenix plan --only 1.2" },
};
const before: Verdicts = {
  ...{ version: 1, phase: "before", target: "stand-in", startedAt: "2026-01-01T00:00:00.000Z", ms: 2140 },
  ...{ status: "failed", bugs: [] },
  rows: [
    row("STO-001", { verdict: "fail", seen: "expected /quickOS/vm-persistent-data/1001, found /old" }),
    row("STO-002", { kind: "R", verdict: "unknown", seen: "no answer", reason: "no answer" }),
    row("GWY-001", { plan: "1.2", verdict: "fail", seen: "wrong" }),
    row("GWY-002", { plan: "1.2", kind: "R", verdict: "pending", seen: "no spec yet" }),
    row("OPS-001", { plan: "1", kind: "R", severity: "should", verdict: "fail", seen: "wrong" }),
  ],
};
const after: Verdicts = {
  ...before,
  ...{ phase: "after", ms: 3960 },
  rows: [
    row("STO-001", {
      seen: "/quickOS/vm-persistent-data/1001 mounted at /persistent-storage, which is a long story",
    }),
    row("STO-002", { kind: "R", verdict: "unknown", seen: "no answer", reason: "no answer" }),
    row("GWY-001", { plan: "1.2", verdict: "fail", seen: "expected x", checks: [wrong], reason: "wrong" }),
    row("GWY-002", { plan: "1.2", kind: "R", verdict: "pending", seen: "no spec yet" }),
    row("OPS-001", {
      ...{ plan: "1", kind: "R", severity: "should", verdict: "fail", seen: "two" },
      ...{ reason: "two changes", remedies: ["P3 heredoc"], checks: [{ ...wrong, found: "b" }] },
    }),
  ],
};
const plain: SummaryStyle = { width: 72, colour: false, report: "reports/out/r1/report/index.html" };

test("two phases: the exact page", () => {
  expect(summary([before, after], plain)).toBe(GOLDEN);
});

test("a literal run lists what the plan's text leaves red, and gives advice only for these rows", () => {
  const page = summary([after], { ...plain, literal: true });
  expect(page).toContain(`Left red by the plan's text alone:
  GWY-001 statement of GWY-001: no remedy known
  OPS-001 statement of OPS-001: needs (P3 heredoc)
`);
  expect(page.match(/Next:/g)).toHaveLength(1);
  const green = { ...after, rows: after.rows.slice(0, 1) };
  expect(summary([green], { ...plain, literal: true })).toContain(
    "The plan's text alone leaves nothing red.\n",
  );
});

test("one cause, many reds: the row nearest to the cause is named first, with those that follow from it", () => {
  const follows = { declared: ["GWY-001"] };
  const cause = row("GWY-001", { verdict: "fail", checks: [wrong] });
  const follower = row("ACC-001", {
    verdict: "fail",
    follows,
    checks: [{ ...wrong, found: "502", next: "curl" }],
  });
  const page = summary(
    [
      {
        ...after,
        rows: [follower, row("DAT-001", { levels: ["declared"], verdict: "unknown", follows }), cause],
      },
    ],
    plain,
  );
  expect(page).toContain(
    "Begin with GWY-001 (statement of GWY-001): from it probably follow ACC-001, DAT-001\n",
  );
  const places = ["fail GWY-001", "fail ACC-001", "unknown DAT-001"].map((words) => page.indexOf(words));
  expect(places).toEqual(places.toSorted((one, two) => one - two));
  expect(page.match(/Probably follows from GWY-001: mend that first/g)).toHaveLength(2);
  expect(page.match(/Next:/g)).toHaveLength(1);
  expect(page).not.toContain("curl");
});

test("quiet: the counts, and what is wrong with its advice; not what passes, is open, or was before", () => {
  const page = summary([before, after], { ...plain, quiet: true });
  expect(page).toBe(GOLDEN_QUIET);
  const green = { ...after, rows: after.rows.slice(0, 1) };
  expect(summary([green], { ...plain, quiet: true })).toBe(
    "after (stand-in): 1 pass, 0 fail of 1 in 4.0 s\n",
  );
});

test("the same advice is printed once", () => {
  const twice = { ...after, rows: [row("GWY-001", { verdict: "fail", checks: [wrong, wrong] })] };
  expect(summary([twice], plain).match(/phoenix plan --only 1\.2/g)).toHaveLength(1);
});

test("colours add only escape sequences", () => {
  const page = summary([before, after], { ...plain, colour: true });
  expect(page).toContain("\u001b[31m✗ fail   \u001b[39m");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes are the subject
  expect(page.replaceAll(/\u001b\[\d+m/g, "")).toBe(summary([before, after], plain));
});

for (const width of [20, 40, 72, 200]) {
  test(`no line of the table is longer than ${width} columns, or than its verdicts`, () => {
    const [table = ""] = summary([before, after], { ...plain, width }).split("\nbefore (");
    for (const line of table.split("\n")) expect([...line].length).toBeLessThanOrEqual(Math.max(width, 40));
  });
}

test("an interrupted run and a bug in the suite are reported", () => {
  const cut: Verdicts = { ...after, status: "interrupted", bugs: ["TypeError: x\n  at y"] };
  expect(summary([cut], plain)).toContain("in 4.0 s, interrupted\n");
  expect(summary([cut], plain)).toContain("This is a bug in the suite: TypeError: x\n");
});

test("what the target cannot imitate is counted, and named with its reason", () => {
  const apart: Check = {
    ...{ level: "live", ok: false, expected: "type nfs or nfs4", found: "fuse.nfs4", where: "VM 1001" },
    notImitated: "no NFS client",
  };
  const rows = [
    row("STO-003", { seen: "1 check not imitated here; mounted", checks: [apart] }),
    row("STO-004", { verdict: "unknown", reason: "no answer", checks: [apart, apart] }),
    row("STO-005", {}),
  ];
  const page = summary([{ ...after, rows }], plain);
  expect(page).toContain(
    "2 pass (1 of them with a check that this target cannot imitate), 1 unknown, 0 fail of 3",
  );
  expect(page).toContain(`
Not imitated here:
    STO-003 live: type nfs or nfs4, found fuse.nfs4 (VM 1001): no NFS client
    STO-004 live: type nfs or nfs4, found fuse.nfs4 (VM 1001): no NFS client
`);
  expect(page).toContain("✓ pass     1 check not imitated here; mounted");
  expect(summary([after], plain)).not.toContain("imitate");
});

test("no phase, or phases with different rows: an error", () => {
  expect(() => summary([], plain)).toThrow("No phase to summarise");
  expect(() => summary([{ ...before, rows: before.rows.slice(1) }, after], plain)).toThrow(
    "have different rows",
  );
});

test("truncation cuts between code points and joins lines", () => {
  expect(truncate("a\nb\tc", 9)).toBe("a b c");
  expect(truncate("😀😀😀", 2)).toBe("😀…");
  expect(truncate("abc", 0)).toBe("");
});

const GOLDEN = `Id          Plan  before     after      Seen
STO-001  L  1.1   ✗ fail     ✓ pass     /quickOS/vm-persistent-data/100…
STO-002  R  1.1   ? unknown  ? unknown  no answer

GWY-001  L  1.2   ✗ fail     ✗ fail     expected x
GWY-002  R  1.2   · pending  · pending  no spec yet

OPS-001  R  1     ✗ fail     ✗ fail     two

before (stand-in): 0 pass, 1 pending, 1 unknown, 3 fail of 5 in 2.1 s
after (stand-in): 1 pass, 1 pending, 1 unknown, 2 fail of 5 in 4.0 s

✗ fail GWY-001 statement of GWY-001
    declared: vllm_gateway:12:5
        expected 10.0.0.101:9443
        found    10.0.0.13:9443
                 - server
    Next:
        phoenix plan --only 1.2
✗ fail OPS-001 statement of OPS-001
    declared: vllm_gateway:12:5
        expected 10.0.0.101:9443
        found    b
? unknown STO-002 statement of STO-002
    no answer
· pending: GWY-002

Report: reports/out/r1/report/index.html
`;

const GOLDEN_QUIET = `after (stand-in): 1 pass, 1 pending, 1 unknown, 2 fail of 5 in 4.0 s

✗ fail GWY-001 statement of GWY-001
    declared: vllm_gateway:12:5
        expected 10.0.0.101:9443
        found    10.0.0.13:9443
                 - server
    Next:
        phoenix plan --only 1.2
✗ fail OPS-001 statement of OPS-001
    declared: vllm_gateway:12:5
        expected 10.0.0.101:9443
        found    b
? unknown STO-002 statement of STO-002
    no answer
`;
