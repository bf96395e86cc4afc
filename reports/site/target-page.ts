// The page of one target: what was required, what was changed, what is true, how we know, and who accepted what.

import { counted } from "../../fixtures/counted.ts";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { phaseOf, taskOf } from "../../fixtures/deployment/plan.ts";
import { fails } from "../../fixtures/judgement.ts";
import { verdictIn } from "../run/outline.ts";
import { type AppliedWaiver, lastOf, type RunCheck, type RunRequirement } from "../run/run.ts";
import { acceptedSection, acceptedShort, askFirst } from "./accepted.ts";
import { actionsSection } from "./actions.ts";
import { changedSection } from "./changed.ts";
import type { History, Whole } from "./collect.ts";
import { type Html, html } from "./html.ts";
import { inShort } from "./in-short.ts";
import { judgedBySection, seenRedWords } from "./judged-by.ts";
import { facts, pageOf, verdictMark, verdictSign, wordFor } from "./look.ts";
import { movedSection } from "./moved.ts";
import { actionsFor, judgeAgain, typed } from "./next.ts";
import { optionFor } from "./not-judged.ts";
import { nightsOf, type OpenFailure, openFailures, standing, standingMark } from "./open.ts";
import { outsideChange } from "./outside.ts";
import { requiredSection } from "./required.ts";
import { runsSection } from "./runs.ts";
import { clockOf } from "./times.ts";
import { topology } from "./topology.ts";
import { trend, trendWords } from "./trend.ts";
import { wordsOf } from "./words.ts";

/** How many nights a row of the matrix shows. */
const nightsShown = 14;

/** The file. `deployment`: the values that were judged by, if they lie beside the run. */
export function targetPage(history: History, builtFor: string, deployment?: Deployment): string {
  const { target, nights, now } = history;
  const last = nights.at(-1);
  const seen = nightsOf(history);
  const body: Html[] = [
    html`<h1>${target}: ${last ? standingMark(history) : ""}</h1>`,
    ...(last?.trouble === undefined
      ? []
      : [
          html`<p class="card">No result on ${clockOf(history)(last.at)}: ${last.trouble}. What follows is the last result before it.</p>`,
        ]),
    ...(now ? judged(history, now, deployment) : [html`<p>There was never a result.</p>`]),
    html`<h2>Trend</h2><p>${trendWords(seen)}. A column is as high as the share of requirements that pass; a run that left an earlier failure unjudged is unknown; an empty frame is a run without a result.</p>${trend(seen)}`,
    runsSection(history, nightsShown),
    html`<h2>Words</h2>`,
    facts(
      wordsOf(
        ...(["register", "must, should", "remedy", "declared, delivered, live, behaves"] as const),
        ...(["shown to fail", "waived", "not judged", "stand-in", "contract"] as const),
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
    ...changedSection(
      now,
      history.nights.at(-1)?.trouble === undefined ? undefined : clockOf(history)(run.startedAt),
    ),
    ...outsideChange(history),
    html`<h2>${history.nights.at(-1)?.trouble === undefined ? "What is known" : `What was known on ${clockOf(history)(run.startedAt)}`}</h2>`,
    topology(requirements, new Set(openFailures(history).map(({ id }) => id)), deployment, (id) => `#${id}`),
    ...movedSection(history),
    ...acceptedSection(history, now),
    html`<h2>Requirements${asOf(history, now)}</h2>`,
    seenRedWords(now, typed("accept", "--controls")),
    html`<div class="filter"><label><input type="checkbox"> hide what passes</label></div>`,
    ...matrix(history, now),
    ...actionsSection(now, deployment),
  ];
}

/** When the rows were judged, if that is not the newest run. */
const asOf = (history: History, { run }: Whole) =>
  history.nights.at(-1)?.trouble === undefined ? "" : `, as of ${clockOf(history)(run.startedAt)}`;

function matrix(history: History, now: Whole): Html[] {
  const groups = Map.groupBy(now.target.requirements, ({ plan }) => plan);
  const sorted = [...groups].toSorted(([one], [two]) => rank(one).localeCompare(rank(two)));
  return sorted.map(([plan, requirements]) => {
    const task = taskOf(plan);
    const phase = phaseOf(plan);
    const title =
      phase.id === "" ? `The whole plan: ${task.title}` : `Phase ${phase.id}, task ${plan}: ${task.title}`;
    return html`<section><h3>${title}</h3>
<table class="stack"><thead><tr><th scope="col" class="c1">Verdict</th><th scope="col">Requirement</th><th scope="col" class="c3">Why it is believed</th><th scope="col" class="c4">Last runs, oldest first</th></tr></thead>
<tbody>${requirements.map((one) => row(one, history, now))}</tbody></table></section>`;
  });
}

const rank = (plan: string) => (plan.includes(".") ? plan : "9");

function row(one: RunRequirement, history: History, now: Whole): Html {
  const { nights } = history;
  const last = lastOf(one);
  const open = openFailures(history).find(({ id }) => id === one.id);
  const wrong = last.checks.filter(fails).length;
  const past = nights
    .slice(-nightsShown)
    .map((night) =>
      verdictSign(verdictIn(night, one.id) ?? (night.kind === "no result" ? "error" : "not judged")),
    );
  return html`<tr id="${one.id}"${one.verdict === "pass" ? html` class="calm"` : html``}>
<td>${verdictMark(one.verdict)}${open ? html`<br>${verdictMark("fail")} before` : ""}</td>
<th scope="row"><details><summary><code>${one.id}</code> ${one.statement}</summary>
<p class="soft">${one.rationale} ${one.kind === "L" ? "The plan asks for this." : "A remedy: the plan does not ask for it, but one of its goals needs it."} Severity: ${one.severity}. Revision ${one.revision}.</p>
${last.reason === "" ? "" : html`<p>${last.reason}</p>`}
<ul>${last.checks.map((check) => checkLine(check, one.waiver))}</ul></details></th>
<td>${open ? openWords(open, history) : ""}${believed(one, wrong, now)}</td>
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

/** What failed before, and what the newest run knows of it. */
function openWords({ at, seen, passedBy }: OpenFailure, history: History): Html {
  const today = passedBy
    ? "The newest run no longer found that, and stopped before what it may not do: no pass. "
    : "The newest run did not look at it. ";
  return html`<strong>Open:</strong> it failed on ${clockOf(history)(at)}${seen === undefined ? "" : `: ${seen}`}. ${today}`;
}

function believed(one: RunRequirement, wrong: number, now: Whole): Html {
  const { checks, reason } = lastOf(one);
  const judgedChecks = checks.filter(({ notImitated }) => notImitated === undefined).length;
  const red = one.lastRed.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
  const seen = red
    ? `The same check was last shown to fail on ${red.at.slice(0, 10)}, on ${counted(one.lastRed.length, "state that was", "states that were")} broken on purpose: ${red.control}.`
    : "Not yet shown to fail on purpose.";
  const beyond = checks.length - judgedChecks;
  const also = beyond > 0 ? `; ${beyond} can't be judged on this target` : "";
  if (one.verdict === "pass")
    return html`${judgedChecks} of ${counted(checks.length, "check holds", "checks hold")}${also}. ${seen}`;
  if (one.verdict === "waived")
    return html`${wrong} of ${judgedChecks} checks ${wrong === 1 ? "does" : "do"} not hold.${one.waiver ? html` ${acceptedShort(one.waiver)}` : html``} ${seen}`;
  if (one.verdict === "fail")
    return html`${wrong} of ${judgedChecks} checks ${wrong === 1 ? "does" : "do"} not hold. ${seen}`;
  if (one.verdict === "not judged" && reason.startsWith("needs ")) {
    const actions = actionsFor(one);
    if (actions)
      return html`It needs the ${actions.length === 1 ? "action" : "actions"} ${actions.join(", ")}, and this run was not allowed ${actions.length === 1 ? "that" : "those"}. <a href="#actions">What that does to users, and who decides</a>. If it may be done there: ${judgeAgain(now, [one.id], actions)}`;
    const option = optionFor(one, now);
    if (option) return html`It needs ${option.needs}: ${option.command}`;
    return html`It ${reason}, and this run did without.`;
  }
  return html`${reason}`;
}
