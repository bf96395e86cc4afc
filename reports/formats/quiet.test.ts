// The pages of --quiet: whatever is wrong stands on them, and nothing that is well.
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { type Verdict, verdicts } from "../../fixtures/judgement.ts";
import type { Finding, Report } from "../report/report.ts";
import { sampleRun as acceptRun } from "../run/sample-accept.ts";
import { sampleRun, sampleTarget } from "../run/sample-run.ts";
import { page } from "./page.ts";
import { terminal } from "./terminal.ts";

const quiet = { width: 100, colour: false, quiet: true };

test("a run on one target: each requirement that fails or is unknown, and no other", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...verdicts), { minLength: 1, maxLength: 12 }), (all) => {
      const run = acceptRun(all);
      const text = terminal(run, quiet);
      const [target] = run.targets;
      if (!target || !("requirements" in target)) throw new Error("no result");
      const isWrong = (verdict: Verdict) => verdict === "fail" || verdict === "unknown";
      // The sample's waivers expire soon, which is said.
      for (const { id, verdict } of target.requirements)
        expect(text.includes(id), `${id} ${verdict}\n${text}`).toBe(isWrong(verdict) || verdict === "waived");
      expect(text.split("\n")[0]).toMatch(/^after \(stand-in\): \d+ pass/);
    }),
  );
});

test("a waiver in force is no trouble; one that expired is", () => {
  const run = acceptRun(["pass", "waived"]);
  const withState = (state: "in force" | "expired") => {
    const [target] = run.targets as never as [{ waivers: object[] }];
    const waivers = target.waivers.map((one) => ({ ...one, state, soon: false }));
    return terminal({ ...run, targets: [{ ...target, waivers } as never] }, quiet);
  };
  expect(withState("in force")).not.toContain("Waivers:");
  expect(withState("expired")).toContain("expired on 2026-03-20: the failure counts");
});

test("a run on several targets: how many pass, and a line for each other one", () => {
  const lines = terminal(sampleRun(), quiet).trimEnd().split("\n");
  expect(lines[0]).toBe("1 of 3 targets pass");
  expect(lines.slice(2).map((line) => line.split(" ")[0])).toEqual(["prod", "gone"]);
  const green = (target: string) => sampleTarget(target, { exitCode: 0, verdict: "pass", requirements: [] });
  expect(terminal(sampleRun({ targets: [green("a"), green("b")] }), quiet)).toBe("2 of 2 targets pass\n");
});

test("a host that breaks the contract is trouble; one that keeps it is none", () => {
  const contract = { agree: 30, notAsked: 2, open: [] };
  const open = [
    { id: "qm.start", what: "w", by: "b", verdict: "differs" as const, differences: [], why: "x" },
  ];
  const shown = (hostContract: object) =>
    terminal(sampleRun({ targets: [sampleTarget("prod", { hostContract: hostContract as never })] }), quiet);
  expect(shown(contract)).not.toContain("Contract");
  expect(shown({ ...contract, open })).toContain("qm.start");
  expect(shown({ ...contract, agree: 0, unasked: "no rights" })).toContain("not asked: no rights");
});

test("the gate: what is newly broken or unknown; not what is fixed, left or waived", () => {
  const finding = (rule: string, change: Finding["change"], more: Partial<Finding> = {}): Finding => ({
    ...{ rule, change, severity: "must", expected: "a", found: "b", file: "x.json", line: 1 },
    ...more,
  });
  const report: Report = {
    ...{ format: 1, tree: "tree", base: "main", mode: "static", ms: 5, verdict: "fail" },
    unknown: [{ rule: "nginx", reason: "not installed" }],
    findings: [
      ...[finding("STO-001", "new"), finding("STO-002", "fixed"), finding("STO-003", "left")],
      finding("STO-004", "new", { waived: "OPS-17" }),
    ],
    rows: [],
  };
  const text = page(report, quiet);
  expect([...text.matchAll(/STO-\d+|nginx/g)].map(String)).toEqual(["STO-001", "nginx"]);
});
