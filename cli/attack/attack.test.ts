// A sample of the attacks: nothing lies, hangs, crashes, leaks or leaves something. `npm run attack` tries far more.
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { boundTo } from "../../fixtures/evidence/asked.ts";
import { writeEvidence } from "../../fixtures/evidence/collect.ts";
import { Evidence } from "../../fixtures/evidence/evidence.ts";
import { entry, evidenceAt } from "../../specs/testing/before-and-after.ts";
import { attackNames } from "../definitions/without-target.ts";
import { project } from "../run/child.ts";
import { attacks } from "./attacks.ts";
import { askedIn, damaged, damages } from "./damage.ts";
import { type Outcome, table } from "./outcome.ts";
import { Random } from "./random.ts";

/** Runs the command on the sample's evidence. */
function attack(...args: string[]): Promise<{ code: number; outcomes: Outcome[]; all: string }> {
  const run = test.info().outputPath("run");
  for (const phase of ["before", "after"]) {
    mkdirSync(join(run, phase), { recursive: true });
    const [at, look] = phase === "before" ? ["2025-11-01", "a".repeat(24)] : ["2025-11-02", "b".repeat(24)];
    const { document } = evidenceAt(`${at}T00:00:00.000Z`);
    writeEvidence(join(run, phase, "evidence.json"), new Evidence(boundTo(document, look)));
  }
  writeFileSync(join(run, "after", "record.json"), "{}");
  const argv = [join(project, "cli", "main.ts"), "attack", "--json", "--run", run, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { encoding: "utf8" }, (error, out, err) => {
      const outcomes = out.startsWith("{") ? (JSON.parse(out).outcomes as Outcome[]) : [];
      resolve({ code: error === null ? 0 : Number(error.code), outcomes, all: `${out}${err}` });
    });
  });
}

for (const [name, times] of [
  ["evidence", 120],
  ["trees", 2],
] as const)
  test(`${name}: a sample of ${times}`, async () => {
    test.setTimeout(300_000);
    const { code, outcomes, all } = await attack("--only", name, "--times", String(times), "--seed", "7");
    expect(outcomes.length, all).toBe(1);
    expect(outcomes.map(({ tried, finds }) => ({ tried, finds }))).toEqual([{ tried: times, finds: [] }]);
    expect(code).toBe(0);
  });

test("every attack can be chosen by its name", () => {
  expect(Object.keys(attacks)).toEqual([...attackNames]);
});

test("a seed repeats its choices, and another makes others", () => {
  const choices = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.below(1000));
  };
  expect(choices(1)).toEqual(choices(1));
  expect(choices(1)).not.toEqual(choices(2));
  expect(choices(3).every((one) => one >= 0 && one < 1000)).toBe(true);
});

test("each damage changes the answer, and only that one", () => {
  const { document: before } = evidenceAt("2025-11-01T00:00:00.000Z", {
    hypervisor: { "list volumes": entry("/older") },
  });
  const { document } = evidenceAt("2025-11-02T00:00:00.000Z");
  const asked = askedIn(document);
  const random = new Random(1);
  for (const damage of damages) {
    // Not every answer can be damaged in every way: some have one line, or no JSON.
    const [one, other] =
      Array.from({ length: 10 })
        .flatMap(() => asked)
        .values()
        .map((each) => [each, damaged(document, each, damage, random, before)] as const)
        .find(([, made]) => made !== undefined) ?? [];
    if (one === undefined || other === undefined) throw new Error(`no answer is damaged: ${damage.what}`);
    expect(JSON.stringify(other), damage.what).not.toBe(JSON.stringify(document));
    const rest = ({ places }: typeof document) =>
      Object.entries(places).map(([place, given]) => [
        place,
        "answers" in given
          ? Object.entries(given.answers).filter(([name]) => place !== one.place || name !== one.name)
          : given,
      ]);
    expect(rest(other), damage.what).toEqual(rest(document));
  }
});

test("the table counts what was found, and names it", () => {
  const find = { wrong: "hang", tried: "a pipe", found: "still running" } as const;
  expect(table([{ attack: "hostile trees", tried: 3, finds: [find], ms: 1500 }])).toBe(
    [
      "| Attack | Tried | False greens | Hangs | Crashes | Leaks | Left over | Time |",
      "| --- | --- | --- | --- | --- | --- | --- | --- |",
      "| hostile trees | 3 | 0 | 1 | 0 | 0 | 0 | 1.5 s |",
      "",
      "- hang: hostile trees: a pipe",
      "  still running",
      "",
    ].join("\n"),
  );
});
