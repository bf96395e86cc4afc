// The page of a run for a terminal, as each command prints it.

import { verdictsOf } from "../run/build.ts";
import { reportOfTarget } from "../run/report.ts";
import { judgedTargets, type Run } from "../run/run.ts";
import { contractLines, heading, isOpen, nextForOpen, quietTargets, targetsTable } from "../run/targets.ts";
import { waiverLines } from "../run/waivers.ts";
import { summary } from "../summary.ts";
import { page } from "./page.ts";

export interface TerminalStyle {
  /** Columns of the terminal. */
  readonly width: number;
  readonly colour: boolean;
  /** The path of the HTML report, if there is one. */
  readonly report?: string;
  /** The command that judges the same target again, to be printed with more options. */
  readonly again?: string;
  /** Only the verdict, and what is wrong. */
  readonly quiet?: boolean;
}

/** The page as text, ending in a newline. Of several targets a table. */
export function terminal(run: Run, style: TerminalStyle): string {
  const [one] = judgedTargets(run);
  const { quiet = false } = style;
  if (!one || run.targets.length > 1 || run.shard)
    return quiet ? quietTargets(run) : `\n${targetsTable(run)}`;
  const waivers = waiverLines(one, quiet);
  const said =
    waivers.length > 0 ? `\n${["Waivers:", ...waivers.map((line) => `    ${line}`)].join("\n")}\n` : "";
  if (run.command === "gate") return `${page(reportOfTarget(one), style)}${said}`;
  const steps = Object.fromEntries(one.requirements.map(({ id, steps }) => [id, steps]));
  const table = summary(verdictsOf(one), { ...style, literal: one.plan?.literal ?? false, steps });
  const judged = `${table}${said}`;
  if (quiet)
    return `${judged}${one.hostContract && isOpen(one.hostContract) ? contractLines(one.hostContract) : ""}`;
  if (run.command === "accept") return `\n${judged}`;
  const next = style.again === undefined ? undefined : nextForOpen(one, style.again);
  const contract = one.hostContract ? `\n${contractLines(one.hostContract)}` : "";
  const open = next === undefined ? "" : `\n${next}\n`;
  return `${heading(one, run.register.digest)}\n${judged}${contract}${open}`;
}
