// Shared by the commands that work on a target: the connection, the consent, and the state of its journal.
import { hostname, userInfo } from "node:os";
import { createInterface } from "node:readline/promises";
import { counted } from "../../fixtures/counted.ts";
import { problem, Refused } from "../../fixtures/errors.ts";
import { printable } from "../../fixtures/printable.ts";
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
  readonly quiet?: boolean;
  readonly progress: Progress;
  readonly print: (text: string) => void;
  readonly colour: boolean;
}

/** Exit codes of the agent on the target, `provision/journal/agent.sh`. */
export const agentExit = { done: 0, stopped: 75, filesEdited: 94 } as const;

export interface ChoiceOptions {
  readonly literal: boolean;
  readonly without: readonly string[];
  readonly only: readonly string[];
}

/** Connects to the chosen target, runs `work` on it, and closes the connection. `check` may refuse before it connects. */
export async function onTarget<T>(
  options: TargetOptions,
  work: (hypervisor: Hypervisor, target: Target) => Promise<T>,
  check: (target: Target) => void = () => {},
): Promise<T> {
  const target = readTarget(options.inventory, options.target);
  check(target);
  await using hypervisor = await connect(target);
  return await work(hypervisor, target);
}

/** Reads the facts of the target and makes a plan from them. */
export async function planFor(hypervisor: Hypervisor, target: Target, choice: ChoiceOptions): Promise<Plan> {
  return makePlan(await readFacts(hypervisor, target), steps, { target: target.name, ...choice });
}

/** Identifies this process for the lock and the journal: user, host, process id and start time. */
export function who(): string {
  return `${userInfo().username}@${hostname()}, process ${process.pid}, since ${new Date().toISOString()}`;
}

/** Asks the user to type the target's name. @throws Refused if they do not, or if standard input is not a terminal. */
export async function consent(target: string, question: string, progress: Progress): Promise<void> {
  if (!process.stdin.isTTY)
    throw new Refused(
      problem("Confirmation is needed, but standard input is not a terminal", "the same command with --yes"),
    );
  const answer = await progress.asking(async () => {
    using asked = createInterface({ input: process.stdin, output: process.stderr });
    return await asked.question(printable(`${question} ${target}? Type its name to continue: `));
  });
  if (answer.trim() !== target) throw new Refused("Nothing was changed.");
}

/** @throws Refused unless the inventory allows changes to the target. */
export function mayChange({ name, allows }: Target): void {
  if (allows.includes("apply")) return;
  throw new Refused(
    problem(
      `The inventory does not allow changes to ${name}`,
      `add "apply" to "allows" of ${name} in the inventory`,
    ),
  );
}

/** The command line that runs `command` on this target, for "Next:". */
export function next({ inventory, target }: TargetOptions, command: string): string {
  return `npm run phoenix -- ${command} --inventory ${inventory}${target === undefined ? "" : ` --target ${target}`}`;
}

/**
 * Reads the journal before a new apply.
 * @throws Refused while the target is locked, or an earlier entry is neither finished nor rolled back.
 */
export async function readyJournal(hypervisor: Hypervisor, options: TargetOptions): Promise<Journal> {
  const journal = await readJournal(hypervisor);
  if (journal.holder !== undefined)
    throw new Refused(problem(`The target is locked by ${journal.holder}`, next(options, "status")));
  const entry = unfinished(journal);
  if (!entry) return journal;
  throw new Refused(`${standing(entry)}\n${choices(entry, options)}`);
}

/** One sentence: the state of a journal entry. */
export function standing(entry: Entry): string {
  const { name, meta, phase, confirmation, changes, remaining } = entry;
  const made = changes.filter(({ state }) => state === "made").length;
  const at = changes.find(({ state }) => state === "doing" || state === "undoing");
  const change = at && meta.changes[Number(at.number) - 1];
  const what = `Entry ${name} (${meta.does} at ${meta.at} by ${meta.who.split(",")[0]})`;
  if (phase === "applying" || phase === "undoing") {
    const doing = phase === "applying" ? "is not finished" : "is partly rolled back";
    return `${what} ${doing}: ${made} of ${counted(changes.length, "change")} in place${change ? `; current change: ${change.step}: ${change.says}` : ""}`;
  }
  if (confirmation === "unconfirmed") {
    if (remaining === "gone")
      return `${what} waits for confirmation without a timer, because the target was rebooted: it will not roll back automatically`;
    return `${what} rolls back automatically${remaining === undefined ? "" : ` in ${remaining} s`} unless confirmed`;
  }
  const ended =
    confirmation === "expired"
      ? "was rolled back automatically: it was not confirmed in time"
      : "is rolled back";
  return `${what} ${phase === "undone" ? ended : `is applied: ${counted(changes.length, "change")}`}`;
}

/** The two commands that can follow an entry that is not finished. */
export function choices({ phase, confirmation }: Entry, options: TargetOptions): string {
  const on = confirmation === "unconfirmed" && phase === "applied" ? "confirm " : "resume  ";
  const what = on === "confirm " ? "keep it" : "finish it";
  return `Next, one of:\n    ${next(options, on.trim())}   # ${what}\n    ${next(options, "rollback")}   # undo it`;
}
