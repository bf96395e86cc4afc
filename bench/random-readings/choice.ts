// Choices that a seed decides.
import { createHash } from "node:crypto";

export interface Random {
  /** A whole number from 0 to below `limit`. */
  readonly below: (limit: number) => number;
  /** Whether something that happens once in `times` happens. */
  readonly once: (times: number) => boolean;
  readonly of: <T>(all: readonly T[]) => T;
  /** Some of the list, in its order: each with one chance in `times`. */
  readonly some: <T>(all: readonly T[], times?: number) => T[];
}

/** The choices of one seed: the same at every call with the same text. */
export function randomFrom(seed: string): Random {
  let state = createHash("sha256").update(seed).digest().readUInt32LE(0);
  const next = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const once = (times: number) => below(times) === 0;
  const of = <T>(all: readonly T[]): T => {
    const one = all[below(all.length)];
    if (one === undefined) throw new RangeError("a choice of nothing");
    return one;
  };
  return { below, once, of, some: (all, times = 2) => all.filter(() => once(times)) };
}
