// Makes, saves and restores the named states of a kept stand-in: after the tree's own commands, and after the plan.
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { openClient } from "../../fixtures/evidence/client.ts";
import { collect, writeEvidence } from "../../fixtures/evidence/collect.ts";
import { portainerAnswers } from "../../fixtures/portainer/status.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { toType } from "../../fixtures/quote.ts";
import type { StandIn } from "../../fixtures/standin/standin.ts";
import { markState, restoreState, type StateName, saveState } from "../../fixtures/standin/states.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import { deploymentFile } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { project, startChild } from "../run/child.ts";
import { certificate } from "../target/guard.ts";

/** The stand-in and its states. Every method leaves it running in the given state, or throws. */
export class States {
  readonly run: string;
  readonly #standIn: StandIn;
  /** The last state that was reached; undefined while the stand-in may be between two states. */
  #now: StateName | undefined;
  /** The digest of the builder that made `planned`. */
  #plannedBy: string | undefined;

  constructor(run: string, standIn: StandIn) {
    this.run = run;
    this.#standIn = standIn;
    for (const phase of ["before", "after"]) mkdirSync(join(run, phase), { recursive: true, mode: 0o700 });
    copyFileSync(standIn.inventoryFile, join(run, "inventory.json"));
    copyFileSync(join(dirname(standIn.inventoryFile), deploymentFile), join(run, deploymentFile));
  }

  get now(): StateName | undefined {
    return this.#now;
  }

  /** Whether the state is saved. If not, it has to be made first. */
  has(state: StateName, builder: string): boolean {
    return this.#now !== undefined && (state === "fresh" || this.#plannedBy === builder);
  }

  /** Runs the tree's own commands on a newly started stand-in, and saves the result as `fresh`. */
  async first(progress: Progress): Promise<void> {
    await progress.step("phoenix-cli with the tree as it is", () => this.#phoenix("before", "converge"));
    await using hypervisor = await connect(this.#standIn.target);
    writeEvidence(join(this.run, "before", "evidence.json"), await collect(this.#standIn.target, hypervisor));
    await this.#keep("fresh", hypervisor);
  }

  /**
   * Restores a state, whatever was changed since. Makes `planned` if this builder has not made it yet.
   * Returns what was restored.
   */
  async to(state: StateName, builder: string, progress: Progress): Promise<readonly string[]> {
    if (state === "fresh" || this.#plannedBy === builder) return this.#restore(state, progress);
    if (this.#plannedBy !== undefined) progress.note("  provision/ has changed: applying the plan again");
    await this.#restore("fresh", progress);
    this.#now = undefined;
    await progress.step("applying the plan", () => this.#phoenix("after", "apply", "--yes"));
    await using hypervisor = await connect(this.#standIn.target);
    await progress.step("Portainer comes up", () => this.#comesUp(hypervisor, 5_000));
    await this.#keep("planned", hypervisor);
    this.#plannedBy = builder;
    return [];
  }

  async #keep(state: StateName, hypervisor: Hypervisor): Promise<void> {
    await saveState(hypervisor, state);
    await markState(hypervisor, state);
    this.#now = state;
  }

  async #restore(state: StateName, progress: Progress): Promise<readonly string[]> {
    this.#now = undefined;
    await using hypervisor = await connect(this.#standIn.target);
    const restored = await restoreState(hypervisor, state);
    if (state === "planned" && restored.some((line) => line.startsWith("guest ")))
      await progress.step("Portainer comes up", () => this.#comesUp(hypervisor, 20_000));
    await markState(hypervisor, state);
    this.#now = state;
    return restored;
  }

  async #comesUp(hypervisor: Hypervisor, ms: number): Promise<void> {
    const { target } = this.#standIn;
    await using client = openClient(target, await certificate(hypervisor, target));
    await portainerAnswers(client, ms);
  }

  /** Runs one command of our command line, as a user would type it. */
  async #phoenix(phase: string, command: string, ...more: string[]): Promise<void> {
    const log = join(this.run, phase, `${command}.log`);
    const where = ["--inventory", join(this.run, "inventory.json"), "--target", this.#standIn.target.name];
    const record = ["--record", join(this.run, phase, "record.json")];
    const child = startChild(
      [join(project, "cli", "main.ts"), command, ...where, ...record, ...more],
      {},
      { log, privateFolder: this.run },
    );
    child.closeInput();
    const code = await child.ended;
    // The judge evaluates exit codes 0 and 1. Anything else is an error of ours.
    if (code <= 1) return;
    const said = readFileSync(log, "utf8").split("\nNext")[0]?.trimEnd().split("\n").slice(-3).join("\n  ");
    throw new BadInput(problem(`${command} ended with exit code ${code}:\n  ${said}`, toType`less ${log}`));
  }
}
