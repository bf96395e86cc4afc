// A tree after the plan, without a hypervisor: the steps' edits of the tree are pure functions of its files.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makePlan } from "../../provision/plan.ts";
import { steps } from "../../provision/steps/index.ts";
import { factsOf, sampleTree } from "../../provision/testing/sample-facts.ts";

/** Writes our sample tree, as the plan leaves it, into a folder that the gate can judge. */
export function writePlannedSample(folder: string): void {
  const tree = join(folder, "usr/local/phoenix_hypervisor");
  mkdirSync(tree, { recursive: true });
  cpSync(sampleTree, tree, { recursive: true });
  const plan = makePlan(factsOf(tree), steps, { target: "sample", literal: false, without: [], only: [] });
  for (const change of plan.steps.flatMap(({ changes }) => changes)) {
    if (change.does !== "write-file" || !change.path.startsWith(`${tree}/`)) continue;
    mkdirSync(dirname(change.path), { recursive: true });
    writeFileSync(change.path, change.after, { mode: Number.parseInt(change.mode, 8) });
  }
}
