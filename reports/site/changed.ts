// What was changed on a target: by this run, or as the target's journal says by earlier ones.
import { counted } from "../../fixtures/counted.ts";
import { taskOf, tasks } from "../../fixtures/deployment/plan.ts";
import type { AppliedPlan, JournalEntry, RunCommand, StepChanges } from "../run/run.ts";
import type { History, Whole } from "./collect.ts";
import { type Html, html } from "./html.ts";
import { countOf, timeOf } from "./look.ts";
import { showJournal } from "./next.ts";
import { outsideChange } from "./outside.ts";
import { clockOf } from "./times.ts";

/** The section of a target's page. `began`: when this result's run began, if it is not the last run. */
export function changedSection(now: Whole, began?: string): Html[] {
  const by = began === undefined ? "this run" : `the run of ${began}`;
  return [html`<h2 id="changed">What was changed</h2>`, ...wordsOf(now, by)];
}

/** `accept` applies the plan itself; `verify` is given the record of an earlier apply. */
const appliedBy = (command: RunCommand) =>
  command === "accept"
    ? "This run applied the plan"
    : "The plan was applied before this run, as its record says";

function wordsOf(now: Whole, by: string): Html[] {
  const { command } = now.run;
  const { plan, journal } = now.target;
  if (plan)
    return [
      html`<p>${appliedBy(command)}${literalWords(plan)}: ${amountOf(plan)}${leftOut(plan)}. Digest <code>${plan.digest ?? "none"}</code>.</p>`,
      stepsOf(plan),
    ];
  const nothing = `Nothing, by ${by}: it judged the target as it ${by === "this run" ? "is" : "was"}.`;
  const ask = html`What was applied there before, and when: ${showJournal(now)}`;
  if (!journal) return [html`<p>${nothing} It holds no record of an earlier apply. ${ask}</p>`];
  if (journal.unread !== undefined)
    return [html`<p>${nothing} The target's journal could not be read: ${journal.unread}. ${ask}</p>`];
  const { all, entries } = journal;
  if (all === 0)
    return [html`<p>${nothing} This suite has changed nothing there: the target's journal has no entry.</p>`];
  const some = entries.length < all ? `; the newest ${entries.length}` : "";
  const items = entries
    .toReversed()
    .map((entry) => html`<li>${entryWords(entry)}${leftOut(entry.plan)}.${stepsOf(entry.plan)}</li>`);
  return [
    html`<p>${nothing} The target's journal has ${counted(all, "entry", "entries")} of earlier commands${some}, newest first:</p><ul>${items}</ul>`,
  ];
}

/** `2026-03-01 02:00 UTC, ann@box: the plan, 39 changes in 28 steps; applied` */
function entryWords({ name, does, state, confirmation, at, who, plan }: JournalEntry): string {
  const what = does === "apply" ? `the plan${literalWords(plan)}` : "phoenix-cli, with the tree as it was";
  const waits = confirmation === "unconfirmed" ? ", rolls back by itself unless confirmed" : "";
  const late = confirmation === "expired" ? " by itself, as nobody confirmed it" : "";
  return `${timeOf(at)}, by ${who.split(",")[0]}, entry ${name}: ${what}, ${amountOf(plan)}; ${state}${late}${waits}`;
}

/** The last change in a few words, for the first lines of the page. */
export function lastChange(history: History, now: Whole): Html | undefined {
  const own = ownChange(history, now);
  if (outsideChange(history).length === 0) return own;
  return html`${own ? html`<div>${own}</div>` : ""}<div><a href="#outside">Changed since the run before, and not by this suite</a></div>`;
}

function ownChange(history: History, { run, target: { plan, journal } }: Whole): Html | undefined {
  const { earlier, nights } = history;
  const by =
    nights.at(-1)?.trouble === undefined ? "this run" : `the run of ${clockOf(history)(run.startedAt)}`;
  if (plan) return html`<a href="#changed">${appliedBy(run.command)}</a>: ${amountOf(plan)}`;
  const last = journal?.entries.at(-1);
  if (!last) return undefined;
  const before = earlier?.target.journal;
  const known = before?.entries.some(
    ({ name, at, state }) => name === last.name && at === last.at && state === last.state,
  );
  const since = before && before.unread === undefined && !known ? ". This is new since the run before" : "";
  return html`<a href="#changed">not by ${by}</a>. Last: ${entryWords(last)}${since}`;
}

const literalWords = ({ literal }: AppliedPlan) => (literal ? ", as its text says, without remedies" : "");

const leftOut = ({ without }: AppliedPlan) => (without.length > 0 ? `; left out: ${without.join(", ")}` : "");

function amountOf({ steps, changes }: AppliedPlan): string {
  const done = changes?.flatMap((step) => step.changes);
  return `${done ? `${countOf(done, "change")} in ` : ""}${countOf(steps, "step")}`;
}

/** Each step in words: its task, its reason, and what it did. */
function stepsOf({ steps, changes }: AppliedPlan): Html {
  if (steps.length === 0) return html``;
  const rows: readonly StepChanges[] = changes ?? steps.map((step) => ({ step, changes: [] }));
  const items = rows.map(
    ({ step, kind, task, why, changes: done }) =>
      html`<li>${titleOf(task)}${why ?? step}${kind === "remedy" ? html` <span class="soft">(remedy)</span>` : ""}${done.map((one) => html`<br><code>${one}</code>`)}</li>`,
  );
  return html`<details><summary>Each step, why, and what it did</summary><ol>${items}</ol></details>`;
}

/** `task 1.1, the NFS volume of the docker host: ` */
function titleOf(task: string | undefined): string {
  if (task === undefined || !tasks.some(({ id }) => id === task)) return "";
  return `${task === "1" ? "the whole plan" : `task ${task}`}, ${taskOf(task).title}: `;
}
