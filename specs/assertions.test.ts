// The exact message of a failing requirement, and what counts as a refutation.
import { expect, test } from "@playwright/test";
import type { Check } from "../fixtures/judgement.ts";
import { holds, refuted, tell } from "./assertions.ts";

const good: Check = { level: "declared", ok: true, expected: "a", found: "a", where: "f:1" };
const bad: Check = { level: "live", ok: false, expected: "a", found: "b", where: "f:2:3", next: "do it" };

test("the message of a failing check", () => {
  expect(tell([bad], 2)).toBe(`1 of 2 checks do not hold

  expected  a
  found     b
  where     f:2:3 (live)
  next      do it`);
});

test("holds passes only when there are checks and all are ok", async () => {
  await holds([good]);
  await expect(holds([good, bad])).rejects.toThrow("1 of 2 checks do not hold");
  await expect(holds([])).rejects.toThrow("the claim looked at nothing");
  expect(test.info().attachments.map(({ name }) => name)).toEqual(["checks", "checks", "checks"]);
});

const apart: Check = { ...bad, found: "fuse", notImitated: "no NFS client" };

test("a check that the target cannot imitate does not fail, and alone does not make a level pass", async () => {
  await holds([good, { ...apart, level: "declared" }]);
  await expect(holds([good, apart])).rejects.toThrow("not imitated here (live): no NFS client");
  await expect(holds([bad, apart])).rejects.toThrow("1 of 2 checks do not hold");
  await expect(holds([apart])).rejects.toMatchObject({ name: "CannotTell" });
});

test("a check that the target cannot imitate refutes nothing", async () => {
  await expect(refuted([good, apart], "fuse")).rejects.toThrow("The fault was not seen");
  await expect(refuted([bad, apart], "fuse")).rejects.toThrow('another reason than "fuse"');
});

test("refuted passes only when the claim fails for the expected reason", async () => {
  await refuted([good, bad], "b");
  await expect(refuted([good], "a")).rejects.toThrow("The fault was not seen");
  await expect(refuted([good, bad], "something else")).rejects.toThrow(
    'another reason than "something else"',
  );
});
