// The page of one target: what was required, what was changed, what is true, how we know, and who accepted what.

import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { phaseOf, taskOf } from "../../fixtures/deployment/plan.ts";
import { fails, verdicts } from "../../fixtures/judgement.ts";
import { countIn, type Outline, verdictIn } from "../run/outline.ts";
import { type AppliedWaiver, lastOf, type RunCheck, type RunRequirement } from "../run/run.ts";
import { acceptedSection, acceptedShort, askFirst } from "./accepted.ts";
import { actionsSection } from "./actions.ts";
import { changedSection } from "./changed.ts";
import type { History, Whole } from "./collect.ts";
import { driftOf } from "./drift.ts";
import { type Html, html } from "./html.ts";
import { inShort } from "./in-short.ts";
import { judgedBySection, seenRedWords } from "./judged-by.ts";
import { countOf, facts, pageOf, timeOf, verdictMark, verdictSign, wordFor } from "./look.ts";
import { actionsFor, judgeAgain, typed } from "./next.ts";
import { openFailures, standing } from "./open.ts";
import { outsideChange } from "./outside.ts";
import { requiredSection } from "./required.ts";
import { topology } from "./topology.ts";
import { trend, trendWords } from "./trend.ts";
import { wordsOf } from "./words.ts";

/** How many nights a row of the matrix shows. */
const nightsShown = 14;

/** The file. `deployment`: the values that were judged by, if they lie beside the run. */
export function targetPage(history: History, builtFor: string, deployment?: Deployment): string {
  const { target, nights, now } = history;
  const last = nights.at(-1);
  const body: Html[] = [
    html`<h1>${target}: ${last ? verdictMark(standing(history)) : ""}</h1>`,
    ...(last?.trouble === undefined
      ? []
      : [
          html`<p class="card">No result on ${timeOf(last.at)}: ${last.trouble}. What follows is the last result before it.</p>`,
        ]),
    ...(now ? judged(history, now, deployment) : [html`<p>There was never a result.</p>`]),
    html`<h2>Trend</h2><p>${trendWords(nights)}. A column is as high as the share of requirements that pass; an empty frame is a run without a result.</p>${trend(nights)}`,
    runs(history),
    html`<h2>Words</h2>`,
    facts(
      wordsOf(
        ...(["register", "must, should", "remedy", "declared, delivered, live, behaves"] as const),
        ...(["seen failing", "waived", "not judged", "stand-in", "contract"] as const),
      ),
    ),
  ];
  return pageOf({ title: `${target}: ${wordFor(standing(history))}`, root: "../", builtFor, body });
}

function judged(history: History, now: Whole, deployment: Deployment | undefined): Html[] {
  const { run, target } = now;
  const { requirements } = target;
  return [
    inShort(history, now),
    ...requiredSection(now),
    ...judgedBySection(now),
    ...changedSection(now),
    ...outsideChange(history),
    html`<h2>${history.nights.at(-1)?.trouble === undefined ? "What is true" : `What was true on ${timeOf(run.startedAt)}`}</h2>`,
    topology(requirements, deployment, (id) => `#${id}`),
    ...driftSection(history),
    ...acceptedSection(history, now),
    html`<h2>Requirements</h2>`,
    seenRedWords(now, typed("accept", "--controls")),
    html`<div class="filter"><label><input type="checkbox"> only what is no pass</label></div>`,
    ...matrix(history, now),
    ...actionsSection(now, deployment),
  ];
}

/** The newest runs, one a line: which judged what, and how each ended. */
function runs({ nights }: History): Html {
  const rows = nights
    .slice(-nightsShown)
    .toReversed()
    .map((night) => {
      const counts = verdicts
        .map((verdict) => [countIn(night, verdict), verdict] as const)
        .filter(([count]) => count > 0)
        .map(([count, verdict]) => `${count} ${verdict}`);
      return html`<tr><th scope="row">${timeOf(night.at)}</th><td>${verdictMark(night.verdict)}</td><td>${night.trouble ?? counts.join(", ")}${reasons(night)}</td></tr>`;
    });
  return html`<h2>Runs</h2><table class="stack"><thead><tr><th scope="col">Began</th><th scope="col">Verdict</th><th scope="col">Requirements</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** Why a run was no pass: its first rows, and how many more there are. */
function reasons(night: Outline): Html {
  const { why = [] } = night;
  if (why.length === 0) return html``;
  const more = countIn(night, "fail") + countIn(night, "unknown") - why.length;
  const items = why.map(({ id, seen }) => html`<li><a href="#${id}">${id}</a>: ${seen}</li>`);
  return html`<ul>${items}${more > 0 ? html`<li>and ${more} more</li>` : html``}</ul>`;
}

/** The failures that the first card of the page lists: no other place repeats them. */
const openIds = (history: History) => new Set(openFailures(history).map(({ id }) => id));

function driftSection(history: History): Html[] {
  const { earlier, now } = history;
  const title = html`<h2 id="moved">What moved</h2>`;
  if (!earlier || !now) return [title, html`<p>There is no earlier result to compare with.</p>`];
  const { moved, more, less, notSeen, drifted, notComparable } = driftOf(earlier, now);
  const parts = [
    countOf(moved, "verdict moved", "verdicts moved"),
    ...[
      [notSeen, "no pass before, and not judged this time: nothing is proved of it"] as const,
      [less, "a pass before, and not judged this time"] as const,
      [more, "judged now, and not before"] as const,
    ].flatMap(([all, what]) =>
      all.length > 0 ? [countOf(all, `requirement was ${what}`, `requirements were ${what}`)] : [],
    ),
    countOf(drifted, "check found something else", "checks found something else"),
  ];
  const since = html`<p>Since ${timeOf(earlier.run.startedAt)}: ${parts.join("; ")} under the same verdict.${notComparable === undefined ? "" : ` ${notComparable}.`}</p>`;
  const open = openIds(history);
  const listed = notSeen.filter(({ id }) => open.has(id)).length;
  const lines = [
    ...[...moved, ...notSeen.filter(({ id }) => !open.has(id))].map(
      ({ id, was, now: is }) =>
        html`<li><a href="#${id}">${id}</a>: ${verdictMark(was)}, now ${verdictMark(is)}</li>`,
    ),
    ...(listed > 0
      ? [
          html`<li>${listed} of those that were not judged: <a href="#open">failed before, and not judged since</a></li>`,
        ]
      : []),
  ];
  const found = drifted.map(
    ({ id, where, was, now: is }) =>
      html`<li><a href="#${id}">${id}</a> (${where}): <del>${was}</del> <ins>${is}</ins></li>`,
  );
  return [
    title,
    since,
    ...(lines.length > 0 ? [html`<ul>${lines}</ul>`] : []),
    ...(found.length > 0
      ? [html`<details><summary>What was found before, and now</summary><ul>${found}</ul></details>`]
      : []),
  ];
}

function matrix(history: History, now: Whole): Html[] {
  const groups = Map.groupBy(now.target.requirements, ({ plan }) => plan);
  const sorted = [...groups].toSorted(([one], [two]) => rank(one).localeCompare(rank(two)));
  return sorted.map(([plan, requirements]) => {
    const task = taskOf(plan);
    const phase = phaseOf(plan);
    const title =
      phase.id === "" ? `The whole plan: ${task.title}` : `Phase ${phase.id}, task ${plan}: ${task.title}`;
    return html`<section><h3>${title}</h3>
<table class="stack"><thead><tr><th scope="col" class="c1">Verdict</th><th scope="col">Requirement</th><th scope="col" class="c3">Why it is believed</th><th scope="col" class="c4">Last ${nightsShown} runs, oldest first</th></tr></thead>
<tbody>${requirements.map((one) => row(one, history, now))}</tbody></table></section>`;
  });
}

const rank = (plan: string) => (plan.includes(".") ? plan : "9");

function row(one: RunRequirement, { nights }: History, now: Whole): Html {
  const last = lastOf(one);
  const wrong = last.checks.filter(fails).length;
  const past = nights
    .slice(-nightsShown)
    .map((night) =>
      verdictSign(verdictIn(night, one.id) ?? (night.kind === "no result" ? "error" : "not judged")),
    );
  return html`<tr id="${one.id}"${one.verdict === "pass" ? html` class="calm"` : html``}>
<td>${verdictMark(one.verdict)}</td>
<th scope="row"><details><summary><code>${one.id}</code> ${one.statement}</summary>
<p class="soft">${one.rationale} ${one.kind === "L" ? "The plan's own words." : "A remedy: a goal of the plan needs it."} Severity: ${one.severity}. Revision ${one.revision}.</p>
${last.reason === "" ? "" : html`<p>${last.reason}</p>`}
<ul>${last.checks.map((check) => checkLine(check, one.waiver))}</ul></details></th>
<td>${believed(one, wrong, now)}</td>
<td>${past}</td></tr>`;
}

function checkLine(check: RunCheck, waiver: AppliedWaiver | undefined): Html {
  const { level, expected, found, where, next, notImitated, ok } = check;
  const mark = verdictMark(ok ? "pass" : notImitated === undefined ? "fail" : "not judged");
  const limit = notImitated === undefined ? "" : html` Not imitated here: ${notImitated}`;
  const command =
    next === undefined || ok
      ? ""
      : html`<br>${waiver ? askFirst(waiver) : "Next"}: <code class="cmd">${next}</code>`;
  return html`<li>${mark} ${level}: expected ${expected}; found ${found} <span class="soft">(${where})</span>${limit}${command}</li>`;
}

function believed(one: RunRequirement, wrong: number, now: Whole): Html {
  const { checks, reason } = lastOf(one);
  const judgedChecks = checks.filter(({ notImitated }) => notImitated === undefined).length;
  const red = one.lastRed.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
  const seen = red
    ? `The same check was last seen failing on ${red.at.slice(0, 10)}, on ${one.lastRed.length} known-bad ${one.lastRed.length === 1 ? "state" : "states"}: ${red.control}.`
    : "Not yet seen failing.";
  const beyond = checks.length - judgedChecks;
  const also = beyond > 0 ? `, and ${beyond} can't be judged on this target` : "";
  if (one.verdict === "pass")
    return html`${judgedChecks} of ${judgedChecks} ${judgedChecks === 1 ? "check holds" : "checks hold"}${also}. ${seen}`;
  if (one.verdict === "waived")
    return html`${wrong} of ${judgedChecks} checks ${wrong === 1 ? "does" : "do"} not hold.${one.waiver ? html` ${acceptedShort(one.waiver)}` : html``} ${seen}`;
  if (one.verdict === "fail")
    return html`${wrong} of ${judgedChecks} checks ${wrong === 1 ? "does" : "do"} not hold. ${seen}`;
  if (one.verdict === "not judged" && reason.startsWith("needs ")) {
    const actions = actionsFor(one);
    if (actions)
      return html`It needs the ${actions.length === 1 ? "action" : "actions"} ${actions.join(", ")}, and this run was not allowed that. If it may be done there: ${judgeAgain(now, [one.id], actions)}`;
    if (reason === "needs a browser")
      return html`It needs a browser, and this run opened none: ${judgeAgain(now, [one.id], [], "--browser")}`;
    return html`It ${reason}, and this run did without.`;
  }
  return html`${reason}`;
}
