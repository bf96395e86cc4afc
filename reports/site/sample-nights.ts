// For tests: a folder of runs, one night a run.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runText, writeRun } from "../run/file.ts";
import type { Run, RunTarget, Trouble } from "../run/run.ts";
import { sampleRun, sampleTarget } from "../run/sample-accept.ts";

/** What one run found on each of its targets. */
export type Night = readonly (RunTarget | Trouble)[];

/** Writes the runs into a folder, which is emptied first; `beganAt` says when each began. */
export function writeNights(
  folder: string,
  all: readonly Night[],
  beganAt = (at: number) => `2026-03-0${at + 1}T02:00:00.000Z`,
): string {
  rmSync(folder, { recursive: true, force: true });
  all.forEach((targets, at) => {
    const startedAt = beganAt(at);
    const run: Run = { ...sampleRun(["pass", "pass"]), command: "verify", startedAt, targets };
    mkdirSync(join(folder, `night-${at}`), { recursive: true });
    writeFileSync(join(folder, `night-${at}`, "run.json"), runText(run));
  });
  return folder;
}

/** The folder of nights of two targets, prod and edge, as `nightly` writes them. */
export function writeTwoTargets(runs: string): string {
  for (const name of ["prod", "edge"])
    for (const day of [1, 2]) {
      const startedAt = `2026-03-0${day}T02:00:00.000Z`;
      writeRun(join(runs, name, `2026-03-0${day}T02-00-00Z`), {
        ...{ ...sampleRun(["pass"]), command: "verify", startedAt },
        targets: [sampleTarget(["pass"], name)],
      });
    }
  return runs;
}
