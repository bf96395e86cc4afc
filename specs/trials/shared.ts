// The trials that several specs share, and those that wait more than they work. Each is made once for a whole run.
// One after the other is easier to follow. Where a whole run is what somebody waits for, those that stand each other are
// made at once, as soon as one of them is asked for: none of them changes what another one looks at.
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

/** One trial: what it does to the target, where it is worth making unasked, and how it is made. */
export interface Trial<T> {
  readonly needs: Action;
  /** What has to hold first; whoever asks for the trial looks at this, and more, for himself. */
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
  doors: {
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

/** What each shared trial needs to be allowed. */
export const trialNeeds: Readonly<Record<string, Action>> = Object.fromEntries(
  Object.entries(shared).map(([name, { needs }]) => [name, needs]),
);

/**
 * Those that stand each other; in a row, one after the other: two runs of the docker feature would meet, and behind a
 * denial every door looks closed to the gateway.
 */
const rows = [["strays", "broken"], ["denial", "doors"], ["arrivals"], ["files"], ["owners"]] as const;

/** What a shared trial came to. @throws what making it threw. */
export function trial<N extends keyof Shared>(trialContext: TrialContext, name: N) {
  return made<Shared, N>(shared, rows, trialContext, name);
}

/**
 * What the trial called `name` came to, made once. Where the context says so, all others that the target allows and that
 * are worth making are made at the same time; they have all ended when this returns, and each is asked for its own trouble.
 * @throws what making this one threw.
 */
export async function made<T extends Readonly<Record<string, Trial<unknown>>>, N extends keyof T & string>(
  trials: T,
  atOnce: readonly (readonly (keyof T & string)[])[],
  trialContext: TrialContext,
  name: N,
): Promise<Awaited<ReturnType<T[N]["make"]>>> {
  const make = (one: keyof T & string) =>
    trialContext.once(`trial: ${one}`, async () => trials[one]?.make(trialContext));
  if (trialContext.parallelTrials) {
    const row = async (names: readonly (keyof T & string)[]) => {
      for (const one of names)
        if (one === name || worthMaking(trials[one] as Trial<unknown>, trialContext))
          await make(one).catch(() => {});
    };
    await Promise.all(atOnce.map(row));
  }
  return (await make(name)) as Awaited<ReturnType<T[N]["make"]>>;
}

function worthMaking({ needs, first }: Trial<unknown>, { target, evidence }: TrialContext): boolean {
  if (!target.allows.includes(needs)) return false;
  try {
    return first === undefined || first(evidence).every(({ ok }) => ok);
  } catch {
    return false; // nobody could tell; whoever asks says so
  }
}
