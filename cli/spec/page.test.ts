// The page of one spec: every check in words, and the exit code for each verdict.
import { expect, test } from "@playwright/test";
import type { Check } from "../../fixtures/judgement.ts";
import { outcomeOf, page } from "./page.ts";
import type { Ran } from "./run-one.ts";
import type { Selected } from "./select.ts";

const good: Check = { level: "declared", ok: true, expected: "a", found: "a", where: "f:1" };
const bad: Check = { level: "live", ok: false, expected: "a", found: "b\nc", where: "f:2", next: "do it" };
const requirement: Selected = {
  id: "STO-003",
  role: "requirement",
  title: "STO-003 one mount",
  modes: [],
  uses: [],
  trials: [],
  file: "specs/storage/STO-003.spec.ts",
};
const control: Selected = { ...requirement, role: "control", title: "STO-003 is refuted by an old entry" };

function ran(verdict: Ran["row"]["verdict"], test: Partial<Ran["test"]> = {}, bugs: string[] = []): Ran {
  const row = { verdict, reason: verdict === "pass" ? "" : "the reason", statement: "one mount" };
  return {
    row: row as Ran["row"],
    test: {
      project: "act",
      title: "",
      status: "passed",
      ms: 1200,
      checks: [good, bad],
      messages: [],
      ...test,
    },
    bugs,
    at: "2026-01-02T03:04:05Z",
  };
}

test("a failing requirement prints its checks, then what to do next", () => {
  expect(page(requirement, ran("fail"), { where: "on prod", colour: false })).toBe(`✗ fail  STO-003 one mount
    ✓ declared: f:1
        expected a
        found    a
    ✗ live: f:2
        expected a
        found    b
                 c
    Next:
        do it

specs/storage/STO-003.spec.ts: on prod, on evidence of 2026-01-02T03:04:05Z, in 1.2 s
`);
});

test("an unknown requirement prints the reason, and a bug in the suite is reported", () => {
  const text = page(requirement, ran("unknown", { checks: [] }, ["This is a bug: x"]), {
    where: "on prod",
    colour: false,
  });
  expect(text).toContain("? unknown  STO-003 one mount\n    the reason\n");
  expect(text).toContain("This is a bug in the suite: This is a bug: x\n");
});

test("a control that found its fault prints no next step", () => {
  const text = page(control, ran("pass"), { where: "here", colour: false });
  expect(text).toContain("✓ pass  STO-003 is refuted by an old entry");
  expect(text).not.toContain("Next:");
});

const failed = (message: string) => ran("unknown", { status: "failed", messages: [message] });

test("exit codes: 0, 1, 2 and 70, for a requirement and for a control", () => {
  const codes = (["pass", "fail", "unknown", "pending"] as const).map(
    (verdict) => outcomeOf(requirement, ran(verdict)).exitCode,
  );
  expect(codes).toEqual([0, 1, 2, 2]);
  expect(outcomeOf(requirement, ran("pass", {}, ["a bug"])).exitCode).toBe(70);
  expect(outcomeOf(control, ran("pass")).exitCode).toBe(0);
  expect(outcomeOf(control, failed("Error: The fault was not seen: all 3 checks hold")).exitCode).toBe(1);
  expect(outcomeOf(control, failed("CannotTell: no answer"))).toMatchObject({
    reason: "no answer",
    exitCode: 2,
  });
  expect(outcomeOf(control, failed("TypeError: x is undefined")).exitCode).toBe(70);
});
