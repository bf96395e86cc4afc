// `converge`: runs phoenix-cli for both guests with the tree as it is, and records what it ran in them.

import { counted } from "../../fixtures/counted.ts";
import { deploymentDigest } from "../../fixtures/deployment/digest.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { jsonText } from "../../fixtures/printable.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { apply } from "../../provision/apply/apply.ts";
import { recordOf, writeRecord } from "../../provision/apply/phoenix-record.ts";
import { fixedPlan, type Plan, type PlannedStep } from "../../provision/plan.ts";
import { phoenixCommand } from "../../provision/steps/phoenix-cli.ts";
import {
  agentExit,
  mayChange,
  onTarget,
  readyJournal,
  type TargetOptions,
  who,
} from "../target/on-target.ts";
import { stopped } from "./apply.ts";

/** Runs phoenix-cli for both guests. Returns `fail` if one of the commands fails. */
export async function converge(options: TargetOptions & { readonly record?: string }): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    mayChange(target);
    await readyJournal(hypervisor, options);
    const { gateway, dockerHost } = target.deployment;
    const plan = planOf(target, [
      phoenixCommand(target.tree, "create", dockerHost.vmid),
      phoenixCommand(target.tree, "converge", gateway.ctid),
    ]);
    const how = { does: "converge", who: who(), choice: [], confirmWithin: 0 } as const;
    const applied = await apply(hypervisor, plan, how, options.progress);
    const record = recordOf(applied.meta, applied.said, applied.outcome);
    writeRecord(options.record, record);
    if (options.json) options.print(jsonText(record.commands));
    else if (applied.code === agentExit.done)
      options.print(`Ran: ${counted(record.commands.length, "command")}, entry ${applied.entry}\n`);
    return applied.code === agentExit.done ? Exit.pass : stopped(applied, options);
  });
}

function planOf({ name, deployment }: Target, changes: PlannedStep["changes"]): Plan {
  const steps: PlannedStep[] = [
    {
      id: "converge",
      kind: "literal",
      plan: "3.1",
      remedies: [],
      serves: [],
      why: "the tree as it is",
      changes,
    },
  ];
  return fixedPlan(name, deploymentDigest(deployment), steps);
}
