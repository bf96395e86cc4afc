// The first lines of a target's page: did it pass, what failed and why, who accepted what until when, what moved, what to do next.
import type { Verdict } from "../../fixtures/judgement.ts";
import { lastOf, type RunRequirement } from "../run/run.ts";
import { lastChange } from "./changed.ts";
import type { History, Whole } from "./collect.ts";
import { driftOf } from "./drift.ts";
import { type Html, html } from "./html.ts";
import { shownWords } from "./judged-by.ts";
import { countOf, facts, severityWords, verdictMark } from "./look.ts";
import { movedIn, movedWords } from "./moved.ts";
import { nextSteps } from "./next.ts";
import { notJudgedLines } from "./not-judged.ts";
import { nightsOf, openFailures } from "./open.ts";
import { apart, clockOf } from "./times.ts";

/** How many rows a line names. */
const mostNamed = 5;

/** The newest result, in a few lines. Each leads to its rows. */
export function inShort(history: History, now: Whole): Html {
  const { requirements, allowed } = now.target;
  const of = (verdict: Verdict) => requirements.filter((one) => one.verdict === verdict);
  const unjudged = of("not judged");
  const steps = nextSteps(history);
  return facts([
    [
      "Target",
      now.target.kind === "stand-in" ? "a stand-in: an imitated hypervisor, which has no users" : undefined,
    ],
    [
      "Judged",
      `${requirements.length - unjudged.length} of ${countOf(requirements, "requirement")}, on ${clockOf(history)(now.run.startedAt)}`,
    ],
    ["Passes", counted(of("pass"))],
    ["Shown to fail on purpose", shownWords(now)],
    ["Fails", named(of("fail")) ?? noFailure(of("waived"))],
    ["Could not be told", named(of("unknown"))],
    ["Failed before, and not judged since", open(history)],
    ["Fails, and accepted", accepted(of("waived"))],
    [
      "Not judged",
      unjudged.length > 0
        ? html`${counted(unjudged)}; the run ${mayWords(allowed)}${notJudgedLines(history, now)}`
        : undefined,
    ],
    ["Changed there", lastChange(history, now)],
    ["Moved since the run before", moved(history)],
    ["Next", steps.length > 0 ? steps.map((step) => html`<div>${step}</div>`) : "nothing"],
  ]);
}

const mayWords = (allowed: readonly string[]) =>
  allowed.every((action) => action === "observe")
    ? "could only observe"
    : `could take no other actions than ${allowed.join(", ")}`;

/** An accepted failure fails too. */
const noFailure = (waived: readonly RunRequirement[]) =>
  waived.length === 0 ? "nothing that was judged" : `${waived.length}, accepted (below)`;

/** `21 (17 must, 4 should)` */
const counted = (rows: readonly RunRequirement[]) =>
  rows.length === 0 ? "none" : `${rows.length} (${severityWords(rows)})`;

const link = (id: string) => html`<a href="#${id}">${id}</a>`;

/** The first of these, a line each, and how many more there are; undefined if there is none. */
function some(items: readonly Html[]): Html[] | undefined {
  if (items.length === 0) return undefined;
  const more = items.length - mostNamed;
  return [...items.slice(0, mostNamed), ...(more > 0 ? [html`and ${more} more`] : [])].map(
    (item) => html`<div>${item}</div>`,
  );
}

const named = (rows: readonly RunRequirement[]) =>
  some(rows.map((one) => html`${link(one.id)} (${one.severity}) ${one.title}: ${lastOf(one).seen}`));

function open(history: History): Html | undefined {
  const all = openFailures(history).map(
    ({ id, severity, title, at, seen, passedBy }) =>
      html`${link(id)} (${severity}) ${title}: ${verdictMark("fail")} on ${clockOf(history)(at)}${seen === undefined ? "" : `: ${seen}`}${passedBy ? ". The newest run no longer found that, and may not do the rest of the check" : ""}`,
  );
  const lines = some(all);
  return (
    lines && html`<div id="open">${lines}<div>Each stays open until the same requirement passes.</div></div>`
  );
}

const accepted = (rows: readonly RunRequirement[]) =>
  some(
    rows.map(
      ({ id, severity, title, waiver }) =>
        html`${link(id)} (${severity}) ${title}${waiver ? `: accepted by ${waiver.approver}, until ${waiver.expires}${waiver.soon ? " (soon)" : ""}. Risk: ${waiver.risk}` : ""}`,
    ),
  );

/** What is no longer as it was: `STO-002 fail, now pass`. */
function moved(history: History): Html | string {
  const { earlier, now } = history;
  const nights = nightsOf(history);
  if (nights.at(-1)?.trouble !== undefined)
    return html`${verdictMark(nights.at(-2)?.verdict ?? "error")}, now ${verdictMark("error")}`;
  if (!earlier || !now) return "this is the first result";
  const drift = driftOf(earlier, now);
  const lines = some(movedIn(drift).map((one) => html`${link(one.id)}: ${movedWords(history, one)}`));
  const time = clockOf(history)(earlier.run.startedAt);
  const since = apart(earlier.run.startedAt, now.run.startedAt);
  return html`${lines ?? "no verdict; "}<a href="#moved">compared with ${time}</a>, ${since} before`;
}
