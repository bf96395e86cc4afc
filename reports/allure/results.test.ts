// What Allure gets of a run: one result for each requirement, the verdict that counts, and everything else as evidence.
import { expect, test } from "@playwright/test";
import type { TestResult } from "allure-js-commons";
import type { Verdict } from "../../fixtures/judgement.ts";
import { sampleRun, sampleTarget } from "../run/sample-accept.ts";
import { blameFor } from "./blame.ts";
import { environmentOf } from "./environment.ts";
import { headline } from "./headline.ts";
import { historyFile } from "./history.ts";
import { allureResults } from "./results.ts";
import { transcriptsOf } from "./transcripts.ts";

function resultsOf(verdicts: readonly Verdict[]): TestResult[] {
  const run = sampleRun(verdicts);
  const [target] = run.targets;
  if (!target || !("requirements" in target)) throw new Error("the sample has a target");
  const files = [...allureResults(run, target)];
  return files
    .filter(([name]) => name.endsWith("-result.json"))
    .map(([, body]) => JSON.parse(String(body)) as TestResult)
    .toSorted((one, two) => ((one.name ?? "") < (two.name ?? "") ? -1 : 1));
}

test("what failed before the plan is a step, and no result: all pass after it means all pass", () => {
  const results = resultsOf(["pass", "pass"]);
  expect(results.map(({ status }) => status)).toEqual(["passed", "passed"]);
  const [before] = results[0]?.steps.filter(({ name }) => name?.startsWith("Before the plan")) ?? [];
  expect(before?.name).toBe("Before the plan it did not hold: this check can be red");
  expect(before?.status).toBe("skipped");
  expect(before?.steps[0]?.parameters).toContainEqual({ name: "found", value: "two" });
});

test("only a pass is a success: what is unknown, open or waived lowers the percentage", () => {
  const results = resultsOf(["pass", "fail", "unknown", "not judged", "pending", "waived"]);
  expect(results.map(({ status }) => status)).toEqual([
    ...["passed", "failed", "broken", "broken", "broken", "failed"],
  ]);
});

test("a result has its full statement, its place in the plan, and who has to act", () => {
  const [failing] = resultsOf(["fail"]);
  expect(failing?.name).toBe("STO-001 the volume of STO-001 is mounted once");
  const labels = Object.fromEntries(failing?.labels.map(({ name, value }) => [name, value]) ?? []);
  expect(labels).toMatchObject({
    ...{ epic: "Phase 1: configuration", feature: "Task 1.1: the NFS volume of the docker host" },
    ...{ severity: "critical", kind: "remedy", target: "stand-in", responsible: "host", verdict: "fail" },
  });
  expect(failing?.statusDetails.message).toBe(
    [
      "In the running system",
      "  expected  one mount of /srv/data",
      "  found     two",
      "  where     qm guest exec 1001 -- findmnt (exit code 0)",
      "  next      umount /srv/old",
    ].join("\n"),
  );
  const [step] = failing?.steps ?? [];
  expect(step?.name).toBe("After the plan, 0 of 1 check holds");
  expect(step?.steps[0]?.parameters).toEqual([
    { name: "expected", value: "one mount of /srv/data" },
    { name: "found", value: "two" },
    { name: "where", value: "qm guest exec 1001 -- findmnt" },
    { name: "exit code", value: "0" },
    { name: "next", value: "umount /srv/old" },
  ]);
  const seen = failing?.steps.find(({ name }) => name === "The same check was seen red on 1 known-bad state");
  expect(seen?.steps.map(({ name }) => name)).toEqual([
    "Seen red in this run: STO-001 is refuted by a second mount (F10)",
  ]);
});

test("a waived failure says who accepts it until when, and is shown whole", () => {
  const [waived] = resultsOf(["waived"]);
  expect(waived?.statusDetails.message?.split("\n").slice(0, 2)).toEqual([
    "Waived until 2026-03-20, accepted by J. Doe",
    "  reason    the old mount goes with the next reboot",
  ]);
  expect(waived?.statusDetails.message).toContain("  found     two");
  expect(waived?.steps[0]?.status).toBe("failed");
});

test("the same document gives the same files", () => {
  const run = sampleRun(["pass", "fail"]);
  const files = () => JSON.stringify([...allureResults(run, sampleTarget(["pass", "fail"]))]);
  expect(files()).toBe(files());
});

test("no two targets share a history, nor do two revisions", () => {
  const one = sampleTarget(["pass"]);
  const others = [
    sampleTarget(["pass"], "other"),
    { ...one, deployment: `sha256:${"0".repeat(64)}` },
    { ...one, tree: { name: "../elsewhere" } },
    { ...one, kind: "host" as const },
    sampleTarget(["pass"], "stand/in"),
    sampleTarget(["pass"], "stand_in"),
  ];
  const all = [one, ...others];
  expect(new Set(all.map((each) => historyFile("/h", each))).size).toBe(all.length);
  for (const file of all.map((each) => historyFile("/h", each))) expect(file).toMatch(/^\/h\/[\w-]+\.jsonl$/);
  const ids = all.flatMap((each) => resultIds(allureResults(sampleRun([]), each)));
  expect(new Set(ids).size).toBe(all.length);
  const [requirement] = one.requirements;
  const revised = { ...one, requirements: requirement ? [{ ...requirement, revision: 2 }] : [] };
  expect(resultIds(allureResults(sampleRun([]), revised))).not.toEqual(ids.slice(0, 1));
});

const resultIds = (files: ReadonlyMap<string, string | Buffer>) =>
  [...files]
    .filter(([name]) => name.endsWith("-result.json"))
    .map(([, body]) => (JSON.parse(String(body)) as TestResult).historyId);

test("who has to act follows from the verdict, the levels and the reason", () => {
  const check = { level: "live", ok: false, expected: "a", found: "b", where: "c" } as const;
  const of = (
    verdict: Verdict,
    reason = "",
    checks: readonly (typeof check | { level: "declared" })[] = [],
  ) => blameFor({ verdict, reason, checks: checks.map((one) => ({ ...check, ...one })) });
  expect(of("pass")).toBeUndefined();
  expect(of("fail", "", [check])).toBe("host");
  expect(of("fail", "", [check, { level: "declared" }])).toBe("tree");
  expect(of("unknown", "ENOSPC: no space left on device, write")).toBe("machine");
  expect(of("unknown", "browserType.launch: Executable doesn't exist")).toBe("machine");
  expect(of("unknown", "a control failed: STO-001 is refuted by x")).toBe("suite");
  expect(of("unknown", "a bug in the suite: TypeError: x")).toBe("suite");
  expect(of("unknown", "made no check")).toBe("suite");
  expect(of("pending", "no spec yet")).toBe("suite");
  expect(of("unknown", "VM 1001 did not answer")).toBe("unknown");
  expect(of("not judged", "needs restart")).toBe("not judged");
  expect(of("waived", "until tomorrow")).toBe("waived");
});

test("the headline is the verdict after the plan, with all other verdicts counted", () => {
  expect(headline(sampleTarget(["pass", "pass"]))).toBe("PASS: 2 of 2 requirements hold on stand-in");
  expect(headline(sampleTarget(["pass", "fail", "unknown", "not judged", "waived"]))).toBe(
    "FAIL: 1 of 5 requirements hold on stand-in, 1 fail, 1 unknown, 1 not judged, 1 waived",
  );
});

test("a name or a value can add no line and no other name to the environment", () => {
  const run = sampleRun(["pass"]);
  const target = { ...sampleTarget(["pass"]), tree: { name: "a\nSuite=forged\\" } };
  const lines = environmentOf(run, target).trim().split("\n");
  expect(lines.filter((line) => line.startsWith("Suite="))).toHaveLength(1);
  expect(lines).toContain("Tree=a\\u000aSuite\\=forged\\\\");
});

test("a transcript leaves out our fixtures and the checks, and keeps what the test did and attached", () => {
  const step = (name: string, steps: object[] = [], attachments: object[] = []) => ({
    name,
    steps,
    attachments,
  });
  const picture = { name: "the page at the end", source: "a-attachment.png", type: "image/png" };
  const result = {
    labels: ["ACC-001", "requirement"].map((value) => ({ name: "tag", value })),
    attachments: [],
    steps: [
      step("Before Hooks", [step('Fixture "target"'), step("Launch browser")]),
      step("Navigate"),
      step("signed in", [step('Fill "admin"')]),
      step("checks", [], [{ name: "checks", source: "b-attachment.json" }]),
      step("After Hooks", [step('Fixture "visitor"', [], [picture])]),
    ],
  } as unknown as TestResult;
  const control = {
    ...result,
    labels: [
      { name: "tag", value: "ACC-001" },
      { name: "tag", value: "control" },
    ],
  };
  const { byRequirement, attached } = transcriptsOf([result, control]);
  const names = (
    steps: readonly { readonly name?: string; readonly steps: readonly object[] }[],
  ): unknown[] =>
    steps.map(({ name, steps: inner }) =>
      inner.length > 0 ? [name, ...names(inner as typeof steps)] : name,
    );
  expect(names(byRequirement.get("ACC-001")?.steps ?? [])).toEqual([
    "The browser opens a page",
    ["signed in", 'The browser types "admin"'],
    "At the end of the test",
  ]);
  expect(attached).toEqual(["a-attachment.png"]);
});
