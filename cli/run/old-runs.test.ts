// What stays in the folder of runs: the newest, the last good one of each target, what is running, and whatever is not ours.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { Verdict } from "../../fixtures/judgement.ts";
import { writeRun } from "../../reports/run/file.ts";
import { sampleRun, sampleTarget } from "../../reports/run/sample-accept.ts";
import { boundRuns, thinRuns } from "./old-runs.ts";

let output: string;
test.beforeEach(() => {
  output = mkdtempSync(join(tmpdir(), "old-runs-"));
});
test.afterEach(() => rmSync(output, { recursive: true, force: true }));

const nameOf = (day: number, command = "verify") =>
  `2026-01-${String(day).padStart(2, "0")}T02-00-00-000Z${command === "" ? "" : `-${command}`}`;
const runOf = (day: number, targets: Readonly<Record<string, Verdict>>) => ({
  ...{ ...sampleRun(["pass"]), command: "verify" as const },
  startedAt: `2026-01-${String(day).padStart(2, "0")}T02:00:00.000Z`,
  targets: Object.entries(targets).map(([name, verdict]) => sampleTarget([verdict], name)),
});
const write = (name: string, day: number, targets: Readonly<Record<string, Verdict>> = { alpha: "fail" }) =>
  writeRun(join(output, name), runOf(day, targets));
const left = () => readdirSync(output).toSorted();

test("the newest runs of each command stay, and the last good one of each target, also without its outline", () => {
  write(nameOf(1), 1, { alpha: "pass", beta: "pass" });
  write(nameOf(2), 2, { alpha: "pass", beta: "fail" });
  for (const day of [3, 4, 5, 6]) write(nameOf(day), day);
  rmSync(join(output, nameOf(1), "outline.json"));
  for (const day of [1, 2, 3]) write(nameOf(day, ""), day);
  write(`${nameOf(3)}-2`, 3);
  expect(thinRuns({ output, keepRuns: "2" }).toSorted()).toEqual(
    [nameOf(1, ""), nameOf(3), `${nameOf(3)}-2`, nameOf(4)].toSorted(),
  );
  expect(left()).toEqual(
    [nameOf(1), nameOf(2), nameOf(5), nameOf(6), nameOf(2, ""), nameOf(3, "")].toSorted(),
  );
  expect(thinRuns({ output, keepRuns: "2" })).toEqual([]);
});

test("what may still run stays, and what is broken off or can't be read goes", () => {
  const now = Date.parse("2026-02-01T00:00:00Z");
  for (const day of [8, 9]) write(nameOf(day), day);
  for (const [day, hoursAgo] of [
    [1, 30],
    [2, 2],
  ] as const) {
    const path = join(output, nameOf(day));
    mkdirSync(path);
    utimesSync(path, now / 1000 - hoursAgo * 3600, now / 1000 - hoursAgo * 3600);
  }
  write(nameOf(3), 3, { alpha: "pass" });
  writeFileSync(join(output, nameOf(3), "run.json"), "{");
  expect(thinRuns({ output, keepRuns: "2" }, now)).toEqual([nameOf(3), nameOf(1)]);
  expect(existsSync(join(output, nameOf(2)))).toBe(true);
});

test("nothing is removed but folders of runs, nor what `latest` names, nor anything if all are to be kept", () => {
  const others = ["nights", "2026-01-01", "allure-history", `${nameOf(1)}-mine`, "controls-seen-red.json"];
  for (const name of others) mkdirSync(join(output, name));
  const elsewhere = mkdtempSync(join(tmpdir(), "elsewhere-"));
  writeRun(elsewhere, runOf(1, { alpha: "fail" }));
  symlinkSync(elsewhere, join(output, nameOf(1)));
  for (const day of [2, 3, 4]) write(nameOf(day, ""), day);
  symlinkSync(join(output, nameOf(2, "")), join(output, "latest"));
  expect(thinRuns({ output, keepRuns: "0" })).toEqual([]);
  mkdirSync(join(output, `.gone-1-${nameOf(1)}`));
  expect(thinRuns({ output, keepRuns: "1" })).toEqual([nameOf(3, "")]);
  expect(left()).toEqual([...others, nameOf(1), nameOf(2, ""), nameOf(4, ""), "latest"].toSorted());
  expect(existsSync(join(elsewhere, "run.json"))).toBe(true);
  rmSync(elsewhere, { recursive: true });
});

test("what was removed is said; a number that is none removes nothing, and is said too", () => {
  for (const day of [1, 2]) write(nameOf(day), day);
  const said: string[] = [];
  const take = (line: string) => void said.push(line);
  const progress = { say: take, note: take };
  boundRuns({ output, keepRuns: "-1" }, progress);
  expect(left()).toHaveLength(2);
  boundRuns({ output, keepRuns: "1" }, progress);
  expect(said).toEqual([
    "Old runs were not removed: PHOENIX_KEEP_RUNS must be a whole number, 0 for all; it is -1",
    `Removed the old run ${nameOf(1)}`,
  ]);
});

test("without a folder there is nothing to do", () => {
  expect(thinRuns({ output: join(output, "none") })).toEqual([]);
});
