// What the commands that work on a target share: the target, reached once, and who may do what to it.
import { hostname, userInfo } from "node:os";
import { createInterface } from "node:readline/promises";
import { problem, Refused } from "../../fixtures/errors.ts";
import type { Progress } from "../../fixtures/progress.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import { readTarget, type Target } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { readFacts } from "../../provision/facts.ts";
import { type Entry, type Journal, readJournal, unfinished } from "../../provision/journal/journal.ts";
import { makePlan, type Plan } from "../../provision/plan.ts";
import { steps } from "../../provision/steps/index.ts";

export interface TargetOptions {
  readonly inventory: string;
  readonly target?: string;
  readonly json: boolean;
  readonly progress: Progress;
  readonly print: (text: string) => void;
  readonly colour: boolean;
}

export interface ChoiceOptions {
  readonly literal: boolean;
  readonly without: readonly string[];
  readonly only: readonly string[];
}

/** Connects to the chosen target and runs `work` on it; the connection ends with it. */
export async function onTarget<T>(
  options: TargetOptions,
  work: (hypervisor: Hypervisor, target: Target) => Promise<T>,
): Promise<T> {
  const target = readTarget(options.inventory, options.target);
  await using hypervisor = await connect(target);
  return await work(hypervisor, target);
}

/** Reads the target's facts and plans against them. */
export async function planFor(hypervisor: Hypervisor, target: Target, choice: ChoiceOptions): Promise<Plan> {
  return makePlan(await readFacts(hypervisor, target.tree), steps, { target: target.name, ...choice });
}

/** Who works on a target: enough for a colleague to find them. */
export function who(): string {
  return `${userInfo().username}@${hostname()}, process ${process.pid}, since ${new Date().toISOString()}`;
}

/** Asks for the target's name before something is done to it. @throws Refused without it, or with nobody to ask. */
export async function consent(target: string, question: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new Refused(problem("Nobody is there to ask", "the same command with --yes"));
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asked.question(`${question} ${target}? Type its name to go on: `);
  asked.close();
  if (answer.trim() !== target) throw new Refused("Nothing was changed.");
}

/** @throws Refused unless the inventory allows to change the target. */
export function mayChange({ name, allows }: Target): void {
  if (allows.includes("apply")) return;
  throw new Refused(problem(`The inventory does not allow to change ${name}`, 'add "apply" to its "allows"'));
}

/** A command of ours for this target, to be typed next. */
export function next({ inventory, target }: TargetOptions, command: string): string {
  return `npm run phoenix -- ${command} --inventory ${inventory}${target === undefined ? "" : ` --target ${target}`}`;
}

/**
 * The journal of a target on which a new change may begin.
 * @throws Refused while an earlier one is neither finished nor undone, or somebody works there.
 */
export async function readyJournal(hypervisor: Hypervisor, options: TargetOptions): Promise<Journal> {
  const journal = await readJournal(hypervisor);
  if (journal.holder !== undefined)
    throw new Refused(problem(`Somebody works on the target: ${journal.holder}`, next(options, "status")));
  const entry = unfinished(journal);
  if (!entry) return journal;
  throw new Refused(`${standing(entry)}\n${choices(entry, options)}`);
}

/** One sentence on where an entry stands. */
export function standing(entry: Entry): string {
  const { name, meta, phase, confirmation, changes, remaining } = entry;
  const made = changes.filter(({ state }) => state === "made").length;
  const at = changes.find(({ state }) => state === "doing" || state === "undoing");
  const change = at && meta.changes[Number(at.number) - 1];
  const what = `Entry ${name}, ${meta.does} of ${meta.at} by ${meta.who.split(",")[0]}`;
  if (phase === "applying" || phase === "undoing") {
    const doing = phase === "applying" ? "is not finished" : "is half undone";
    return `${what}, ${doing}: ${made} of ${changes.length} changes are made${change ? `; at ${change.step}: ${change.says}` : ""}`;
  }
  if (confirmation === "unconfirmed") {
    if (remaining === "gone")
      return `${what}, was to be confirmed, and its timer is gone: the target was rebooted`;
    return `${what}, waits to be confirmed${remaining === undefined ? "" : ` for ${remaining} s`}, then undoes itself`;
  }
  const ended = confirmation === "expired" ? "was undone by its timer" : "is undone";
  return `${what}, ${phase === "undone" ? ended : `is applied: ${changes.length} changes`}`;
}

/** What can be typed next where an entry is not finished. */
export function choices({ phase, confirmation }: Entry, options: TargetOptions): string {
  const on = confirmation === "unconfirmed" && phase === "applied" ? "confirm " : "resume  ";
  const what = on === "confirm " ? "keep it" : "finish it";
  return `Next, one of:\n    ${next(options, on.trim())}   # ${what}\n    ${next(options, "rollback")}   # undo it`;
}
