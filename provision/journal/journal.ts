// The client's view of the journal on the target: entries, the lock holder, and the agents' logs.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CannotTell, problem, Refused } from "../../fixtures/errors.ts";
import { quoteWord, toType } from "../../fixtures/quote.ts";
import type { Hypervisor, Ran, RunOptions } from "../../fixtures/target/hypervisor.ts";
import { type Meta, readMeta } from "./meta.ts";
import { sha256 } from "./pack.ts";

/** `home`: the suite's files on a target, readable only by root. `scratch`: the agents' logs. */
export interface Places {
  readonly home: string;
  readonly scratch: string;
}
export const places: Places = { home: "/var/lib/phoenix-acceptance", scratch: "/run/phoenix-acceptance" };

const phases = ["applying", "applied", "undoing", "undone"] as const;
const states = ["todo", "doing", "made", "undoing"] as const;

/** One entry of the journal: an apply or a converge. */
export interface Entry {
  readonly name: string;
  readonly phase: (typeof phases)[number];
  readonly confirmation: "none" | "unconfirmed" | "confirmed" | "expired";
  /** Seconds until its timer rolls it back; `gone` if its timer no longer runs. */
  readonly remaining: number | "gone" | undefined;
  readonly changes: readonly { readonly number: string; readonly state: (typeof states)[number] }[];
  readonly meta: Meta;
}

export interface Journal {
  /** Who holds the lock now. */
  readonly holder: string | undefined;
  /** Oldest first. */
  readonly entries: readonly Entry[];
}

/** An agent that runs on the target, independently of the client. */
export interface Agent {
  readonly entry: string;
  readonly pid: number;
}

const read = (name: string) => readFileSync(join(import.meta.dirname, `${name}.sh`), "utf8");
const names = ["begin", "start", "follow", "state", "outcome", "stop", "confirm"] as const;
const scripts = Object.fromEntries(names.map((name) => [name, read("owned") + read(name)]));

/**
 * Runs one of the journal's scripts, which first checks that only root and this user could have written the journal.
 * @throws CannotTell if this user may not read it, Refused if somebody else could have written it.
 */
async function ask(
  hypervisor: Hypervisor,
  name: (typeof names)[number],
  args: readonly string[],
  options?: RunOptions,
): Promise<Ran> {
  const ran = await hypervisor.script(scripts[name] ?? "", args, options);
  const path = quoteWord(ran.out.trimEnd().split("\n").at(-1) ?? "");
  if (ran.code === 96)
    throw new CannotTell(
      problem(`The user of this connection may not read the journal: ${path}`, toType`id; ls -ld ${path}`),
    );
  if (ran.code === 97)
    throw new Refused(
      problem(
        `Nothing in the journal is read or run: others than root could have written ${path}, or it is a link`,
        toType`ls -ld ${path}   # find out who made it; then: chown root: ${path}; chmod go-w ${path}`,
      ),
    );
  return ran;
}

const decode = (base64 = "") => Buffer.from(base64, "base64").toString("utf8");

/** Reads the journal. @throws CannotTell if the answer is incomplete or not valid. */
export async function readJournal(hypervisor: Hypervisor, { home, scratch } = places): Promise<Journal> {
  const ran = await ask(hypervisor, "state", [home, scratch]);
  const lines = ran.out.trimEnd().split("\n");
  if (lines.pop() !== "end")
    throw new CannotTell(`The journal can't be read: ${ran.err.trim() || ran.out.slice(-200)}`);
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
    throw new CannotTell(problem(`The journal has an invalid entry: ${folder}`, toType`ls -lR ${folder}`));
  return {
    name,
    phase: phase as Entry["phase"],
    confirmation: confirmation as Entry["confirmation"],
    remaining: remaining === "-" ? undefined : remaining === "gone" ? "gone" : Number(remaining),
    changes: numbered.map(([number = "", state]) => ({ number, state: state as (typeof states)[number] })),
    meta: readMeta(decode(meta), `${folder}/plan.json`),
  };
}

/** The entry that is neither finished nor rolled back, or not confirmed; there is never more than one. */
export function unfinished({ entries }: Journal): Entry | undefined {
  return entries.find(
    ({ phase, confirmation }) =>
      phase === "applying" || phase === "undoing" || confirmation === "unconfirmed",
  );
}

/** The refusal to begin because these files have changed since the plan. */
export class TargetChanged extends Refused {
  readonly paths: readonly string[];
  constructor(paths: readonly string[]) {
    super(
      problem(
        `The target has changed since the plan:\n${paths.map((path) => `  ${path}`).join("\n")}`,
        "npm run phoenix -- plan",
      ),
    );
    this.paths = paths;
  }
}

/**
 * Writes an archive to the journal and starts its agent. If it throws, nothing has been changed.
 * @throws Refused if the target is locked, an entry is unfinished, or the target has changed; CannotTell if the journal
 * can't be written.
 */
export async function begin(
  hypervisor: Hypervisor,
  archive: Buffer,
  { who, confirmWithin }: { readonly who: string; readonly confirmWithin: number },
  { home, scratch } = places,
): Promise<Agent> {
  const args = [home, scratch, sha256(archive), who, String(confirmWithin)];
  const ran = await ask(hypervisor, "begin", args, { input: archive });
  if (ran.code === 90) throw new TargetChanged(ran.out.trimEnd().split("\n"));
  if (ran.code === 93)
    throw new Refused(problem(`Entry ${ran.out.trim()} is not finished`, "npm run phoenix -- status"));
  refuseLock(ran);
  const [entry = "", pid] = ran.out.trim().split(" ");
  if (ran.code !== 0 || !/^\d{4}$/.test(entry))
    throw new CannotTell(
      problem(`The journal can't be written: ${ran.err.trim() || ran.out.trim()}`, toType`df ${home}`),
    );
  return { entry, pid: Number(pid) };
}

/**
 * Starts the agent of an entry: `run` finishes it, `undo` rolls it back. If files were edited since, `keep` refuses, and
 * `overwrite` saves the edited files in the entry first.
 * @throws Refused if the target is locked.
 */
export async function start(
  hypervisor: Hypervisor,
  entry: string,
  who: string,
  work: readonly ["run"] | readonly ["undo", "keep" | "overwrite"],
  { home } = places,
): Promise<Agent> {
  const ran = await ask(hypervisor, "start", [home, entry, who, ...work]);
  refuseLock(ran);
  if (ran.code !== 0) throw new CannotTell(`Entry ${entry} can't be started: ${(ran.err || ran.out).trim()}`);
  return { entry, pid: Number(ran.out.trim()) };
}

function refuseLock({ code, out }: Ran): void {
  if (code !== 91) return;
  throw new Refused(problem(`The target is locked by ${out.trim()}`, "npm run phoenix -- status"));
}

/** Asks an agent to stop after the current change. */
export async function askToStop(hypervisor: Hypervisor, { pid }: Agent): Promise<void> {
  // The process id may have been reused.
  const script = 'tr "\\0" " " <"/proc/$1/cmdline" | grep -q "/agent " && kill -TERM "$1"';
  await hypervisor.script(script, [String(pid)]);
}

/**
 * Signals every process that holds the lock, and all that they started. The entry stays unfinished, for resume or rollback.
 * @returns how many processes were signalled.
 */
export async function breakLock(
  hypervisor: Hypervisor,
  signal: "TERM" | "KILL",
  { home, scratch } = places,
): Promise<number> {
  const ran = await ask(hypervisor, "stop", [home, signal, scratch]);
  if (ran.code !== 0) throw new CannotTell(`The lock holder could not be stopped: ${ran.err.trim()}`);
  return Number(ran.out.trim());
}

/** Confirms an entry, which cancels its automatic rollback. @returns false if there was nothing to confirm. @throws CannotTell if it can't be written. */
export async function confirm(
  hypervisor: Hypervisor,
  entry: string,
  { home, scratch } = places,
): Promise<boolean> {
  const { code, err } = await ask(hypervisor, "confirm", [home, entry, scratch]);
  if (code === 0 || code === 95) return code === 0;
  throw new CannotTell(problem(`Entry ${entry} could not be confirmed: ${err.trim()}`, toType`df ${home}`));
}

/** A line of an agent's log. `number` is that of a change; 0000 is the whole entry. */
export type Said =
  | { readonly event: "begin" | "undo" | "settle"; readonly number: string }
  | { readonly event: "made" | "undone"; readonly number: string; readonly ms: number }
  | { readonly event: "failed"; readonly number: string; readonly code: number; readonly ms: number }
  | { readonly event: "left" | "foreign"; readonly number: string; readonly text: string }
  | { readonly event: "end"; readonly code: number };

/**
 * Follows an agent's log to its end: `onSaid` gets each line as it arrives; all lines are returned.
 * @throws CannotTell if the agent stopped without reporting its end: the next command finds the entry unfinished.
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
    // Lines that are not the agent's are skipped.
    for (const said of lines.map(readSaid)) if (said) onSaid(said);
  };
  const ran = await ask(hypervisor, "follow", [home, `${scratch}/${entry}`], {
    timeoutMs: 7_200_000,
    onOutput,
  });
  const all = ran.out
    .split("\n")
    .map(readSaid)
    .filter((said) => said !== undefined);
  if (all.at(-1)?.event === "end") return all;
  const what = `The agent of entry ${entry} stopped without reporting its end: it was killed, or the target rebooted`;
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

/** The output of an entry's changes by number; for phoenix-cli also the guest commands that it ran. */
export interface AgentResult {
  readonly out: ReadonlyMap<string, string>;
  readonly execs: ReadonlyMap<string, string>;
}

/** Reads the command output that an entry's agent saved; empty after a reboot. */
export async function outcome(
  hypervisor: Hypervisor,
  entry: string,
  { scratch } = places,
): Promise<AgentResult> {
  const ran = await ask(hypervisor, "outcome", [`${scratch}/${entry}`]);
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
