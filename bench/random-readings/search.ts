// Makes texts of one kind, compares each, and shrinks those that differ.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { randomFrom } from "./choice.ts";
import type { Difference, Files, Kind, Result } from "./kinds.ts";
import { shrink } from "./shrink.ts";

/** How many texts had which result. */
export interface Counts {
  tried: number;
  same: number;
  refused: number;
  unknown: number;
  different: number;
}

export const noCounts = (): Counts => ({ tried: 0, same: 0, refused: 0, unknown: 0, different: 0 });

/** A difference with the smallest files that show it. */
export interface Find extends Difference {
  readonly round: number;
  readonly files: Files;
  /** The folder where the files are, until the search goes on. */
  readonly place: string;
}

export interface Search {
  readonly seed: string;
  /** The first round. */
  readonly from: number;
  /** A folder that the search may write in. */
  readonly folder: string;
  readonly count: Counts;
  readonly goesOn: () => boolean;
}

/** Compares the texts of a seed from one round on, and yields each that differs. */
export async function* search(
  kind: Kind,
  { seed, from, folder, count, goesOn }: Search,
): AsyncGenerator<Find> {
  const place = join(folder, kind.name);
  const compared = async (files: Files): Promise<Result> => {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(place, path)), { recursive: true });
      writeFileSync(join(place, path), text);
    }
    return await kind.compare(place, files);
  };
  const differs = async (files: Files) => {
    const result = await compared(files);
    return typeof result === "string" ? undefined : result;
  };
  for (let round = from; goesOn(); round++) {
    const made = kind.make(randomFrom(`${seed} ${round} ${kind.name}`));
    const result = await compared(made);
    count.tried++;
    if (typeof result === "string") {
      count[result]++;
      continue;
    }
    count.different++;
    const { files, difference } = await shrink(made, result, differs);
    await compared(files);
    yield { round, files, place, ...difference };
  }
}
