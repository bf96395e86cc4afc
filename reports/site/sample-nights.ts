// For tests: a folder of runs, one night a run.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runText } from "../run/file.ts";
import type { Run, RunTarget, Trouble } from "../run/run.ts";
import { sampleRun } from "../run/sample-accept.ts";

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
