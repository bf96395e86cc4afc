// Runs one night: each target locked, judged, compared with the nights before it; then the night is written and told.
import { Exit } from "../../fixtures/exit-codes.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { reasonOf } from "../../fixtures/reason.ts";
import { changesOf, type Judged } from "../../reports/night/changes.ts";
import { type Difference, type Night, nameOf, type TargetNight } from "../../reports/night/night.ts";
import { headlineOf, isToTell, type Occasion } from "../../reports/night/tell.ts";
import type { AppliedWaiver, Trouble } from "../../reports/run/run.ts";
import { worstExit } from "../../reports/run/targets.ts";
import { atMost, troubleOf } from "../run/at-once.ts";
import type { Nights } from "./folder.ts";
import { lock } from "./lock.ts";
import { type Telling, tell } from "./tell.ts";

/** What a judge says of one target. */
export interface Answer {
  /** After waivers, as the verdicts of the rows. */
  readonly exitCode: number;
  readonly rows: readonly Judged[];
  /** The waivers of the target, if there are any. */
  readonly waivers?: readonly AppliedWaiver[];
  /** The digests of deployment and register. */
  readonly judgedBy: string;
  /** What the stand-in is held to and the host does not do, or did not answer, if it was asked. */
  readonly contract?: readonly string[];
}

export interface NightOptions {
  readonly nights: Nights;
  readonly targets: readonly string[];
  /** How many targets at a time. */
  readonly atOnce: number;
  /** Judges a target, and writes what it finds into the folder. */
  readonly judge: (target: string, folder: string) => Promise<Answer>;
  /** Writes down into the folder that there is no verdict, and why: otherwise the night before would seem to be the last. */
  readonly withoutVerdict?: (trouble: Trouble, folder: string) => void;
  /** Judges a stand-in of the target first; none if that is not wanted. */
  readonly standIn?: (target: string, folder: string) => Promise<readonly Judged[]>;
  readonly when: Occasion;
  readonly telling: Telling;
  /** How many nights of each target are kept. */
  readonly keep: number;
  readonly now: Date;
  readonly progress: Progress;
}

/** One night, as it was written. `exitCode` is the night's own, or 2 if all passed and somebody could not be told. */
export async function runNight(options: NightOptions): Promise<{ night: Night; exitCode: number }> {
  const { nights, targets, now, progress } = options;
  const began = performance.now();
  const name = nameOf(now);
  nights.make();
  nights.started(name, now);
  const results = await atMost(targets, options.atOnce, async (target, done) => {
    const one = await oneTarget(target, name, options);
    progress.note(`  [${done()}/${targets.length}] ${headlineOf([one])}`);
    return one;
  });
  const night: Night = {
    ...{ version: 1, night: name, startedAt: now.toISOString(), ms: Math.round(performance.now() - began) },
    exitCode: worstExit(results.map(({ exitCode }) => exitCode)),
    headline: headlineOf(results),
    targets: results,
  };
  nights.ended(night);
  const told = isToTell(night, options.when) ? await tell(night, options.telling) : [];
  for (const { to, trouble } of told)
    if (trouble === undefined) progress.note(`  told the ${to}`);
    else progress.say(`  could not tell the ${to}: ${trouble}`);
  nights.told(name, told);
  const failed = told.some(({ trouble }) => trouble !== undefined);
  nights.heartbeat(now.getTime(), failed);
  for (const gone of nights.thin(options.keep)) progress.note(`  removed the old ${gone}`);
  return { night, exitCode: failed && night.exitCode === Exit.pass ? Exit.unknown : night.exitCode };
}

async function oneTarget(target: string, night: string, options: NightOptions): Promise<TargetNight> {
  const { nights, judge } = options;
  const earlier = nights.earlier(target);
  const began = performance.now();
  try {
    using _held = lock(nights.lockOf(target));
    const { path, relative } = nights.forTarget(target, night);
    const there = await onStandIn(target, path, options);
    const { exitCode, rows, judgedBy, contract, waivers } = await judge(target, path);
    const state = stateOf(exitCode);
    return {
      ...{ target, exitCode, state, folder: relative, judgedBy, counts: countsOf(rows) },
      ...(contract && { contract }),
      ...(waivers && { waivers }),
      ...(there && {
        standIn: {
          ...(there.trouble !== undefined && { trouble: there.trouble }),
          differs: differences(there.rows, rows),
        },
      }),
      changes: changesOf({ night, state, judgedBy, rows, ...(waivers && { waivers }) }, earlier),
    };
  } catch (error) {
    const state = "no verdict" as const;
    const trouble = troubleOf(target, error, began);
    const { path, relative } = nights.forTarget(target, night);
    options.withoutVerdict?.(trouble, path);
    return {
      ...{
        target,
        exitCode: trouble.exitCode,
        state,
        folder: relative,
        counts: {},
        trouble: trouble.trouble,
      },
      changes: changesOf({ night, state, rows: [] }, earlier),
    };
  }
}

/** The stand-in's rows. Its trouble is told, and never stops the night: the host is what counts. */
async function onStandIn(
  target: string,
  folder: string,
  { standIn }: NightOptions,
): Promise<{ rows: readonly Judged[]; trouble?: string } | undefined> {
  if (!standIn) return undefined;
  try {
    return { rows: await standIn(target, folder) };
  } catch (error) {
    return { rows: [], trouble: reasonOf(error) };
  }
}

const stateOf = (exitCode: number): TargetNight["state"] =>
  exitCode === Exit.pass ? "pass" : exitCode === Exit.fail ? "fail" : "unknown";

function countsOf(rows: readonly Judged[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { verdict } of rows) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

/**
 * Requirements that pass on one side and fail on the other. What one side could not tell is no difference; a failure that is
 * waived on the host is a failure.
 */
function differences(standIn: readonly Judged[], host: readonly Judged[]): Difference[] {
  const told = ["pass", "fail", "waived"];
  const passes = (verdict: string) => verdict === "pass";
  const there = new Map(standIn.map(({ id, verdict }) => [id, verdict]));
  return host.flatMap(({ id, verdict }) => {
    const other = there.get(id);
    if (other === undefined || !told.includes(other) || !told.includes(verdict)) return [];
    if (passes(other) === passes(verdict)) return [];
    return [{ id, standIn: other, host: verdict }];
  });
}
