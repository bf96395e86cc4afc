// Several targets: a bounded number at a time, each with its own result, and the worst exit code.
import { expect, test } from "@playwright/test";
import { Ajv } from "ajv";
import { CannotTell, Refused } from "../../fixtures/errors.ts";
import { silent } from "../../fixtures/progress.ts";
import schema from "../../reports/verified.schema.json" with { type: "json" };
import { targetsTable, type Verified, worstExit } from "../../reports/verified.ts";
import { verifyMany } from "./many.ts";

const digest = `sha256:${"0".repeat(64)}`;
const verified = (target: string, exitCode = 0): Verified => ({
  ...{ target, exitCode, ms: 5, register: digest, allowed: ["observe"], required: [], removed: [] },
  evidence: {
    at: "2026-01-01T00:00:00Z",
    ageSeconds: 1,
    deployment: digest,
    limits: [],
    limitsFrom: "inventory",
  },
  verdicts: {
    ...{
      version: 1,
      phase: "verified",
      target,
      startedAt: "2026-01-01T00:00:00Z",
      ms: 5,
      status: "passed",
      bugs: [],
    },
    rows: [],
  },
});

test("one target's trouble is its own row; the others are judged, in the inventory's order", async () => {
  const said: string[] = [];
  const run = await verifyMany(
    ["a", "b", "c", "d"],
    2,
    async (name) => {
      if (name === "b") throw new CannotTell("No connection: b\nNext:\n    nc b");
      if (name === "c") throw new TypeError("x is undefined");
      return verified(name);
    },
    { ...silent, say: (text) => said.push(text) },
  );
  expect(run.targets.map(({ target, exitCode }) => [target, exitCode])).toEqual([
    ["a", 0],
    ["b", 2],
    ["c", 70],
    ["d", 0],
  ]);
  expect(run.exitCode).toBe(70);
  expect(said).toHaveLength(4);
  expect(targetsTable(run)).toContain("b       2       0.0 s  No connection: b\n");
  expect(targetsTable(run)).toContain("This is a bug in the suite: x is undefined");
  const valid = new Ajv({ strict: false }).compile(schema);
  expect(valid(run), JSON.stringify(valid.errors)).toBe(true);
  expect(valid({ ...run, targets: [{ ...verified("a"), removed: undefined }] })).toBe(false);
});

test("never more at a time than asked", async () => {
  let now = 0;
  let most = 0;
  const names = Array.from({ length: 20 }, (_, at) => `host-${at}`);
  const work = async (name: string) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    return verified(name);
  };
  expect((await verifyMany(names, 3, work, silent)).targets).toHaveLength(20);
  expect(most).toBe(3);
});

test("the worst exit code: a bug, then a failure, refused, bad input, could not tell", () => {
  for (const [codes, worst] of [
    [[0, 0], 0],
    [[0, 2], 2],
    [[3, 2], 3],
    [[4, 3, 2], 4],
    [[0, 4, 1], 1],
    [[1, 70], 70],
    [[0, 99], 70],
  ] as const)
    expect(worstExit(codes)).toBe(worst);
  expect(new Refused("").exitCode).toBe(4);
});
