// When runs began, and how far they are apart, in words.
import { counted } from "../../fixtures/counted.ts";
import type { History } from "./collect.ts";
import { timeOf } from "./look.ts";

/** The start of a run in words. */
export type Clock = (at: string) => string;

const known = new WeakMap<History, Clock>();

/** With seconds, if two runs of this target share a minute: their times would read the same. */
export function clockOf(history: History): Clock {
  const found = known.get(history) ?? clockFor(history);
  known.set(history, found);
  return found;
}

function clockFor({ nights }: History): Clock {
  const minutes = new Set(nights.map(({ at }) => at.slice(0, 16)));
  return minutes.size === nights.length ? timeOf : (at) => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}

const units = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
] as const;

/** `1 day`, `3 seconds`: the largest unit that fits twice, or once exactly. */
export function apart(one: string, other: string): string {
  const seconds = Math.round(Math.abs(Date.parse(other) - Date.parse(one)) / 1000);
  const [size, name] = units.find(([unit]) => seconds >= 2 * unit || seconds === unit) ?? [1, "second"];
  const count = Math.round(seconds / size);
  return counted(count, name);
}
