// What plan, apply and rollback share: the target they work on, reached once.
import { mkdirSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname } from "node:path";
import { createInterface } from "node:readline/promises";
import { problem, Refused } from "../../fixtures/errors.ts";
import type { Progress } from "../../fixtures/progress.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import { readTarget, type Target } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { readFacts } from "../facts.ts";
import type { RunRecord } from "../phoenix-record.ts";
import { makePlan, type Plan } from "../plan.ts";
import { steps } from "../steps/index.ts";

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

/** Who holds a lock: enough for a colleague to find them. */
export function who(): string {
  return `${userInfo().username}@${hostname()}, process ${process.pid}, since ${new Date().toISOString()}`;
}

/** Writes the record of a run for the judge. */
export function writeRecord(file: string | undefined, record: RunRecord): void {
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
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
