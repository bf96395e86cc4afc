// The kinds of texts that are compared, and what each needs.
import type { Random } from "./choice.ts";
import { compose } from "./compose.ts";
import { exports } from "./exports.ts";
import { firewall } from "./firewall.ts";
import { fstab } from "./fstab.ts";
import { nginx } from "./nginx.ts";

/** Files by their path. */
export type Files = Readonly<Record<string, string>>;

/** The two readings of a text that are not the same. */
export interface Difference {
  readonly ours: string;
  readonly theirs: string;
}

/** What a comparison says: `unknown` if ours calls a part unknown and all others are the same; `refused` by both. */
export type Result = "same" | "refused" | "unknown" | Difference;

export interface Kind {
  readonly name: string;
  /** Why it can't be compared here, and what to do about it; undefined if it can. */
  readonly absent: () => string | undefined;
  readonly make: (random: Random) => Files;
  /** Compares the files, which are in the folder too. */
  readonly compare: (folder: string, files: Files) => Result | Promise<Result>;
  /** Ends the programs that the comparison has started. */
  readonly close?: () => void;
}

/** The programs to compare with, by name or path. */
export interface Programs {
  readonly compose: string;
  readonly exportfs: string;
  /** A program that has Proxmox's modules: see firewall.ts. */
  readonly pve?: string | undefined;
}

export const kinds = (programs: Programs): readonly Kind[] => [
  compose(programs.compose),
  exports(programs.exportfs),
  fstab(),
  firewall(programs.pve),
  nginx("nginx"),
];
