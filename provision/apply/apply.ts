// Runs a plan exactly: it is laid into the journal on the target whole, and an agent there makes each change or none of it.
import type { Progress } from "../../fixtures/progress.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import { askToStop, begin, places } from "../journal/journal.ts";
import { type Meta, type MetaOptions, metaOf } from "../journal/meta.ts";
import { pack } from "../journal/pack.ts";
import { changesOf, type Plan } from "../plan.ts";
import { attend, type Ended } from "./follow-agent.ts";

export interface Applied extends Ended {
  readonly entry: string;
  readonly meta: Meta;
}

/**
 * Makes every change of the plan, in order, and stops at the first that fails. The target needs us for none of it: what
 * we lose sight of ends by itself, or is found unfinished by the next command.
 * @throws Refused when nothing was begun (lock, unfinished entry, target that moved); CannotTell when its end was not seen.
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
  // A wish to stop while the entry is on its way is kept until there is an agent to tell.
  let stop = false;
  const wish = () => {
    stop = true;
  };
  process.once("SIGINT", wish).once("SIGTERM", wish);
  const agent = await begin(hypervisor, archive, options, where).finally(() => {
    process.off("SIGINT", wish).off("SIGTERM", wish);
  });
  if (stop) await askToStop(hypervisor, agent);
  return { entry: agent.entry, meta, ...(await attend(hypervisor, agent, meta, progress, where)) };
}
