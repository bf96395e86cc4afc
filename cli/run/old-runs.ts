// Bounds the folder of runs: the newest of each command stay, and the last good one of each target.
import { existsSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "../../fixtures/errors.ts";
import type { Progress } from "../../fixtures/progress.ts";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { visible } from "../../fixtures/visible.ts";
import { readRun } from "../../reports/run/file.ts";
import { type Outline, outlinesOf, readOutline } from "../../reports/run/outline.ts";
import { outputFolder } from "./output.ts";

/** How many runs of each command are kept, unless `PHOENIX_KEEP_RUNS` says otherwise. */
export const runsKept = 100;

/** As `accept`, `verify` and `gate` name the folders of their runs. Nothing else is ever removed. */
const runName = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{3}Z(-verify|-gate)?(-\d+)?$/;
const goneName = /^\.gone-\d+-/;

/** A run that has not ended within this time was broken off. */
const longestRun = 24 * 3_600_000;

type Kept = Pick<HostEnvironment, "output" | "keepRuns">;

/** Removes old runs at the end of a run, and says which. That they can't be removed changes no exit code. */
export function boundRuns(environment: Kept, progress: Pick<Progress, "say" | "note">): void {
  try {
    for (const name of thinRuns(environment)) progress.note(`Removed the old run ${name}`);
  } catch (error) {
    progress.say(`Old runs were not removed: ${(error as Error).message}`);
  }
}

/**
 * Removes old runs and returns their names. Of each command the newest ones stay (with 0, all). Always kept are the last run in
 * which a target passed, however old it is, the run that `latest` names, and what may still be running.
 * @throws BadInput if the number of kept runs is none, and for a folder that may not be written.
 */
export function thinRuns(environment: Kept, now: number = Date.now()): string[] {
  const { keepRuns = String(runsKept) } = environment;
  if (!/^\d{1,6}$/.test(keepRuns))
    throw new BadInput(`PHOENIX_KEEP_RUNS must be a whole number, 0 for all; it is ${visible(keepRuns)}`);
  const keep = Number(keepRuns);
  const folder = outputFolder(environment);
  if (keep === 0 || !existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  // What an interrupted removal has left.
  for (const { name } of entries) if (goneName.test(name)) remove(join(folder, name));
  const names = entries
    .flatMap(({ name }) => (runName.test(name) ? [name] : []))
    .toSorted()
    .toReversed();
  const byCommand = Map.groupBy(names, (name) => runName.exec(name)?.[1] ?? "");
  const old = [...byCommand.values()].flatMap((all) => all.slice(keep));
  if (old.length === 0) return [];
  const kept = new Set([latestOf(folder), ...lastGood(folder, names)]);
  return old.filter((name) => {
    const path = join(folder, name);
    if (kept.has(name) || !isOver(path, now)) return false;
    const aside = join(folder, `.gone-${process.pid}-${name}`);
    // At once, so that nobody reads half a run.
    renameSync(path, aside);
    remove(aside);
    return true;
  });
}

const remove = (path: string) => rmSync(path, { recursive: true, force: true });

function latestOf(folder: string): string | undefined {
  try {
    return realpathSync(join(folder, "latest")).split("/").at(-1);
  } catch {
    return undefined;
  }
}

/** A run writes its document last. */
const isOver = (path: string, now: number) =>
  existsSync(join(path, "run.json")) || now - statSync(path).mtimeMs > longestRun;

/** For each target, the newest run in which it passed. */
function lastGood(folder: string, newestFirst: readonly string[]): Iterable<string> {
  const good = new Map<string, string>();
  for (const name of newestFirst)
    for (const { target, verdict } of outlinesIn(join(folder, name)))
      if (verdict === "pass" && !good.has(target)) good.set(target, name);
  return good.values();
}

/** A document that can't be read says nothing good of any target. */
function outlinesIn(path: string): readonly Outline[] {
  const file = join(path, "run.json");
  if (!existsSync(file)) return [];
  try {
    return readOutline(file) ?? outlinesOf(readRun(file));
  } catch {
    return [];
  }
}
