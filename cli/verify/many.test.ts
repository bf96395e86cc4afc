// Several targets: a bounded number at a time, each with its own result, and the worst exit code.
import { expect, test } from "@playwright/test";
import { Ajv } from "ajv";
import { CannotTell, Refused } from "../../fixtures/errors.ts";
import { silent } from "../../fixtures/progress.ts";
import schema from "../../reports/run/run.schema.json" with { type: "json" };
import { sampleRun, sampleTarget } from "../../reports/run/sample-run.ts";
import { targetsTable, worstExit } from "../../reports/run/targets.ts";
import { verifyMany } from "./many.ts";

const verified = (target: string) => sampleTarget(target, { exitCode: 0, verdict: "pass" });

test("one target's trouble is its own row; the others are judged, in the inventory's order", async () => {
  const said: string[] = [];
  const targets = await verifyMany(
    ["a", "b", "c", "d"],
    2,
    async (name) => {
      if (name === "b") throw new CannotTell("No connection: b\nNext:\n    nc b");
      if (name === "c") throw new TypeError("x is undefined");
      return verified(name);
    },
    { ...silent, note: (text) => said.push(text) },
  );
  expect(targets.map(({ target, exitCode }) => [target, exitCode])).toEqual([
    ["a", 0],
    ["b", 2],
    ["c", 70],
    ["d", 0],
  ]);
  expect(worstExit(targets.map(({ exitCode }) => exitCode))).toBe(70);
  expect(said).toHaveLength(4);
  expect(targetsTable({ targets })).toContain("b       2       0.0 s  No connection: b\n");
  expect(targetsTable({ targets })).toContain("This is a bug in the suite: x is undefined");
  const valid = new Ajv({ strict: false }).compile(schema);
  expect(valid(sampleRun({ targets })), JSON.stringify(valid.errors)).toBe(true);
  expect(valid(sampleRun({ targets: [{ ...verified("a"), removed: undefined as never }] }))).toBe(false);
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
  expect(await verifyMany(names, 3, work, silent)).toHaveLength(20);
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
