#!/usr/bin/env node
// Prints the register and its coverage. The command line starts it as a program, because it does not import specs.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { counted } from "../../fixtures/counted.ts";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { defaultDeployment, readDeployment } from "../../fixtures/deployment/read.ts";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import type { Level } from "../../fixtures/judgement.ts";
import { jsonText, printable } from "../../fixtures/printable.ts";
import { readTarget } from "../../fixtures/target/inventory.ts";
import { readVerdicts, type Verdicts } from "../../reports/verdicts.ts";
import { type Covered, cover, gaps, locked, readSpecs } from "./coverage.ts";
import lock from "./register.lock.json" with { type: "json" };
import { register, registerFor } from "./register.ts";

/** The verdicts of the given run, or of the latest one; undefined when there is none. */
function verdictsOf(run: string | undefined, latest: string): Verdicts | undefined {
  const file = join(run ?? latest, "after", "verdicts.json");
  if (existsSync(file)) return readVerdicts(file);
  if (run === undefined) return undefined;
  throw new BadInput(problem(`No verdicts in ${run}: ${file} is missing`, "npm run accept"));
}

/** The deployment whose values the statements show: the given one, that of the run, or the approved plan's own. */
function deploymentOf(file: string | undefined, dir: string, run: Verdicts | undefined): Deployment {
  if (file !== undefined) return readDeployment(file);
  return run ? readTarget(join(dir, "inventory.json"), run.target).deployment : defaultDeployment;
}

function page(covered: readonly Covered[], missing: readonly string[], run: Verdicts | undefined): string {
  const levels = ({ levels: all, asserted }: Covered) =>
    all.map((level: Level) => `${level}${asserted?.includes(level) ? "+" : "-"}`).join(" ");
  const rows = covered.map((one) => {
    const { id, kind, plan, severity, revision, spec, controls, statement } = one;
    const shownBy = spec ? counted(controls.length, "control") : "no spec";
    const cells = [id, kind, plan.padEnd(3), severity.padEnd(6), `r${revision}`, levels(one).padEnd(32)];
    return [...cells, shownBy.padEnd(10), statement].join("  ");
  });
  const sum = (of: (one: Covered) => number) => covered.reduce((all, one) => all + of(one), 0);
  const where = run ? `in the run of ${run.startedAt} on ${run.target}` : "there is no run: npm run accept";
  const checked = `${sum(({ asserted = [] }) => asserted.length)} of ${sum((one) => one.levels.length)} levels checked`;
  return [
    ...rows,
    "",
    `${covered.length} requirements, ${sum(({ spec }) => (spec ? 1 : 0))} with a spec, ${counted(
      sum(({ controls }) => controls.length),
      "control",
    )}, ${checked} (${where})`,
    "+ the run checked this level, for this revision of the requirement; - it did not.",
    ...missing,
  ].join("\n");
}

function main(): number {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean" },
      run: { type: "string" },
      // The folder of all runs.
      runs: { type: "string", default: join(import.meta.dirname, "../..", "reports", "out") },
      deployment: { type: "string" },
      lock: { type: "boolean" },
    },
  });
  if (values.lock) {
    const text = JSON.stringify(locked(register, lock), null, 2);
    writeFileSync(join(import.meta.dirname, "register.lock.json"), `${text}\n`);
    return Exit.pass;
  }
  const latest = join(values.runs, "latest");
  const run = verdictsOf(values.run, latest);
  const deployment = deploymentOf(values.deployment, values.run ?? latest, run);
  const covered = cover(registerFor(deployment), readSpecs(), run?.rows);
  const missing = gaps(covered);
  const head = run && { startedAt: run.startedAt, target: run.target, phase: run.phase };
  if (values.json) process.stdout.write(jsonText({ run: head, requirements: covered, gaps: missing }));
  else console.log(printable(page(covered, missing, run)));
  return missing.length > 0 ? Exit.fail : Exit.pass;
}

try {
  process.exitCode = main();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(printable(error.message));
  process.exitCode = error instanceof BadInput ? error.exitCode : Exit.bug;
}
