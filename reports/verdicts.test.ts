// Two runs of one phase that judged different rows become one, and nothing red or untold is lost on the way.
import { expect, test } from "@playwright/test";
import type { Verdict } from "../fixtures/judgement.ts";
import type { Row } from "./verdict.ts";
import { mergeVerdicts, type Verdicts } from "./verdicts.ts";

const row = (id: string, verdict: Verdict, seen: string) => ({ id, verdict, seen }) as Row;
const run = (rows: Row[], changes: Partial<Verdicts> = {}): Verdicts => ({
  ...{ version: 1, phase: "after", target: "stand-in", startedAt: "2026-01-01T00:00:05.000Z", ms: 7 },
  ...{ status: "passed", bugs: [], rows },
  ...changes,
});

for (const [one, other, expected] of [
  ["pass", "pending", "one pass"],
  ["pending", "fail", "other fail"],
  ["pending", "pending", "one pending"],
  ["pass", "fail", "other fail"],
  ["unknown", "pass", "one unknown"],
  ["pass", "unknown", "other unknown"],
] as const) {
  test(`a row that is ${one} here and ${other} there`, () => {
    const merged = mergeVerdicts(
      run([row("STO-001", one, "one")]),
      run([row("STO-001", other, "other")]),
    ).rows;
    expect(merged.map(({ seen, verdict }) => `${seen} ${verdict}`)).toEqual([expected]);
  });
}

test("the earlier start, the longer time, the worse end and every bug count", () => {
  const one = run([], { bugs: ["a", "b"], status: "passed" });
  const other = run([], {
    bugs: ["b", "c"],
    status: "timedout",
    ms: 9,
    startedAt: "2026-01-01T00:00:01.000Z",
  });
  for (const merged of [mergeVerdicts(one, other), mergeVerdicts(other, one)]) {
    expect(merged).toMatchObject({ ms: 9, status: "timedout", startedAt: "2026-01-01T00:00:01.000Z" });
    expect([...merged.bugs].sort()).toEqual(["a", "b", "c"]);
  }
});
