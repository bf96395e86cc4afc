// Reads the documents of many runs, one at a time, and keeps a few bytes of each. Of each target the two newest are kept whole.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { compile } from "../../fixtures/schema.ts";
import { readRun } from "../run/file.ts";
import { type Outline, outlineSchema, outlinesOf, readOutline } from "../run/outline.ts";
import { isJudged, type Run, type RunTarget } from "../run/run.ts";

/** One target with its past. */
export interface History {
  readonly target: string;
  /** Oldest first. */
  readonly nights: readonly Outline[];
  /** The newest result, whole, and the run that it is of; none if there never was one. */
  readonly now?: Whole;
  /** The one before it. */
  readonly earlier?: Whole;
  /** The last run, if it is one whose document can't be read. */
  readonly unread?: Unread;
}

/** A document that was left out. */
export interface Unread {
  readonly file: string;
  /** Its last folders, which say which target's run it is and not where this machine keeps it. */
  readonly name: string;
  /** One line. */
  readonly why: string;
}

/** A result with its run, whose other targets are left out. */
export interface Whole {
  readonly run: Omit<Run, "targets">;
  readonly target: RunTarget;
  /** The folder of the run, for what lies beside its document. */
  readonly folder: string;
}

/** What was read, and what to read the faster next time. */
export interface Collected {
  /** Sorted by name. */
  readonly histories: readonly History[];
  readonly read: Known;
  /** What can't be read, and is left out: half of it was written, or another version of the suite wrote it. */
  readonly unread: readonly Unread[];
  /** How many documents were read now; the others were known. */
  readonly fresh: number;
}

/** By the identity of a file: its nights. */
export type Known = Readonly<Record<string, readonly Outline[]>>;

/** As deep as a folder of nights keeps a target's run: `NIGHTS/<target>/<night>/run.json`. */
const deepest = 2;

/** A run's own document; if there is none, those of the folders in it. */
function below(folder: string, depth: number): string[] {
  const own = join(folder, "run.json");
  if (existsSync(own)) return [own];
  if (depth === 0) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => below(join(folder, name), depth - 1));
}

function wholeIn({ targets, ...run }: Run, name: string, file: string): Whole | undefined {
  const target = targets.find((one) => one.target === name);
  return target && isJudged(target) ? { run, target, folder: join(file, "..") } : undefined;
}

interface Placed {
  readonly night: Outline;
  /** None if its document is gone. */
  readonly file?: string;
}

/** The documents below these paths: a file, a run's folder, or a folder of such folders. @throws BadInput if there is none. */
export function documentsIn(paths: readonly string[]): string[] {
  const found = paths.flatMap((path) => {
    if (!existsSync(path)) throw new BadInput(problem(`There is no ${path}`, "ls -t reports/out"));
    if (statSync(path).isFile()) return [path];
    return below(path, deepest);
  });
  if (found.length === 0)
    throw new BadInput(
      problem(`No run in ${paths.join(", ")}: a run's folder holds run.json`, "ls reports/out"),
    );
  return [...new Set(found.map((file) => resolve(file)))].toSorted();
}

/** Reads what is not known. @throws BadInput if no run is on a target; if no document can be read, as the first one says, with line and column. */
export function collect(files: readonly string[], known: Known = {}): Collected {
  const read: Record<string, readonly Outline[]> = {};
  const of = new Map<string, Map<string, Placed>>();
  const keep = (nights: readonly Outline[], file?: string) => {
    for (const night of nights) {
      const all = of.get(night.target) ?? new Map<string, Placed>();
      // A run that was moved is the same run.
      if (file !== undefined || !all.has(night.at))
        all.set(night.at, { night, ...(file !== undefined && { file }) });
      of.set(night.target, all);
    }
  };
  // Registers are few, and nights are many: one list of ids serves all nights of a register.
  const registers = new Map<string, readonly string[]>();
  const shared = (night: Outline): Outline => {
    if (night.ids.length === 0) return night;
    const ids = registers.get(night.register) ?? night.ids;
    registers.set(night.register, ids);
    return { ...night, ids };
  };
  const newest = new Map<string, readonly { readonly file: string; readonly whole: Whole }[]>();
  let fresh = 0;
  const unread = new Map<string, Unread & { readonly error: BadInput }>();
  const leaveOut = (file: string, error: unknown) => {
    if (!(error instanceof BadInput)) throw error;
    unread.set(file, { ...unreadOf(file, error), error });
  };
  const takeIn = (file: string) => {
    const key = identityOf(file);
    let nights = known[key];
    if (nights === undefined) {
      nights = readOutline(file)?.map(shared);
      if (nights !== undefined) fresh += 1;
    }
    if (nights === undefined) {
      const run = readRun(file);
      nights = outlinesOf(run).map(shared);
      fresh += 1;
      // The newest ones are needed whole: kept now, they are not read twice.
      for (const { target } of nights) {
        const found = wholeIn(run, target, file);
        const two = [...(newest.get(target) ?? []), ...(found ? [{ file, whole: found }] : [])];
        newest.set(
          target,
          two.toSorted((a, b) => (a.whole.run.startedAt < b.whole.run.startedAt ? 1 : -1)).slice(0, 2),
        );
      }
    }
    read[key] = nights;
    keep(nights, file);
  };
  for (const file of files)
    try {
      takeIn(file);
    } catch (error) {
      leaveOut(file, error);
    }
  // Old runs are removed, and the trend goes on: what was read once is kept.
  for (const [key, nights] of Object.entries(known))
    if (read[key] === undefined) {
      read[key] = nights;
      keep(nights);
    }
  const whole = (file: string, name: string): Whole | undefined => {
    const kept = newest.get(name)?.find((one) => one.file === file);
    if (kept || unread.has(file)) return kept?.whole;
    try {
      return wholeIn(readRun(file), name, file);
    } catch (error) {
      leaveOut(file, error);
      return undefined;
    }
  };
  const histories = [...of].map(([target, all]): History => {
    const sorted = [...all.values()].toSorted((one, two) => (one.night.at < two.night.at ? -1 : 1));
    const judged = sorted.flatMap(({ night, file }) => (night.kind === "no result" || !file ? [] : [file]));
    const wholes: Whole[] = [];
    for (const file of judged.toReversed()) {
      if (wholes.length === 2) break;
      const found = whole(file, target);
      if (found) wholes.push(found);
    }
    const [last, before] = wholes;
    const own = [...unread.values()].filter(
      ({ file, name }) => folderOf(name) === target || sorted.some((one) => one.file === file),
    );
    const nights = withUnread(target, sorted, own);
    const newest = own.find(({ name }) => nights.at(-1)?.trouble === troubleOf({ name }));
    return {
      ...{ target, nights, ...(last && { now: last }), ...(before && { earlier: before }) },
      ...(newest && { unread: newest }),
    };
  });
  const [first] = unread.values();
  if (histories.length === 0 && first) throw first.error;
  if (histories.length === 0)
    throw new BadInput(
      problem(
        "No run on a target: the site is about targets, and these runs judged trees",
        "ls -d reports/out/*-verify",
      ),
    );
  return {
    histories: histories.toSorted((one, two) => (one.target < two.target ? -1 : 1)),
    unread: [...unread.values()].map(({ error: _, ...one }) => one),
    ...{ read, fresh },
  };
}

/** How many folders of a path the site names: `<target>/<night>/run.json`. */
const foldersNamed = 3;

function unreadOf(file: string, { message }: BadInput): Unread {
  const name = file.split("/").slice(-foldersNamed).join("/");
  const [first = "", second = ""] = message.replaceAll(file, name).split("\n");
  return { file, name, why: first.endsWith(":") ? `${first} ${second.trim()}` : first };
}

const folderOf = (name: string) => basename(dirname(dirname(name)));

/** The start of a run by its folder's name, as `nightly` and `verify` name it; else the time of its document. */
function beganAt({ file }: Unread): string {
  const [, day, hour, minute, second] =
    /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)/.exec(basename(dirname(file))) ?? [];
  if (day !== undefined) return `${day}T${hour}:${minute}:${second}.000Z`;
  return new Date(existsSync(file) ? statSync(file).mtimeMs : 0).toISOString();
}

const troubleOf = ({ name }: Pick<Unread, "name">) => `its document can't be read: ${name}`;

/** A run whose document can't be read is a run without a result, also if an earlier build could read it. */
function withUnread(target: string, sorted: readonly Placed[], unread: readonly Unread[]): Outline[] {
  const lost = unread.map((one): Outline => {
    const at = sorted.find(({ file }) => file === one.file)?.night.at ?? beganAt(one);
    const about = {
      kind: "no result",
      verdict: "error",
      register: "",
      deployment: "",
      letters: "",
      ids: [],
    } as const;
    return { at, target, ...about, trouble: troubleOf(one) };
  });
  const seconds = new Set(lost.map(({ at }) => at.slice(0, 19)));
  const kept = sorted.flatMap(({ night }) => (seconds.has(night.at.slice(0, 19)) ? [] : [night]));
  return [...kept, ...lost].toSorted((one, two) => (one.at < two.at ? -1 : 1));
}

/** A file that was not written to since is the same. Its path stays here: the site may be published. */
function identityOf(file: string): string {
  const { size, mtimeMs, ino } = statOf(file);
  return createHash("sha256")
    .update(JSON.stringify([file, size, mtimeMs, ino]))
    .digest("hex")
    .slice(0, 32);
}

function statOf(file: string) {
  try {
    return statSync(file);
  } catch (error) {
    throw new BadInput(
      problem(`No run can be read from ${file}: ${(error as Error).message}`, "ls -t reports/out"),
    );
  }
}

interface KnownDocument {
  /** By the digest of a register: its requirements, in order. */
  readonly registers: Readonly<Record<string, readonly string[]>>;
  readonly nights: Readonly<Record<string, readonly Omit<Outline, "ids">[]>>;
}

const checkKnown = compile<KnownDocument>("list of read runs", {
  type: "object",
  required: ["registers", "nights"],
  properties: {
    registers: { type: "object", additionalProperties: { type: "array", items: { type: "string" } } },
    nights: {
      type: "object",
      additionalProperties: {
        type: "array",
        items: outlineSchema,
      },
    },
  },
});

/** What an earlier build has read; nothing if it can't be read: then every document is read again. */
export function readKnown(file: string): Known {
  try {
    const { registers, nights } = checkKnown(JSON.parse(readFileSync(file, "utf8")), { file });
    const whole = (night: Omit<Outline, "ids">): Outline => ({
      ...night,
      ids: night.letters === "" ? [] : (registers[night.register] ?? []),
    });
    return Object.fromEntries(Object.entries(nights).map(([key, of]) => [key, of.map(whole)]));
  } catch {
    return {};
  }
}

/** The text that `readKnown` reads. */
export function knownText(known: Known): string {
  const registers: Record<string, readonly string[]> = {};
  const nights: Record<string, readonly Omit<Outline, "ids">[]> = {};
  for (const [key, of] of Object.entries(known))
    nights[key] = of.map(({ ids, ...night }) => {
      if (ids.length > 0) registers[night.register] ??= ids;
      return night;
    });
  return JSON.stringify({ registers, nights } satisfies KnownDocument);
}
