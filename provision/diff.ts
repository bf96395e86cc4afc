// Prints a plan for an operator: for each step what changes and why, or why nothing does.
import { createTwoFilesPatch } from "diff";
import { counted } from "../fixtures/counted.ts";
import { defectOf } from "../fixtures/deployment/plan.ts";
import { visibleLines } from "../fixtures/visible-lines.ts";
import type { Facts } from "./facts.ts";
import { type Change, changesOf, type Plan, type PlannedStep, say } from "./plan.ts";

/** The plan as text that ends in a newline; with colours if `colour` is set. */
export function render(plan: Plan, colour: boolean): string {
  const blocks = plan.steps.map((step) =>
    [heading(step, colour), ...answers(step), ...step.changes.map((change) => body(change, colour))].join(
      "\n",
    ),
  );
  const count = plan.steps.reduce((sum, { changes }) => sum + changes.length, 0);
  const total = count === 0 ? "Nothing to do." : `${counted(count, "change")}. ${plan.digest}`;
  return `${blocks.join("\n")}\n\n${total}\n`;
}

function heading({ id, kind, plan, remedies, serves, why, nothing }: PlannedStep, colour: boolean): string {
  const origin =
    kind === "literal"
      ? `task ${plan}`
      : `remedy${remedies.length > 0 ? ` of ${remedies.join(", ")}` : ""}, task ${plan}`;
  const name = paint(id, nothing ? 2 : 1, colour);
  return nothing
    ? `= ${name} (${origin}): ${nothing}`
    : `~ ${name} (${origin}, for ${serves.join(", ")}): ${why}`;
}

/** One line for each defect of the approved plan that a remedy corrects; none if the step changes nothing. */
const answers = ({ remedies, nothing }: PlannedStep): string[] =>
  nothing ? [] : remedies.map((id) => `    ${id}: ${defectOf(id).text}`);

function body(change: Change, colour: boolean): string {
  if (change.does !== "write-file") return `    ${visibleLines(say(change))}`;
  const { path, before = "", after } = change;
  const patch = createTwoFilesPatch(path, path, before, after, undefined, undefined, { context: 2 });
  const lines = patch
    .split("\n")
    .slice(3)
    .filter((line) => line !== "")
    .map(visibleLines);
  const shown = lines.map(
    (line) =>
      `    ${line.startsWith("+") ? paint(line, 32, colour) : line.startsWith("-") ? paint(line, 31, colour) : line}`,
  );
  return [`    ${visibleLines(say(change))}`, ...shown].join("\n");
}

const paint = (text: string, code: number, colour: boolean) =>
  colour ? `\u001b[${code}m${text}\u001b[0m` : text;

/** What has changed since a plan was made: each name, with a diff for files that the plan edits. */
export function changedSince(plan: Plan, { files }: Facts, names: readonly string[]): string {
  const writes = changesOf(plan)
    .map(({ change }) => change)
    .filter((change) => change.does === "write-file");
  return names
    .map((name) => {
      const before = writes.find(({ path }) => path === name)?.before;
      const now = files[name];
      if (before === undefined || now?.kind !== "file") return `  ${name}`;
      const patch = createTwoFilesPatch("plan", "now", before, now.text, undefined, undefined, {
        context: 0,
      });
      const lines = patch.split("\n").slice(4, 12).filter(Boolean);
      return [`  ${name}`, ...lines.map((line) => `    ${visibleLines(line)}`)].join("\n");
    })
    .join("\n");
}
