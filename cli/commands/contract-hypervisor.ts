// `contract hypervisor`: compares a Proxmox VE host with the contract of the stand-in. Changes nothing.
import { agreement, lastAgreement, record, versionOf } from "../../fixtures/standin/contract/agreed.ts";
import { play, type ScenarioResult } from "../../fixtures/standin/contract/play.ts";
import { exitCode, report } from "../../fixtures/standin/contract/report.ts";
import { guestsOf } from "../../fixtures/standin/contract/scenario.ts";
import { scenarios } from "../../fixtures/standin/contract/scenarios/index.ts";
import { consent, onTarget, type TargetOptions } from "../target/on-target.ts";

export interface ContractOptions extends TargetOptions {
  readonly yes: boolean;
  /** Writes the agreement into the contract if every answer agrees. */
  readonly record: boolean;
}

/** Runs every read-only scenario, in order. Returns `pass` if all agree, `fail` if one differs, `unknown` if one has no answer. */
export async function contractHypervisor(options: ContractOptions): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    const guests = guestsOf(target.deployment);
    const all = scenarios(guests);
    const asked = all.filter(({ readOnly }) => readOnly);
    if (!options.yes) {
      options.progress.say(
        `${asked.length} of ${all.length} scenarios are read-only. In CT ${guests.ctid} and VM ${guests.vmid} they run echo, cat, true, sh and sleep.`,
      );
      await consent(target.name, "Run them on");
    }
    const outcomes: ScenarioResult[] = [];
    await options.progress.step(`running the scenarios on ${target.name}, about 40 s`, async () => {
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
