#!/usr/bin/env node
// Writes docs/failure-modes.md from a run with every control: which control turned which requirement red for which mode.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { printable } from "../../fixtures/printable.ts";
import { readVerdicts, type Verdicts } from "../../reports/verdicts.ts";
import { type FailureMode, failureModes } from "./failure-modes.ts";

const project = join(import.meta.dirname, "../..");

/** A control that ran, with what it showed. */
export interface Shown {
  readonly id: string;
  readonly title: string;
  readonly red: boolean;
  readonly modes: readonly string[];
}

/** Every control of a run. */
export function shownIn({ rows }: Pick<Verdicts, "rows">): Shown[] {
  return rows.flatMap(({ id, controls }) => controls.shown.map((control) => ({ id, ...control })));
}

/** Modes without a control that saw red and without an escape, and escapes that a control disproves. */
export function unshown(modes: readonly FailureMode[], shown: readonly Shown[]): string[] {
  const red = (mode: string) => shown.some((control) => control.red && control.modes.includes(mode));
  return modes.flatMap(({ id, seed, what, because }) => {
    if (because !== undefined) return red(id) ? [`${id} is shown, and has an escape: remove the escape`] : [];
    return seed === "D" && !red(id) ? [`${id} was not shown: ${what}`] : [];
  });
}

/** The page. It contains no time and no host name, so the same controls give the same page. */
export function page(modes: readonly FailureMode[], shown: readonly Shown[]): string {
  const of = (mode: string) => shown.filter((control) => control.red && control.modes.includes(mode));
  const by = ({ id, title }: Shown) => `${id}: ${title.replace(`${id} is refuted by `, "")}`;
  const rows = modes
    .filter(({ id, seed, because }) => seed === "D" || because !== undefined || of(id).length > 0)
    .map(({ id, what, because }) => {
      const seen = of(id).map(by).join("<br>");
      return `| ${id} | ${what} | ${seen || (because === undefined ? "**not shown**" : `escape: ${because}`)} |`;
    });
  return [
    "# Failure modes",
    "",
    "What really broke in deployments like this one, and the control that reproduces it and sees the requirement turn red.",
    "Generated from a run with every control: `npm test`, then `node specs/register/failure-modes-table.ts`. Not to be edited.",
    "",
    "| Mode | What broke | Requirement that turns red: by which known-bad state |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function main(): number {
  const { values } = parseArgs({ options: { run: { type: "string" } } });
  const run = values.run ?? join(project, "reports", "out", "latest");
  const shown = shownIn(readVerdicts(join(run, "after", "verdicts.json")));
  if (shown.length === 0)
    throw new BadInput(problem(`No control ran in ${run}`, "npm run accept -- --controls"));
  writeFileSync(join(project, "docs", "failure-modes.md"), page(failureModes, shown));
  const missing = unshown(failureModes, shown);
  for (const line of missing) console.log(printable(line));
  return missing.length > 0 ? Exit.fail : Exit.pass;
}

if (import.meta.main) {
  try {
    process.exitCode = main();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(printable(error.message));
    process.exitCode = error instanceof BadInput ? error.exitCode : Exit.bug;
  }
}
