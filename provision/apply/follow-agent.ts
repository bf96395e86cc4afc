// Follows an agent on the target: shows its progress, passes Ctrl-C on to it, and reports how it ended.
import { CannotTell, problem } from "../../fixtures/errors.ts";
import { maskText } from "../../fixtures/evidence/mask-text.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { endingSignals } from "../../fixtures/interruptible.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { reasonOf } from "../../fixtures/reason.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import {
  type Agent,
  type AgentResult,
  askToStop,
  follow,
  outcome,
  places,
  type Said,
} from "../journal/journal.ts";
import type { Meta } from "../journal/meta.ts";

/** How an agent's work ended. */
export interface Ended {
  /** The agent's own code. 0: finished. 1: a change failed. 75: stopped on request. 94: files were edited since. */
  readonly code: number;
  readonly said: readonly Said[];
  readonly outcome: AgentResult;
  /** The change that failed, and why: the last words of its command, without secrets. */
  readonly failed?: string;
}

/** Follows an agent until it ends. Ctrl-C asks it to stop after the current change; no change is left half-made. */
export async function followAgent(
  hypervisor: Hypervisor,
  agent: Agent,
  meta: Meta,
  progress: Progress,
  where = places,
): Promise<Ended> {
  const shown = new Steps(meta, progress);
  let over = false;
  const stop = () => {
    progress.say("Stopping after this change. Press Ctrl-C again to detach; the target finishes on its own.");
    // As a second signal of any other kind does by itself.
    process.once("SIGINT", () => process.exit(Exit.interrupted));
    void untilHeard(
      () => askToStop(hypervisor, agent),
      () => over,
      progress.say,
    );
  };
  for (const signal of endingSignals) process.once(signal, stop);
  try {
    const said = await follow(hypervisor, agent, (each) => shown.take(each), where);
    const kept = await outcome(hypervisor, agent.entry, where);
    const last = said.at(-1);
    const failed = said.find((each) => each.event === "failed");
    return {
      code: last?.event === "end" ? last.code : Exit.bug,
      said,
      outcome: kept,
      ...(failed && {
        failed: maskText(`${nameOf(meta, failed.number)}: ${why(failed.code, kept.out.get(failed.number))}`),
      }),
    };
  } finally {
    over = true;
    shown.close();
    for (const signal of endingSignals) process.off(signal, stop);
  }
}

/**
 * Repeats a wish until the target has taken it, or until what it is about is over. If it can't be delivered, that is said.
 */
export async function untilHeard(
  wish: () => Promise<void>,
  isOver: () => boolean,
  say: (text: string) => void,
  { times = 5, pauseMs = 2000 } = {},
): Promise<void> {
  let why = "";
  for (let time = 0; time < times && !isOver(); time += 1) {
    try {
      return await wish();
    } catch (error) {
      why = reasonOf(error).split("\n")[0] ?? "";
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  if (isOver()) return;
  const what = `The target did not take the wish to stop, and goes on: ${why}`;
  say(problem(what, "npm run phoenix -- status   # then unlock, if it has to end now"));
}

const nameOf = ({ changes }: Meta, number: string) => {
  const change = changes[Number(number) - 1];
  return change ? `${change.step}: ${change.says}` : `change ${number}`;
};

function why(code: number, text = ""): string {
  const last = text.trim().split("\n").slice(-3).join(" | ").slice(-400);
  if (code === 124 || code === 137) return `timed out${last && `: ${last}`}`;
  return last || `exit code ${code}`;
}

/** Shows each change as a progress step, from when the agent begins it until the agent reports its end. */
class Steps {
  readonly #meta: Meta;
  readonly #progress: Progress;
  #end: ((error?: Error) => void) | undefined;

  constructor(meta: Meta, progress: Progress) {
    this.#meta = meta;
    this.#progress = progress;
  }

  take(said: Said): void {
    if (said.event === "begin" || said.event === "undo" || said.event === "settle") this.#begin(said);
    else if (said.event === "failed") this.#end?.(new CannotTell(""));
    else if (said.event === "made" || said.event === "undone") this.#end?.();
  }

  /** Ends the current step, if there is one: how it ended is unknown. */
  close(): void {
    this.#end?.(new CannotTell(""));
  }

  #begin({ event, number }: { event: string; number: string }): void {
    const verb = { begin: "", undo: "undo ", settle: "rerun " }[event] ?? "";
    const name = `[${Number(number)}/${this.#meta.changes.length}] ${verb}${nameOf(this.#meta, number)}`;
    const ended = new Promise<void>((resolve, reject) => {
      this.#end = (error) => {
        this.#end = undefined;
        if (error) reject(error);
        else resolve();
      };
    });
    this.#progress.step(name, () => ended).catch(() => {});
  }
}
