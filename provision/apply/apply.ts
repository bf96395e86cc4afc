// Applies a plan: writes it to the journal on the target, where an agent makes its changes; each is made fully or not at all.
import { endingSignals } from "../../fixtures/interruptible.ts";
import type { Progress } from "../../fixtures/progress.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import { askToStop, begin, places } from "../journal/journal.ts";
import { type Meta, type MetaOptions, metaOf } from "../journal/meta.ts";
import { pack } from "../journal/pack.ts";
import { changesOf, type Plan } from "../plan.ts";
import { type Ended, followAgent } from "./follow-agent.ts";

export interface Applied extends Ended {
  readonly entry: string;
  readonly meta: Meta;
}

/**
 * Makes every change of the plan, in order, and stops at the first that fails. The agent works without the client: if the
 * connection is lost, it finishes, or the next command finds the entry unfinished.
 * @throws Refused if nothing was started (lock, unfinished entry, changed target); CannotTell if its end was not seen.
 */
export async function apply(
  hypervisor: Hypervisor,
  plan: Plan,
  options: MetaOptions,
  progress: Progress,
  where = places,
): Promise<Applied> {
  const meta = metaOf(plan, options);
  const archive = await pack(
    meta,
    changesOf(plan).map(({ change }) => change),
  );
  // A signal that arrives before the agent has started is passed to it afterwards.
  let stop = false;
  const onSignal = () => {
    stop = true;
  };
  for (const signal of endingSignals) process.once(signal, onSignal);
  const agent = await begin(hypervisor, archive, options, where).finally(() => {
    for (const signal of endingSignals) process.off(signal, onSignal);
  });
  if (stop) await askToStop(hypervisor, agent);
  return { entry: agent.entry, meta, ...(await followAgent(hypervisor, agent, meta, progress, where)) };
}
