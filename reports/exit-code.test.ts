// The exit code of a run: without a judged requirement it is never 0.
import { expect, test } from "@playwright/test";
import type { Verdict } from "../fixtures/judgement.ts";
import { exitCodeOf } from "./exit-code.ts";
import type { Verdicts } from "./verdicts.ts";

const phase = (verdicts: readonly Verdict[], more: Partial<Verdicts> = {}) =>
  ({ rows: verdicts.map((verdict) => ({ verdict })), bugs: [], status: "passed", ...more }) as never;

for (const [what, phases, code] of [
  ["everything passes", [phase(["pass", "waived"])], 0],
  ["a row without a spec beside one that passes", [phase(["pending", "pass"])], 0],
  ["one fails", [phase(["pass", "fail", "unknown"])], 1],
  ["one is unknown", [phase(["pass", "unknown"])], 2],
  ["red before the plan, green after it", [phase(["fail"]), phase(["pass"])], 0],
  ["nothing was judged", [phase(["pending", "pending"])], 2],
  ["there are no rows", [phase([])], 2],
  ["there is no phase", [], 70],
  ["the specs did not load", [phase(["pending"], { bugs: ["BadInput: x"] })], 70],
  ["the specs did not load before the plan", [phase(["fail"], { bugs: ["x"] }), phase(["pass"])], 70],
  ["the run was interrupted", [phase(["pass"], { status: "interrupted" })], 2],
  ["one is not judged, and nothing says that it may stay so", [phase(["pass", "not judged"])], 2],
] as const) {
  test(`${what}: ${code}`, () => expect(exitCodeOf([...phases])).toBe(code));
}

test("a row that is not judged counts as could not tell only where it was required; nothing judged is never 0", () => {
  const rows = [
    { id: "STO-001", verdict: "pass" },
    { id: "STO-004", verdict: "not judged" },
  ];
  const left = [{ rows, bugs: [], status: "passed" } as never];
  expect(exitCodeOf(left, () => true)).toBe(0);
  expect(exitCodeOf(left, (id) => id !== "STO-004")).toBe(2);
  expect(exitCodeOf([{ rows: rows.slice(1), bugs: [], status: "passed" } as never], () => true)).toBe(2);
});
