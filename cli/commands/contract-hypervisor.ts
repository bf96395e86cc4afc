// `contract hypervisor`: holds a host to what the stand-in promises to have in common with it. Reads, and changes nothing.
import { agreement, lastAgreement, record, versionOf } from "../../fixtures/standin/contract/agreed.ts";
import { play, type ScenarioResult } from "../../fixtures/standin/contract/play.ts";
import { exitCode, report } from "../../fixtures/standin/contract/report.ts";
import { scenarios } from "../../fixtures/standin/contract/scenarios/index.ts";
import { consent, onTarget, type TargetOptions } from "../target/on-target.ts";

export interface ContractOptions extends TargetOptions {
  readonly yes: boolean;
  /** Writes down that the host agrees, where all that it was asked does. */
  readonly record: boolean;
}

/** Asks every read-only scenario, one after another. Returns 0 when all agree, 1 when one differs, 2 when one could not tell. */
export async function contractHypervisor(options: ContractOptions): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    const guests = { ctid: target.deployment.gateway.ctid, vmid: target.deployment.dockerHost.vmid };
    const all = scenarios(guests);
    const asked = all.filter(({ readOnly }) => readOnly);
    if (!options.yes) {
      options.progress.say(
        `${asked.length} of ${all.length} scenarios only read. In CT ${guests.ctid} and VM ${guests.vmid} they run echo, cat, true, sh and sleep.`,
      );
      await consent(target.name, "Ask them of");
    }
    const outcomes: ScenarioResult[] = [];
    await options.progress.step(`asking ${target.name}, about 40 s`, async () => {
      for (const scenario of all)
        outcomes.push(await play(hypervisor, scenario, guests, { mayChange: false, slow: true }));
    });
    const last = options.record
      ? record(target, await versionOf(hypervisor), all, outcomes)
      : lastAgreement();
    options.print(
      options.json
        ? `${JSON.stringify({ target: target.name, kind: target.kind, lastAgreed: last ?? null, outcomes }, null, 2)}\n`
        : report(all, outcomes, agreement(all, last)),
    );
    return exitCode(outcomes);
  });
}
