// What `nightly status` says: whether the last night ran, what it found, and whether somebody was told.
import { isAlive } from "../../fixtures/alive.ts";
import { problem } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import type { Night } from "../../reports/night/night.ts";
import { age } from "../../reports/run/targets.ts";
import type { Nights } from "./folder.ts";

/** The state of the nightly run, for people and for programs. */
export interface NightlyStatus {
  readonly version: 1;
  /** `missed`: no night ended within the allowed time. `broken off`: the last one never ended. */
  readonly state: "never ran" | "running" | "broken off" | "missed" | "in time";
  readonly exitCode: number;
  /** One line for each thing that is to be known, the worst first. */
  readonly says: readonly string[];
  /** Seconds since the last night ended. */
  readonly ageSeconds?: number;
  readonly last?: Night;
}

/** Reads the folder. @throws BadInput if the last night's file is damaged. */
export function statusOf(nights: Nights, maxAgeSeconds: number, now: number): NightlyStatus {
  const [name] = nights.names();
  const started = nights.lastStarted();
  const last = name === undefined ? undefined : nights.read(name);
  const ageSeconds = last ? (now - Date.parse(last.startedAt) - last.ms) / 1000 : undefined;
  const open = started !== undefined && (last === undefined || started.night > last.night);
  const running = open && isAlive(started.pid);
  const trouble: string[] = [];
  if (open && !running) trouble.push(`The night ${started.night} was started and never ended`);
  if (ageSeconds !== undefined && ageSeconds > maxAgeSeconds)
    trouble.push(`No night ended within ${age(maxAgeSeconds)}: the last one ended ${age(ageSeconds)} ago`);
  if (last === undefined && !open)
    trouble.push(problem(`No night has run in ${nights.dir}`, "systemctl list-timers"));
  if (last) trouble.push(...nights.notTold(last.night).map((who) => `Not told of ${last.night}: ${who}`));
  const says = [
    ...trouble,
    ...(running ? [`The night ${started.night} is running (process ${started.pid})`] : []),
    ...(last ? [`Night ${last.night}: ${last.headline}`] : []),
  ];
  const state =
    last === undefined && !open
      ? "never ran"
      : running
        ? "running"
        : open
          ? "broken off"
          : ageSeconds !== undefined && ageSeconds > maxAgeSeconds
            ? "missed"
            : "in time";
  const verdict = last?.exitCode ?? Exit.unknown;
  const exitCode = trouble.length > 0 && verdict === Exit.pass ? Exit.unknown : verdict;
  return {
    ...{ version: 1, state, exitCode, says },
    ...(ageSeconds !== undefined && { ageSeconds: Math.round(ageSeconds) }),
    ...(last && { last }),
  };
}
