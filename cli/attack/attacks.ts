// The attacks by name: how often each is tried, and what it does.
import { loadSpecs } from "../../specs/light/judge.ts";
import { cuts, hostileAnswers } from "./connections.ts";
import { damagedEvidence, type Recorded } from "./damaged-evidence.ts";
import { fullDisks } from "./full-disks.ts";
import { hostileTrees } from "./hostile-trees.ts";
import { interrupts } from "./interrupts.ts";
import type { Outcome } from "./outcome.ts";
import { Random } from "./random.ts";

export type { Recorded };

export interface Given {
  readonly times: number;
  readonly seed: number;
  readonly recorded: Recorded;
  /** The folder of the run that was recorded. */
  readonly run: string;
  /** The environment for the command lines that are attacked. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends what an attack has started, also if it is interrupted itself. */
  readonly resources: AsyncDisposableStack;
}

interface Attack {
  readonly about: string;
  readonly times: number;
  readonly run: (given: Given, random: Random) => Promise<Outcome>;
}

export const attacks = {
  evidence: {
    about: "judging damaged evidence",
    times: 10_000,
    run: async ({ times, recorded }, random) => damagedEvidence(await loadSpecs(), recorded, times, random),
  },
  trees: {
    about: "judging hostile trees",
    times: 60,
    run: ({ times, env }, random) => hostileTrees(times, random, env),
  },
  cuts: {
    about: "cutting the connection while evidence is collected",
    times: 1000,
    run: ({ times, recorded }, random) => cuts(recorded, times, random),
  },
  answers: {
    about: "answering as a hostile server",
    times: 100,
    run: ({ times, recorded }, random) => hostileAnswers(recorded, times, random),
  },
  interrupts: {
    about: "interrupting commands",
    times: 60,
    run: ({ times, ...given }, random) => interrupts(times, random, given),
  },
  disks: {
    about: "filling disks",
    times: 30,
    run: ({ times, ...given }, random) => fullDisks(times, random, given),
  },
} satisfies Record<string, Attack>;

export type AttackName = keyof typeof attacks;

/** Runs one attack. The same seed tries the same things. */
export const runAttack = (name: AttackName, given: Given): Promise<Outcome> =>
  (attacks[name] as Attack).run(given, new Random(given.seed));
