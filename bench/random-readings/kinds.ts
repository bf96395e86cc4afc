// The kinds of texts that are compared, and what each needs.
import type { Random } from "./choice.ts";
import { compose } from "./compose.ts";

/** What a comparison says: `unknown` if ours calls a part unknown and all others are the same; `refused` by both. */
export type Result = "same" | "refused" | "unknown" | { readonly ours: string; readonly theirs: string };

export interface Kind {
  readonly name: string;
  /** Why it can't be compared here; undefined if it can. */
  readonly absent: () => string | undefined;
  /** Files by their path. */
  readonly make: (random: Random) => Readonly<Record<string, string>>;
  readonly compare: (folder: string, files: Readonly<Record<string, string>>) => Result;
}

export const kinds = (composeProgram: string): readonly Kind[] => [compose(composeProgram)];
