// A run in parts: together the parts are the run; nothing is lost, and a part that is missing or altered is never green.
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { verdictOfExit } from "./build.ts";
import { mergeParts, namesOfPart, type PartFile } from "./merge.ts";
import type { Run, RunTarget, Trouble } from "./run.ts";
import { sampleRequirement, sampleRun, sampleTarget } from "./sample-run.ts";
import { targetsTable, worstExit } from "./targets.ts";

const { digest } = sampleRun().register;
const statements = { digest, ids: ["AAA-001", "AAA-002"] };

const verified = (target: string, second: "pass" | "fail" | "unknown" = "pass"): RunTarget =>
  sampleTarget(target, {
    ...{ exitCode: { pass: 0, fail: 1, unknown: 2 }[second], verdict: second },
    phases: [{ name: "verified", startedAt: "2026-03-01T01:02:03.000Z", ms: 5, status: "passed", bugs: [] }],
    requirements: [sampleRequirement("AAA-001"), sampleRequirement("AAA-002", { verdict: second })],
  });

const trouble = (target: string): Trouble => ({ target, exitCode: 4, ms: 1, trouble: "Host key differs" });
const whole = (targets: Run["targets"]): Run => {
  const exitCode = worstExit(targets.map(({ exitCode }) => exitCode));
  return sampleRun({ exitCode, verdict: verdictOfExit(exitCode), targets });
};

/** What `total` processes would print of the run. */
function partsOf(run: Run, total: number): PartFile[] {
  const names = run.targets.map(({ target }) => target);
  return Array.from({ length: total }, (_, at) => {
    const shard = { index: at + 1, total, names };
    const own = namesOfPart(shard);
    const targets = run.targets.filter(({ target }) => own.includes(target));
    return { file: `${at + 1}.json`, run: { ...run, ...whole(targets), register: run.register, shard } };
  });
}

const anyRun = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 12 })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.constantFrom(verified(name), verified(name, "fail"), verified(name, "unknown"), trouble(name)),
      ),
    ),
  )
  .map(whole);
const runAndTotal = anyRun.chain((run) =>
  fc.tuple(fc.constant(run), fc.integer({ min: 1, max: run.targets.length })),
);

test("however a run is divided, and in whichever order its parts arrive, together they are the run", () => {
  fc.assert(
    fc.property(runAndTotal, fc.infiniteStream(fc.nat()), ([run, total], places) => {
      const parts = partsOf(run, total);
      const sizes = parts.map(({ run: { targets } }) => targets.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      const order = parts.map((part) => [places.next().value ?? 0, part] as const);
      const shuffled = order.toSorted(([one], [other]) => one - other).map(([, part]) => part);
      expect(mergeParts(shuffled, statements)).toEqual(run);
    }),
    { numRuns: 200 },
  );
});

test("parts are divided as Playwright divides tests", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  const parts = [1, 2, 3].map((index) => namesOfPart({ index, total: 3, names }).join(""));
  expect(parts).toEqual(["abc", "de", "fg"]);
});

test("the targets of a missing part are unknown, each by its name, and the run is never green", () => {
  const run = whole(["a", "b", "c", "d"].map((name) => verified(name)));
  const [first, , third] = partsOf(run, 3) as [PartFile, PartFile, PartFile];
  const merged = mergeParts([third, first], statements);
  expect(merged.exitCode).toBe(2);
  expect(merged.targets.map(({ target, exitCode }) => `${target}${exitCode}`)).toEqual([
    "a0",
    "b0",
    "c2",
    "d0",
  ]);
  expect(targetsTable(merged)).toContain("Nothing is known: part 2 of 3 left no result");
});

const twoTargets = () => partsOf(whole([verified("a"), verified("b", "fail")]), 2) as [PartFile, PartFile];

/** The second part with something else in its only target. */
function altered(change: (one: RunTarget) => Partial<RunTarget>, exitCode?: number): PartFile[] {
  const [first, second] = twoTargets();
  const [one] = second.run.targets as [RunTarget];
  const targets = [{ ...one, ...change(one) }];
  return [first, { ...second, run: { ...second.run, targets, ...(exitCode !== undefined && { exitCode }) } }];
}

const another = (targets: Run["targets"], total: number) => partsOf(whole(targets), total)[1] as PartFile;
for (const [what, parts, words] of [
  ["no part at all", [], "There is no part to merge"],
  [
    "a whole run",
    [{ file: "w.json", run: whole([verified("a")]) }],
    "w.json can't be merged: it is a whole run",
  ],
  [
    "one part twice",
    [twoTargets()[0], { ...twoTargets()[0], file: "x.json" }],
    "it is part 1 of 2, as is 1.json",
  ],
  [
    "parts of two runs",
    [twoTargets()[0], another([verified("a"), verified("c")], 2)],
    "a part of another run than 1.json",
  ],
  [
    "parts of two divisions",
    [twoTargets()[0], another([verified("a"), verified("b"), verified("c")], 3)],
    "a part of another run",
  ],
  ["another target's result", altered(() => ({ target: "z" })), "judges b, and it has z"],
  [
    "another register",
    partsOf(
      { ...whole([verified("a")]), register: { digest: `sha256:${"1".repeat(64)}`, requirements: 2 } },
      1,
    ),
    "judged by another register",
  ],
  [
    "a row that is left out",
    altered(({ requirements }) => ({ requirements: requirements.slice(0, 1) })),
    "b does not have every requirement once",
  ],
  ["a failure with exit code 0", altered(() => ({ exitCode: 0 }), 0), "exit code 0, and its rows say 1"],
  ["a run with exit code 0", altered(() => ({}), 0), "its exit code is 0, and its targets say 1"],
  ["a failure that is called a pass", altered(() => ({ verdict: "pass" })), "and its rows say 1"],
  [
    "trouble that passes",
    partsOf(whole([{ ...trouble("a"), exitCode: 0 }]), 1),
    "a has trouble, and the exit code 0",
  ],
] as const)
  test(`${what} can't be merged`, () => {
    const refused = { exitCode: 3, message: expect.stringContaining(words) };
    expect(() => mergeParts(parts, statements)).toThrow(expect.objectContaining(refused));
  });

test("a host that breaks the contract keeps its exit code, and can't be made to pass", () => {
  const hostContract = { agree: 0, notAsked: 3, open: [], unasked: "no root" };
  const run = (exitCode: number) =>
    partsOf(whole([{ ...verified("a"), hostContract, exitCode, verdict: verdictOfExit(exitCode) }]), 1);
  expect(mergeParts(run(2), statements).exitCode).toBe(2);
  expect(() => mergeParts(run(0), statements)).toThrow("exit code 0, and its rows and contract say 2");
});
