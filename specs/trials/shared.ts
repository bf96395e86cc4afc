// The trials that several specs share, and those that mostly wait. Each runs once in a whole run.
// By default they run one after the other, which is easier to follow. With `parallelTrials`, trials that do not interfere
// run in parallel as soon as one of them is requested, because a whole run is faster that way.
import type { Evidence } from "../../fixtures/evidence/evidence.ts";
import type { Check } from "../../fixtures/judgement.ts";
import type { Action } from "../../fixtures/target/inventory.ts";
import { withBroken, withStrays } from "../automation/trials/stacks.ts";
import { gatewayAlone } from "../firewall/claims/docker-host.ts";
import { ruleInForce } from "../firewall/claims/gateway-rule.ts";
import { ruleDecides } from "../firewall/trials/gateway-rule.ts";
import { reachableFrom, triesOf } from "../firewall/trials/reachability.ts";
import { vhostServesPortainer } from "../gateway/claims/vhost.ts";
import { arrive } from "../gateway/trials/arrivals.ts";
import { portsOf } from "../security/claims/ports.ts";
import { exportForRoot } from "../storage/claims/export.ts";
import { rootOwns, sameFiles } from "../storage/trials/volume.ts";
import type { TrialContext } from "../test.ts";

/** One trial: the action that the target must allow, its precondition, and how it runs. */
export interface Trial<T> {
  readonly needs: Action;
  /** The precondition for running it before it is requested; a spec that requests it checks this, and more, itself. */
  readonly first?: (e: Evidence) => readonly Check[];
  readonly make: (trialContext: TrialContext) => Promise<T>;
}

const shared = {
  strays: { needs: "apply", make: ({ target, hypervisor }) => withStrays(target, hypervisor) },
  broken: { needs: "apply", make: ({ target, hypervisor }) => withBroken(target, hypervisor) },
  denial: {
    needs: "firewall-trial",
    first: ruleInForce,
    make: ({ target, hypervisor }) => ruleDecides(target, hypervisor),
  },
  reachability: {
    needs: "firewall-trial",
    first: gatewayAlone,
    make: ({ target, hypervisor, evidence }) =>
      reachableFrom(target, hypervisor, triesOf(target.deployment, portsOf(evidence))),
  },
  arrivals: {
    needs: "upstream-trial",
    first: vhostServesPortainer,
    make: ({ target, hypervisor, client }) => arrive(target, hypervisor, client),
  },
  files: { needs: "apply", make: ({ target, hypervisor }) => sameFiles(target, hypervisor) },
  owners: {
    needs: "apply",
    first: exportForRoot,
    make: ({ target, hypervisor }) => rootOwns(target, hypervisor),
  },
} as const satisfies Record<string, Trial<unknown>>;

type Shared = typeof shared;

/** The action that each shared trial needs the target to allow. */
export const trialNeeds: Readonly<Record<string, Action>> = Object.fromEntries(
  Object.entries(shared).map(([name, { needs }]) => [name, needs]),
);

/**
 * Groups that run in parallel. Trials in a group run in order: two docker-feature runs would collide, and while egress
 * is denied every port looks closed to the gateway.
 */
const groups = [
  ["strays", "broken"],
  ["denial", "reachability"],
  ["arrivals"],
  ["files"],
  ["owners"],
] as const;

/** The result of a shared trial. @throws the trial's own error. */
export function trial<N extends keyof Shared>(trialContext: TrialContext, name: N) {
  return made<Shared, N>(shared, groups, trialContext, name);
}

/**
 * The result of the trial called `name`, which runs once. With `parallelTrials`, all other trials in `parallel` that the target
 * allows and whose precondition holds run too. All have ended when this returns; an error is kept for the spec that requests its trial.
 * @throws the error of this trial.
 */
export async function made<T extends Readonly<Record<string, Trial<unknown>>>, N extends keyof T & string>(
  trials: T,
  parallel: readonly (readonly (keyof T & string)[])[],
  trialContext: TrialContext,
  name: N,
): Promise<Awaited<ReturnType<T[N]["make"]>>> {
  const make = (one: keyof T & string) =>
    trialContext.once(`trial: ${one}`, async () => trials[one]?.make(trialContext));
  if (trialContext.parallelTrials) {
    const group = async (names: readonly (keyof T & string)[]) => {
      for (const one of names)
        if (one === name || canRun(trials[one] as Trial<unknown>, trialContext))
          await make(one).catch(() => {});
    };
    await Promise.all(parallel.map(group));
  }
  return (await make(name)) as Awaited<ReturnType<T[N]["make"]>>;
}

function canRun({ needs, first }: Trial<unknown>, { target, evidence }: TrialContext): boolean {
  if (!target.allows.includes(needs)) return false;
  try {
    return first === undefined || first(evidence).every(({ ok }) => ok);
  } catch {
    return false; // the precondition is undetermined; the spec that requests the trial reports it
  }
}
