// The pages about all targets: the overview, and each requirement on each target.
import { type Verdict, verdicts } from "../../fixtures/judgement.ts";
import { countIn, type Outline } from "../run/outline.ts";
import type { RunRequirement } from "../run/run.ts";
import type { History, Unread } from "./collect.ts";
import { driftOf } from "./drift.ts";
import { type Html, html } from "./html.ts";
import { countOf, facts, pageName, pageOf, timeOf, verdictMark, verdictSign } from "./look.ts";
import { movedIn } from "./moved.ts";
import { nextSteps } from "./next.ts";
import { nightsOf, openFailures, standing, standingMark } from "./open.ts";
import { clockOf } from "./times.ts";
import { trend } from "./trend.ts";

/** `index.html` */
export function overviewPage(
  histories: readonly History[],
  builtFor: string,
  unread: readonly Unread[] = [],
): string {
  const counts = (["pass", "fail", "unknown", "error"] as const)
    .map((verdict) => [histories.filter((history) => standing(history) === verdict).length, verdict] as const)
    .filter(([count]) => count > 0)
    .map(([count, verdict]) => html`<li>${verdictMark(verdict)}: ${count} of ${histories.length}</li>`);
  const body = [
    html`<h1>What is true of ${histories.length} ${histories.length === 1 ? "target" : "targets"}</h1>`,
    html`<ul>${counts}</ul>`,
    ...unreadCard(unread),
    html`<h2>Targets</h2>`,
    html`<table class="stack"><thead><tr><th scope="col">Target</th><th scope="col">Verdict</th><th scope="col">Requirements</th><th scope="col">What moved</th><th scope="col">Last run</th><th scope="col">Trend</th></tr></thead>
<tbody>${histories.toSorted(worstFirst).map(targetRow)}</tbody></table>`,
    html`<p class="soft">Each target's page says what was required, what was changed, what is true, how we know, and who accepted what.</p>`,
    facts(overviewWords),
  ];
  return pageOf({ title: "All targets", root: "", builtFor, body });
}

/** What this site leaves out, and why. */
function unreadCard(unread: readonly Unread[]): Html[] {
  if (unread.length === 0) return [];
  const items = unread.map(({ name, why }) => html`<li><code>${name}</code>: ${why}</li>`);
  return [
    html`<div class="card">${countOf(unread, "document")} of runs can't be read, and ${unread.length === 1 ? "is" : "are"} left out:<ul>${items}</ul></div>`,
  ];
}

const overviewWords = [
  ["pass", "all that was judged holds, or a named person accepts its failure until a date"],
  ["unknown", "it could not be told, or a failure was not looked at again"],
  ["no result", "the target could not be judged at all: nothing is known of it since the result before"],
  ["not judged", "the run was not asked or not allowed to do what that requirement needs; it is no pass"],
] as const;

const order = ["error", "fail", "unknown", "pass"];
const worstFirst = (one: History, two: History) =>
  order.indexOf(standing(one)) - order.indexOf(standing(two));

function targetRow(history: History): Html {
  const { target, nights, earlier, now } = history;
  const last = nights.at(-1);
  if (!last) return html``;
  const page = `targets/${pageName(target)}.html`;
  const some = verdicts
    .toReversed()
    .map((verdict) => [countIn(last, verdict), verdict] as const)
    .filter(([count]) => count > 0)
    .map(([count, verdict]) => `${count} ${verdict}`);
  const drift = earlier && now && last.trouble === undefined ? driftOf(earlier, now) : undefined;
  const open = openFailures(history).map(({ id }) => id);
  const moved = (drift ? movedIn(drift) : [])
    .map(({ id, was, now: is }) => `${id} ${was} → ${is}${open.includes(id) ? " (open)" : ""}`)
    .join(", ");
  const says = [
    ...(last.trouble === undefined ? reasonsOf(last, page) : []),
    ...(open.length > 0 ? [html`failed before, and not judged since: ${open.join(", ")}`] : []),
    ...acceptedIn(history, page),
    ...nextSteps(history, page)
      .slice(0, 1)
      .map((step) => html`Next: ${step}`),
  ].map((line) => html` <div>${line}</div>`);
  const lost = `${nightsOf(history).at(-2)?.verdict ?? "nothing"} → no result`;
  const kind = last.kind === "no result" ? now?.target.kind : last.kind;
  const before =
    last.trouble !== undefined && now
      ? html`. The result before it, of ${clockOf(history)(now.run.startedAt)}: ${verdictMark(now.target.verdict)}`
      : html``;
  return html`<tr><th scope="row"><a href="${page}">${target}</a> <span class="soft">${kind}</span></th>
<td>${standingMark(history)}</td><td>${last.trouble ?? some.join(", ")}${before}${says}</td><td>${last.trouble === undefined ? moved || (drift ? `no verdict moved; ${countOf(drift.drifted, "check")} found something else` : "first result") : lost}</td>
<td>${clockOf(history)(last.at)}</td><td>${trend(nightsOf(history).slice(-30), 24, 180)}</td></tr>`;
}

/** Why it is no pass: its first rows, and what was found. */
function reasonsOf(last: Outline, page: string): Html[] {
  const { why = [] } = last;
  const lines = why.map(({ id, seen }) => html`<a href="${page}#${id}">${id}</a>: ${seen}`);
  const more = countIn(last, "fail") + countIn(last, "unknown") - why.length;
  return more > 0 ? [...lines, html`and ${more} more`] : lines;
}

/** Who accepts which failure until when. */
const acceptedIn = ({ now }: History, page: string): Html[] =>
  (now?.target.waivers ?? [])
    .filter(({ state }) => state === "in force" || state === "expired")
    .map(
      ({ requirement, approver, expires, state, soon }) =>
        html`<a href="${page}#accepted">${requirement}</a> accepted by ${approver} until ${expires}${state === "expired" ? ": expired, the failure counts" : soon ? " (soon)" : ""}`,
    );

const failedSign = html`<span class="v fail" role="img" aria-label="failed before" title="failed before, and not judged since">✗</span>`;

/** `requirements.html`: a row for each requirement, a column for each target. */
export function requirementsPage(histories: readonly History[], builtFor: string): string {
  const names = histories.map(({ target }) => target);
  const byId = new Map<string, RunRequirement>();
  const of = new Map<string, Map<string, Verdict>>();
  for (const { target, now } of histories)
    for (const one of now?.target.requirements ?? []) {
      byId.set(one.id, byId.get(one.id) ?? one);
      of.set(one.id, (of.get(one.id) ?? new Map()).set(target, one.verdict));
    }
  const ids = [...byId.keys()].toSorted();
  const heads = histories.map(({ target: name, nights, now }) => {
    const stale = nights.at(-1)?.trouble !== undefined && now;
    const since = stale
      ? html`<br>${verdictMark("error")}: these are of ${timeOf(now.run.startedAt)}`
      : html``;
    return html`<th scope="col"><a href="targets/${pageName(name)}.html">${name}</a>${since}</th>`;
  });
  const pages = new Map(names.map((name) => [name, pageName(name)]));
  const open = new Map(
    histories.map((history) => [history.target, new Set(openFailures(history).map(({ id }) => id))]),
  );
  const someOpen = [...open.values()].some(({ size }) => size > 0);
  const rows = ids.map((id) => {
    const cells = names.map((name) => {
      const verdict = of.get(id)?.get(name);
      return verdict === undefined
        ? html`<td><span class="soft" role="img" aria-label="not in its register" title="not in its register">·</span></td>`
        : html`<td><a href="targets/${pages.get(name)}.html#${id}">${verdictSign(verdict)}${open.get(name)?.has(id) ? html` ${failedSign}` : ""}</a></td>`;
    });
    return html`<tr><th scope="row"><code>${id}</code> ${byId.get(id)?.title}</th>${cells}</tr>`;
  });
  const body = [
    html`<h1>${ids.length} requirements on ${names.length} ${names.length === 1 ? "target" : "targets"}</h1>`,
    html`<p>Each cell is the last result of a target: ${verdicts.toReversed().map((verdict) => html`${verdictMark(verdict)} `)}${someOpen ? html`. ${failedSign} after it: it failed before, and was not judged since.` : ""}</p>`,
    html`<div class="scroll" role="region" aria-label="Requirements by target" tabindex="0"><table class="grid"><thead><tr><th scope="col">Requirement</th>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`,
  ];
  return pageOf({ title: "All requirements", root: "", builtFor, body });
}
