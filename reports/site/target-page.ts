// The page of one target: what was required, what was changed, what is true, how we know, and who accepted what.

import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { phaseOf, purpose, taskOf, tasks } from "../../fixtures/deployment/plan.ts";
import { fails } from "../../fixtures/judgement.ts";
import { verdictIn } from "../run/outline.ts";
import {
  type AppliedWaiver,
  lastOf,
  type RunCheck,
  type RunRequirement,
  type RunTarget,
} from "../run/run.ts";
import { changedSection } from "./changed.ts";
import type { History, Whole } from "./collect.ts";
import { type Html, html } from "./html.ts";
import { inShort } from "./in-short.ts";
import { facts, pageOf, timeOf, verdictMark, verdictSign } from "./look.ts";
import { movedSection } from "./moved.ts";
import { actionsFor, judgeAgain, typed } from "./next.ts";
import { optionFor } from "./not-judged.ts";
import { nightsOf, type OpenFailure, openFailures, standingMark } from "./open.ts";
import { runsSection } from "./runs.ts";
import { clockOf } from "./times.ts";
import { topology } from "./topology.ts";
import { trend, trendWords } from "./trend.ts";

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
    html`<h2>Trend</h2><p>${trendWords(seen)}. A column is as high as the share of requirements that pass; a run that left a failure of before unjudged is unknown; an empty frame is a run without a result.</p>${trend(seen)}`,
    runsSection(history, nightsShown),
    html`<h2>Words</h2>`,
    facts(words),
  ];
  return pageOf({ title: `${target}: requirements`, root: "../", builtFor, body });
}

function judged(history: History, now: Whole, deployment: Deployment | undefined): Html[] {
  const { run, target } = now;
  const { requirements } = target;
  const seenRed = requirements.filter(({ lastRed }) => lastRed.length > 0).length;
  return [
    inShort(history, now),
    ...required(requirements),
    html`<h2>What was judged, and by what</h2>`,
    facts([
      ["Target", `${target.target} (${target.kind})`],
      ["Tree", target.tree && [target.tree.name, target.tree.commit].filter(Boolean).join(" at ")],
      ["Deployment", html`<code>${target.deployment}</code>`],
      [
        "Required",
        html`${run.register.requirements} requirements, register <code>${run.register.digest}</code>`,
      ],
      [
        "Suite",
        [
          `${run.tool.name} ${run.tool.version}`,
          run.tool.commit?.replace(/-dirty$/, ", with changes that were not committed"),
        ]
          .filter(Boolean)
          .join(" at "),
      ],
      [
        "Evidence",
        target.evidence.map(
          ({ phase, at, digest }) => html`<div>${phase}: ${timeOf(at)} <code>${digest}</code></div>`,
        ),
      ],
      ["Not imitated there", [...new Set(target.evidence.flatMap(({ limits }) => limits))].join(", ")],
      ["Allowed to", target.allowed.join(", ")],
      ["Stand-in", target.standIn?.image],
      ["Its contract", target.kind === "host" ? undefined : contractWords(now)],
    ]),
    ...changedSection(
      now,
      history.nights.at(-1)?.trouble === undefined ? undefined : clockOf(history)(run.startedAt),
    ),
    html`<h2>${history.nights.at(-1)?.trouble === undefined ? "What is true" : `What was true on ${clockOf(history)(run.startedAt)}`}</h2>`,
    topology(requirements, new Set(openFailures(history).map(({ id }) => id)), deployment, (id) => `#${id}`),
    ...movedSection(history),
    ...accepted(target),
    html`<h2>Requirements</h2>`,
    html`<p>${seenRed} of ${requirements.length} were seen failing on a known-bad state: a check that was never seen to fail proves less.${seenRed < requirements.length ? html` This runs each of them on such states: ${typed("accept", "--controls")}` : ""}</p>`,
    html`<div class="filter"><label><input type="checkbox"> only what is no pass</label></div>`,
    ...matrix(history, now),
  ];
}

/** What the plan is for, and what it asks: its tasks, each with the requirements that judge it. */
function required(requirements: readonly RunRequirement[]): Html[] {
  const items = tasks
    .map(({ id, title }) => [id, title, requirements.filter(({ plan }) => plan === id)] as const)
    .filter(([, , rows]) => rows.length > 0)
    .map(([id, title, rows]) => {
      const links = rows.map((row) => html` <a href="#${row.id}">${row.id}</a>`);
      return html`<li>${id === "1" ? "" : `${phaseOf(id).title}, task ${id}: `}${title}:${links}</li>`;
    });
  return [
    html`<h2>What was required</h2>`,
    html`<p>${purpose} Each task has requirements, which say what must be true when it is done:</p><ul>${items}</ul>`,
  ];
}

const words: readonly (readonly [string, string])[] = [
  ["register", "the list of all requirements, and its digest: another digest is another list"],
  ["remedy", "the plan does not name it, but one of its goals needs it"],
  [
    "declared, delivered, live, behaves",
    "how far a requirement was followed: in the tree of files, on the guest, in the running program, for a client",
  ],
  ["seen failing", "the same check was run on a state that was broken on purpose, and failed (a control)"],
  ["waived", "it fails, and a named person accepts that until a date"],
  ["not judged", "this run was not asked or not allowed to do what that needs; it is no pass"],
  ["stand-in", "an imitated hypervisor in a container; what it can't imitate is listed above"],
  ["contract", "the comparison of the stand-in with a real host"],
];

const contractWords = ({ run: { contract } }: Whole) =>
  contract
    ? `agreed with Proxmox VE ${contract.version} on ${contract.at}, ${contract.ageDays} days before`
    : "no real host has agreed with it yet";

const states = {
  "in force": "in force",
  expired: "expired: the failure counts",
  "not needed": "no longer needed: the requirement passes",
  "not applied": "not applied: only a failure can be accepted",
} as const;

/** Who accepts a failure, until when, and why. */
const waiverWords = ({ approver, expires, reason, risk, owner, ticket, soon }: AppliedWaiver) =>
  `Accepted by ${approver} until ${expires}${soon ? " (soon)" : ""}, because ${reason}. Risk: ${risk}. Owner: ${owner}. Ticket: ${ticket}.`;

/** Failures that a person accepts until a date. */
function accepted({ waivers = [], requirements }: RunTarget): Html[] {
  const title = html`<h2 id="accepted">Who accepted what</h2>`;
  if (waivers.length === 0) return [title, html`<p>No failure is waived.</p>`];
  const foundOf = (id: string) => {
    const row = requirements.find((one) => one.id === id);
    return row?.verdict === "waived" ? ` Found: ${lastOf(row).seen}` : "";
  };
  const items = waivers.map(
    (waiver) =>
      html`<li><a href="#${waiver.requirement}">${waiver.requirement}</a>, ${states[waiver.state]}. ${waiverWords(waiver)}${foundOf(waiver.requirement)}</li>`,
  );
  return [title, html`<ul>${items}</ul>`];
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
<p class="soft">${one.rationale} ${one.kind === "L" ? "The plan's own words." : "A remedy: a goal of the plan needs it."} Severity: ${one.severity}. Revision ${one.revision}.</p>
${last.reason === "" ? "" : html`<p>${last.reason}</p>`}
<ul>${last.checks.map(checkLine)}</ul></details></th>
<td>${open ? openWords(open, history) : ""}${believed(one, wrong, now)}</td>
<td>${past}</td></tr>`;
}

const checkLine = ({ level, expected, found, where, next, notImitated, ok }: RunCheck): Html =>
  html`<li>${verdictMark(ok ? "pass" : notImitated === undefined ? "fail" : "not judged")} ${level}: expected ${expected}; found ${found} <span class="soft">(${where})</span>${notImitated === undefined ? "" : html` Not imitated here: ${notImitated}`}${next === undefined || ok ? "" : html`<br>Next: <code>${next}</code>`}</li>`;

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
    ? `The same check was last seen failing on ${red.at.slice(0, 10)}, on ${one.lastRed.length} known-bad ${one.lastRed.length === 1 ? "state" : "states"}: ${red.control}.`
    : one.verdict === "pass"
      ? "Not yet seen failing."
      : "Its check was not yet tried on a state that was broken on purpose.";
  const beyond = checks.length - judgedChecks;
  const also = beyond > 0 ? `, and ${beyond} can't be judged on this target` : "";
  if (one.verdict === "pass") return html`${judgedChecks} of ${judgedChecks} checks hold${also}. ${seen}`;
  if (one.verdict === "waived")
    return html`${wrong} of ${judgedChecks} checks do not hold.${one.waiver ? html` ${waiverWords(one.waiver)} Before you mend it, ask its owner.` : html``} ${seen}`;
  if (one.verdict === "fail") return html`${wrong} of ${judgedChecks} checks do not hold. ${seen}`;
  if (one.verdict === "not judged" && reason.startsWith("needs ")) {
    const actions = actionsFor(one);
    if (actions)
      return html`It needs the ${actions.length === 1 ? "action" : "actions"} ${actions.join(", ")}, and this run was not allowed that. If it may be done there: ${judgeAgain(now, [one.id], actions)}`;
    const option = optionFor(one, now);
    if (option) return html`It needs ${option.needs}: ${option.command}`;
    return html`It ${reason}, and this run did without.`;
  }
  return html`${reason}`;
}
