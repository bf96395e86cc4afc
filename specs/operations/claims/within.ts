// Whether two texts of one file differ only where a change is allowed: in some lines, or at some keys of JSON.
import { diffArrays } from "diff";
import { parseJson } from "../../../fixtures/schema.ts";

/** Lines that may be removed from a file, and lines that may be added to it. The order of all others stays. */
export interface OnlyLines {
  readonly removed: RegExp;
  readonly added: RegExp;
  /** What counts of a line; without it, all of it. */
  readonly as?: (line: string) => string;
  /** The parts of the whole text that have to be the same ones, in the same order, wherever lines may be added. */
  readonly parts?: (text: string, path: string) => readonly string[];
}

/**
 * Keys of a JSON file that may differ, with all below them, such as `network/nfs_server`. An asterisk is any one key. An
 * item of a list has its `vmid` as its key, else its index.
 */
export interface OnlyKeys {
  readonly keys: readonly string[];
}

/** The differences that are not allowed, one phrase each; empty if there are none. @throws BadInput for a text that is not JSON. */
export function outside(
  only: OnlyLines | OnlyKeys,
  path: string,
  was: string,
  is: string,
): readonly string[] {
  if ("keys" in only) {
    const read = (text: string) => parseJson(text, path);
    return changedKeys(read(was), read(is), [])
      .filter((changed) => !only.keys.some((allowed) => isBelow(changed, allowed.split("/"))))
      .map((changed) => `/${changed.join("/")} changed`);
  }
  const { removed, added, as = (line) => line, parts } = only;
  const lines = (text: string) => text.split("\n").map(as);
  const found = differing(lines(was), lines(is), removed, added);
  // A part that is gone has been said by its lines.
  return found.length > 0 || !parts ? found : differing(parts(was, path), parts(is, path), nothing, nothing);
}

/** Matches no line. */
export const nothing = /(?!)/;

/** What was removed and added of a list, one phrase each, apart from what matches. */
function differing(was: readonly string[], is: readonly string[], removed: RegExp, added: RegExp): string[] {
  return diffArrays([...was], [...is]).flatMap((part) => {
    const allowed = part.added ? added : part.removed ? removed : /^/;
    return part.value
      .filter((line) => !allowed.test(line))
      .map((line) => `${part.added ? "added" : "removed"} ${JSON.stringify(line.trim().slice(0, 120))}`);
  });
}

const isBelow = (path: readonly string[], allowed: readonly string[]) =>
  allowed.every((key, at) => path[at] !== undefined && (key === "*" || key === path[at]));

/** The paths at which two values differ, each as near to its leaf as both have it. */
function changedKeys(was: unknown, is: unknown, path: readonly string[]): string[][] {
  const [old, now] = [entriesOf(was), entriesOf(is)];
  if (!old || !now || Array.isArray(was) !== Array.isArray(is)) return Object.is(was, is) ? [] : [[...path]];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const own = [...path, key];
    return old.has(key) && now.has(key) ? changedKeys(old.get(key), now.get(key), own) : [own];
  });
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (Array.isArray(value)) {
    const named = value.map((item: unknown) => (item as { vmid?: unknown } | null)?.vmid);
    const unique = value.length > 0 && named.every(Number.isInteger) && new Set(named).size === named.length;
    return new Map(value.map((item, at) => [String(unique ? named[at] : at), item]));
  }
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
}
