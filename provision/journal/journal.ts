// The journal on the target, as the client sees it: entries, who works on them, and what their agents say.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CannotTell, problem, Refused } from "../../fixtures/errors.ts";
import type { Hypervisor, Ran } from "../../fixtures/target/hypervisor.ts";
import { type Meta, readMeta } from "./meta.ts";
import { sha256 } from "./pack.ts";

/** Where everything of ours on a target lives, readable by root alone, and where agents say what they do. */
export interface Places {
  readonly home: string;
  readonly scratch: string;
}
export const places: Places = { home: "/var/lib/phoenix-acceptance", scratch: "/run/phoenix-acceptance" };

const phases = ["applying", "applied", "undoing", "undone"] as const;
const states = ["todo", "doing", "made", "undoing"] as const;

/** One apply, as the journal has it. */
export interface Entry {
  readonly name: string;
  readonly phase: (typeof phases)[number];
  readonly confirmation: "none" | "unconfirmed" | "confirmed" | "expired";
  /** Seconds until its timer rolls it back; `gone` when it should have a timer and has none. */
  readonly remaining: number | "gone" | undefined;
  readonly changes: readonly { readonly number: string; readonly state: (typeof states)[number] }[];
  readonly meta: Meta;
}

export interface Journal {
  /** Who works on the target now. */
  readonly holder: string | undefined;
  /** Oldest first. */
  readonly entries: readonly Entry[];
}

/** An agent at work on the target; it needs nobody to go on. */
export interface Agent {
  readonly entry: string;
  readonly pid: number;
}

const scripts = Object.fromEntries(
  ["begin", "start", "follow", "state", "outcome", "stop"].map((name) => [
    name,
    readFileSync(join(import.meta.dirname, `${name}.sh`), "utf8"),
  ]),
) as Record<"begin" | "start" | "follow" | "state" | "outcome" | "stop", string>;

const decode = (base64 = "") => Buffer.from(base64, "base64").toString("utf8");

/** Reads the journal. @throws CannotTell when the answer was cut off, or is not one of ours. */
export async function readJournal(hypervisor: Hypervisor, { home } = places): Promise<Journal> {
  const ran = await hypervisor.script(scripts.state, [home]);
  const lines = ran.out.trimEnd().split("\n");
  if (lines.pop() !== "end")
    throw new CannotTell(`the journal can't be read: ${ran.err.trim() || ran.out.slice(-200)}`);
  const [lock, ...entries] = lines;
  const [, held, holder] = lock?.split(" ") ?? [];
  return {
    holder: held === "held" ? decode(holder).trim() : undefined,
    entries: entries.map((line) => readEntry(line, home)),
  };
}

function readEntry(line: string, home: string): Entry {
  const [, name = "", phase, confirmation, remaining = "-", changes = "", meta] = line.split(" ");
  const numbered = changes
    .split(",")
    .filter(Boolean)
    .map((each) => each.split("."));
  const strange =
    !phases.includes(phase as Entry["phase"]) ||
    !["none", "unconfirmed", "confirmed", "expired"].includes(confirmation ?? "") ||
    numbered.some(([, state]) => !states.includes(state as (typeof states)[number]));
  const folder = `${home}/journal/${name}`;
  if (strange)
    throw new CannotTell(
      problem(`The journal has an entry that nobody wrote: ${folder}`, `ls -lR ${folder}`),
    );
  return {
    name,
    phase: phase as Entry["phase"],
    confirmation: confirmation as Entry["confirmation"],
    remaining: remaining === "-" ? undefined : remaining === "gone" ? "gone" : Number(remaining),
    changes: numbered.map(([number = "", state]) => ({ number, state: state as (typeof states)[number] })),
    meta: readMeta(decode(meta), `${folder}/plan.json`),
  };
}

/** The entry that was begun and neither finished nor undone; there is never more than one. */
export function unfinished({ entries }: Journal): Entry | undefined {
  return entries.find(
    ({ phase, confirmation }) =>
      phase === "applying" || phase === "undoing" || confirmation === "unconfirmed",
  );
}

/** Files of the target that are not what the plan saw; begin refused because of them. */
export class Moved extends Refused {
  readonly paths: readonly string[];
  constructor(paths: readonly string[]) {
    super(
      problem(
        `The target moved since the plan:\n${paths.map((path) => `  ${path}`).join("\n")}`,
        "npm run phoenix -- plan",
      ),
    );
    this.paths = paths;
  }
}

/**
 * Lays an archive into the journal and sets its agent to work. Nothing was changed when it throws.
 * @throws Refused when somebody else works there, an entry is unfinished, or the target moved; CannotTell when it can't be written.
 */
export async function begin(
  hypervisor: Hypervisor,
  archive: Buffer,
  { who, confirmWithin }: { readonly who: string; readonly confirmWithin: number },
  { home, scratch } = places,
): Promise<Agent> {
  const args = [home, scratch, sha256(archive), who, String(confirmWithin)];
  const ran = await hypervisor.script(scripts.begin, args, { input: archive });
  if (ran.code === 90) throw new Moved(ran.out.trimEnd().split("\n"));
  if (ran.code === 93)
    throw new Refused(
      problem(`Entry ${ran.out.trim()} of the journal is not finished`, "npm run phoenix -- status"),
    );
  refuseLock(ran);
  const [entry = "", pid] = ran.out.trim().split(" ");
  if (ran.code !== 0 || !/^\d{4}$/.test(entry))
    throw new CannotTell(
      problem(`The journal can't be written: ${ran.err.trim() || ran.out.trim()}`, `df ${home}`),
    );
  return { entry, pid: Number(pid) };
}

/**
 * Sets the agent of an entry to work: `run` finishes it, `undo` takes it back; with `overwrite` also where somebody
 * edited a file since, whose edit is then kept in the entry.
 * @throws Refused when somebody else works there.
 */
export async function start(
  hypervisor: Hypervisor,
  entry: string,
  who: string,
  work: readonly ["run"] | readonly ["undo", "keep" | "overwrite"],
  { home } = places,
): Promise<Agent> {
  const ran = await hypervisor.script(scripts.start, [home, entry, who, ...work]);
  refuseLock(ran);
  if (ran.code !== 0)
    throw new CannotTell(`entry ${entry} can't be worked on: ${(ran.err || ran.out).trim()}`);
  return { entry, pid: Number(ran.out.trim()) };
}

function refuseLock({ code, out }: Ran): void {
  if (code !== 91) return;
  throw new Refused(problem(`Somebody works on the target: ${out.trim()}`, "npm run phoenix -- status"));
}

/** Asks an agent to stop behind the change that it is at. */
export async function askToStop(hypervisor: Hypervisor, { pid }: Agent): Promise<void> {
  // By now its number may be somebody else's.
  const script = 'tr "\\0" " " <"/proc/$1/cmdline" | grep -q "/agent " && kill -TERM "$1"';
  await hypervisor.script(script, [String(pid)]);
}

/**
 * Ends whoever works on the target, with all that they started: the entry stays unfinished, for resume or rollback.
 * @returns how many processes were sent the signal.
 */
export async function breakLock(
  hypervisor: Hypervisor,
  signal: "TERM" | "KILL",
  { home } = places,
): Promise<number> {
  const ran = await hypervisor.script(scripts.stop, [home, signal]);
  if (ran.code !== 0) throw new CannotTell(`nobody could be stopped: ${ran.err.trim()}`);
  return Number(ran.out.trim());
}

/** Somebody looked and found it good: the timer rolls nothing back. @returns false when there was nothing to confirm. */
export async function confirm(hypervisor: Hypervisor, entry: string, { home } = places): Promise<boolean> {
  const script = 'cd "$1/journal/$2" && mv unconfirmed confirmed 2>/dev/null && sync .';
  return (await hypervisor.script(script, [home, entry])).code === 0;
}

/** What an agent says, line by line. Numbers are those of changes; 0000 is the entry as a whole. */
export type Said =
  | { readonly event: "begin" | "undo" | "settle"; readonly number: string }
  | { readonly event: "made" | "undone"; readonly number: string; readonly ms: number }
  | { readonly event: "failed"; readonly number: string; readonly code: number; readonly ms: number }
  | { readonly event: "left" | "foreign"; readonly number: string; readonly text: string }
  | { readonly event: "end"; readonly code: number };

/**
 * Hears an agent out: `onSaid` gets each line as it comes, the whole is returned.
 * @throws CannotTell when the agent is gone without an end: the next command will find the entry unfinished.
 */
export async function follow(
  hypervisor: Hypervisor,
  { entry }: Agent,
  onSaid: (said: Said) => void,
  { home, scratch } = places,
): Promise<Said[]> {
  let rest = "";
  const onOutput = (piece: string) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    // What tail itself complains of is no word of the agent's.
    for (const said of lines.map(readSaid)) if (said) onSaid(said);
  };
  const ran = await hypervisor.script(scripts.follow, [home, `${scratch}/${entry}`], {
    timeoutMs: 7_200_000,
    onOutput,
  });
  const all = ran.out
    .split("\n")
    .map(readSaid)
    .filter((said) => said !== undefined);
  if (all.at(-1)?.event === "end") return all;
  const what = `The agent of entry ${entry} is gone: killed, or the target was rebooted`;
  throw new CannotTell(problem(what, "npm run phoenix -- status"));
}

function readSaid(line: string): Said | undefined {
  const [event, number = "", value = "", ms = ""] = line.split(" ");
  if (event === "end") return { event, code: Number(number) };
  if (event === "begin" || event === "undo" || event === "settle") return { event, number };
  if (event === "made" || event === "undone") return { event, number, ms: Number(ms) };
  if (event === "failed") return { event, number, code: Number(value), ms: Number(ms) };
  if (event === "left" || event === "foreign") return { event, number, text: decode(value) };
  return undefined;
}

/** What the changes of an entry printed, by number; of phoenix-cli also which guest commands it ran. */
export interface AgentResult {
  readonly out: ReadonlyMap<string, string>;
  readonly execs: ReadonlyMap<string, string>;
}

/** Reads what an entry's agent kept of its commands' output; empty after a reboot. */
export async function outcome(
  hypervisor: Hypervisor,
  entry: string,
  { scratch } = places,
): Promise<AgentResult> {
  const ran = await hypervisor.script(scripts.outcome, [`${scratch}/${entry}`]);
  const of = (kind: string) =>
    new Map(
      ran.out
        .split("\n")
        .map((line) => line.split(" "))
        .filter(([word]) => word === kind)
        .map(([, number = "", text]) => [number, decode(text)] as const),
    );
  return { out: of("out"), execs: of("execs") };
}
