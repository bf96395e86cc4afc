// `contract hypervisor`: compares a Proxmox VE host with the contract of the stand-in. Changes nothing, unless the host may
// be thrown away.
import { problem, Refused } from "../../fixtures/errors.ts";
import { jsonText } from "../../fixtures/printable.ts";
import { agreement, lastAgreement, record, versionOf } from "../../fixtures/standin/contract/agreed.ts";
import { askContract } from "../../fixtures/standin/contract/ask.ts";
import { exitCode, report } from "../../fixtures/standin/contract/report.ts";
import { guestsOf } from "../../fixtures/standin/contract/scenario.ts";
import { scenarios } from "../../fixtures/standin/contract/scenarios/index.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { consent, onTarget, type TargetOptions } from "../target/on-target.ts";

export interface ContractOptions extends TargetOptions {
  readonly yes: boolean;
  /** Writes the agreement into the contract if every answer agrees. */
  readonly record: boolean;
  /** Also runs the scenarios that change something: on a host that may be thrown away. */
  readonly throwAway: boolean;
}

/** @throws Refused unless the inventory says of this target that it may be thrown away. */
export function mayBeThrownAway({ name, throwAway = false }: Pick<Target, "name" | "throwAway">): void {
  if (throwAway) return;
  throw new Refused(
    problem(
      `--throw-away restarts and removes guests, and the inventory does not say that ${name} may be thrown away`,
      `for a lab that nobody needs: add "throwAway": true to ${name} in the inventory`,
    ),
  );
}

/**
 * Runs every scenario that may be run, in order. Returns `pass` if all agree, `fail` if one differs, `unknown` if one has
 * no answer.
 */
export async function contractHypervisor(options: ContractOptions): Promise<number> {
  return onTarget(
    options,
    async (hypervisor, target) => {
      const guests = guestsOf(target.deployment);
      const all = scenarios(guests);
      const asked = all.filter(({ readOnly }) => readOnly || options.throwAway);
      if (!options.yes) {
        options.progress.say(
          options.throwAway
            ? `All ${all.length} scenarios are run. They create and destroy guests 7770 to 7773, set, stop and start CT ${guests.ctid} and VM ${guests.vmid}, change firewall files, storages and exports, and silence the guest agent once. An interrupted run leaves the host in any of these states.`
            : `${asked.length} of ${all.length} scenarios are read-only. In CT ${guests.ctid} and VM ${guests.vmid} they run echo, printf, cat, true, sh and sleep.`,
        );
        await consent(
          target.name,
          options.throwAway ? "Change and perhaps break" : "Run them on",
          options.progress,
        );
      }
      const minutes = options.throwAway ? "several minutes" : "about 40 s";
      const outcomes = await options.progress.step(
        `running the scenarios on ${target.name}, ${minutes}`,
        async () =>
          await askContract(hypervisor, target, {
            mayChange: options.throwAway,
            slow: true,
            ...(options.throwAway && { onScenario: (id) => options.progress.note(`  ${id}`) }),
          }),
      );
      const last = options.record
        ? record(target, await versionOf(hypervisor), all, outcomes)
        : lastAgreement();
      options.print(
        options.json
          ? jsonText({ target: target.name, kind: target.kind, lastAgreed: last ?? null, outcomes })
          : report(outcomes, agreement(all, last), options.quiet),
      );
      return exitCode(outcomes);
    },
    options.throwAway ? mayBeThrownAway : undefined,
  );
}
