// A saved plan holds the text of the files that it edits: only its owner reads it, whatever was there before.
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { type Plan, planDigest } from "./plan.ts";
import { readPlan, savePlan } from "./saved-plan.ts";

const plan = {
  ...{
    format: 3,
    target: "prod",
    deployment: "sha256:0",
    literal: false,
    choice: [],
    fingerprint: {},
    steps: [],
  },
  digest: planDigest([]),
} as unknown as Plan;

test("only the owner reads a saved plan, also where an unfinished one or a link was in its place", () => {
  const folder = test.info().outputPath("plans");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "plan.json");
  const elsewhere = join(folder, "elsewhere");
  writeFileSync(`${file}.part`, "old", { mode: 0o644 });
  savePlan(file, plan);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readPlan(file).target).toBe("prod");
  writeFileSync(elsewhere, "mine");
  symlinkSync(elsewhere, `${file}.part`);
  savePlan(file, plan);
  expect(readFileSync(elsewhere, "utf8")).toBe("mine");
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
