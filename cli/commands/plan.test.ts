// What `plan` prints has no secret of the files that it edits, as text and as JSON; what it saves has, and only that can be applied.
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { type Plan, planDigest } from "../../provision/plan.ts";
import { readPlan, savePlan } from "../../provision/saved-plan.ts";
import { shown } from "./plan.ts";

const secret = "2f6b1d8c9a7e4f50";
const planWith = (text: string): Plan => {
  const change = { does: "write-file", path: "/etc/x.json", mode: "644", before: "{}\n", after: text };
  const step = { id: "s", kind: "literal", plan: "1.2", remedies: [], serves: ["GWY-001"], why: "a test" };
  const steps = [{ ...step, changes: [change] }] as unknown as Plan["steps"];
  const about = { format: 3, target: "prod", deployment: "sha256:0", literal: false, choice: [] };
  return { ...about, fingerprint: {}, steps, digest: planDigest(steps) } as unknown as Plan;
};

test("a password in a file that a plan edits is masked in what it prints", () => {
  const plan = planWith(`{"smtp_password": "${secret}", "port": 25}\n`);
  for (const json of [false, true]) {
    const text = shown(plan, { json, colour: false });
    expect(text).not.toContain(secret);
    expect(text).toContain("[redacted]");
  }
});

test("the saved plan holds it; what was printed in its place is refused, and without a secret both are the same", () => {
  const file = join(test.info().outputPath(), "plan.json");
  const plan = planWith(`{"smtp_password": "${secret}"}\n`);
  savePlan(file, plan);
  expect(JSON.stringify(readPlan(file))).toContain(secret);
  savePlan(file, JSON.parse(shown(plan, { json: true, colour: false })));
  expect(() => readPlan(file)).toThrow("was edited after it was saved");
  const clean = planWith('{"port": 25}\n');
  expect(JSON.parse(shown(clean, { json: true, colour: false }))).toEqual(clean);
});
