// Work that acts on a target: guarded by the target's own timer, and everything that it made is removed, also on Ctrl-C.
import { CannotTell } from "../../fixtures/errors.ts";
import type { Progress } from "../../fixtures/progress.ts";
import type { Action, Target } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import type { Verdicts } from "../../reports/verdicts.ts";
import { guardTarget } from "./guard.ts";
import { removeObjects } from "./objects.ts";

/** Where it runs. */
export interface Place {
  readonly target: Target;
  readonly allowed: readonly Action[];
  readonly progress: Progress;
  /** The command's own: when it is interrupted, the work is stopped, and then what it made is removed. */
  readonly resources: AsyncDisposableStack;
}

/**
 * Runs the work, and returns its verdicts with what an earlier run had left. The work stops when its resources are disposed
 * of. It gets a function that removes what it made in Portainer: once it has called that, it makes nothing more there.
 * @throws CannotTell if something can't be removed, or the timer on the target was faster; Refused while another run acts there.
 */
export async function actGuarded(
  { target, allowed, progress, resources }: Place,
  work: (resources: AsyncDisposableStack, removeMade: () => Promise<unknown>) => Promise<Verdicts>,
): Promise<{ verdicts: Verdicts; removed: readonly string[] }> {
  const cleanUp = resources.use(new AsyncDisposableStack());
  const hypervisor = cleanUp.use(await connect(target));
  const guarded = await guardTarget(hypervisor, target, progress.say);
  const objects = async () => (allowed.includes("make-user") ? removeObjects(hypervisor, target) : []);
  cleanUp.defer(() => guarded.end());
  let removedAlready = false;
  cleanUp.defer(async () => {
    if (removedAlready) return; // Portainer may be gone since, with the plan
    await objects().catch((error: Error) => {
      // What it made there stays for the next run to remove. The results count: the trials have ended.
      if (!(error instanceof CannotTell)) throw error;
      progress.say(`  ${error.message}`);
    });
  });
  const inner = cleanUp.use(new AsyncDisposableStack());
  try {
    const removed = [...guarded.removed, ...(await objects())];
    for (const what of removed) progress.note(`  removed what an earlier run had left: ${what}`);
    const removeMade = async () => {
      await objects();
      removedAlready = true;
    };
    return { verdicts: await work(inner, removeMade), removed };
  } finally {
    await progress.step("removing what the trials made", () => cleanUp.disposeAsync());
  }
}
