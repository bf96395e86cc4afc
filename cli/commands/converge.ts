// `converge`: has Phoenix bring what the tree says to both guests, as it is, and records what ran in them.
import { apply } from "../../provision/apply/apply.ts";
import { recordOf, writeRecord } from "../../provision/apply/phoenix-record.ts";
import { type Plan, type PlannedStep, planDigest } from "../../provision/plan.ts";
import { phoenixCommand } from "../../provision/steps/phoenix-cli.ts";
import { wanted } from "../../provision/wanted.ts";
import { mayChange, onTarget, readyJournal, type TargetOptions, who } from "../target/on-target.ts";
import { stopped } from "./apply.ts";

/** Runs phoenix-cli for both guests; returns 1 when one of the commands fails. */
export async function converge(options: TargetOptions & { readonly record?: string }): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    mayChange(target);
    await readyJournal(hypervisor, options);
    const plan = planOf(target.name, [
      phoenixCommand(target.tree, "create", wanted.vmid),
      phoenixCommand(target.tree, "converge", wanted.ctid),
    ]);
    const how = { does: "converge", who: who(), choice: [], confirmWithin: 0 } as const;
    const applied = await apply(hypervisor, plan, how, options.progress);
    const record = recordOf(applied.meta, applied.said, applied.outcome);
    writeRecord(options.record, record);
    if (options.json) options.print(`${JSON.stringify(record.commands, null, 2)}\n`);
    return applied.code === 0 ? 0 : stopped(applied, options);
  });
}

function planOf(target: string, changes: PlannedStep["changes"]): Plan {
  const steps: PlannedStep[] = [
    {
      id: "converge",
      kind: "literal",
      plan: "3.1",
      remedies: [],
      serves: [],
      why: "as the tree is",
      changes,
    },
  ];
  return { format: 3, target, literal: false, choice: [], fingerprint: {}, steps, digest: planDigest(steps) };
}
