// The pages about all targets: the overview, and each requirement on each target.
import { type Verdict, verdicts } from "../../fixtures/judgement.ts";
import { countIn } from "../run/outline.ts";
import type { RunRequirement } from "../run/run.ts";
import type { History } from "./collect.ts";
import { driftOf } from "./drift.ts";
import { type Html, html } from "./html.ts";
import { pageName, pageOf, timeOf, verdictMark, verdictSign } from "./look.ts";
import { openFailures, standing } from "./open.ts";
import { trend } from "./trend.ts";

/** `index.html` */
export function overviewPage(histories: readonly History[], builtFor: string): string {
  const counts = (["pass", "fail", "unknown", "error"] as const)
    .map((verdict) => [histories.filter((history) => standing(history) === verdict).length, verdict] as const)
    .filter(([count]) => count > 0)
    .map(([count, verdict]) => html`<li>${verdictMark(verdict)}: ${count} of ${histories.length}</li>`);
  const body = [
    html`<h1>What is true of ${histories.length} ${histories.length === 1 ? "target" : "targets"}</h1>`,
    html`<ul>${counts}</ul>`,
    html`<h2>Targets</h2>`,
    html`<table class="stack"><thead><tr><th scope="col">Target</th><th scope="col">Verdict</th><th scope="col">Requirements</th><th scope="col">What moved</th><th scope="col">Last run</th><th scope="col">Trend</th></tr></thead>
<tbody>${histories.toSorted(worstFirst).map(targetRow)}</tbody></table>`,
    html`<p class="soft">Each target's page says what was required, what was changed, what is true, how we know, and who accepted what.</p>`,
  ];
  return pageOf({ title: "All targets", root: "", builtFor, body });
}

const order = ["error", "fail", "unknown", "pass"];
const worstFirst = (one: History, two: History) =>
  order.indexOf(standing(one)) - order.indexOf(standing(two));

function targetRow(history: History): Html {
  const { target, nights, earlier, now } = history;
  const last = nights.at(-1);
  if (!last) return html``;
  const some = verdicts
    .toReversed()
    .map((verdict) => [countIn(last, verdict), verdict] as const)
    .filter(([count]) => count > 0)
    .map(([count, verdict]) => `${count} ${verdict}`);
  const drift = earlier && now && last.trouble === undefined ? driftOf(earlier, now) : undefined;
  const open = openFailures(history).map(({ id }) => id);
  // An open failure is named once, beside the counts.
  const moved = [...(drift?.moved ?? []), ...(drift?.notSeen ?? []).filter(({ id }) => !open.includes(id))]
    .map(({ id, was, now: is }) => `${id} ${was} → ${is}`)
    .join(", ");
  const again =
    open.length > 0 ? html` <div>failed before, and not judged since: ${open.join(", ")}</div>` : html``;
  const lost = `${nights.at(-2)?.verdict ?? "nothing"} → no result`;
  const kind = last.kind === "no result" ? now?.target.kind : last.kind;
  const before =
    last.trouble !== undefined && now
      ? html`. The result before it, of ${timeOf(now.run.startedAt)}: ${verdictMark(now.target.verdict)}`
      : html``;
  return html`<tr><th scope="row"><a href="targets/${pageName(target)}.html">${target}</a> <span class="soft">${kind}</span></th>
<td>${verdictMark(standing(history))}</td><td>${last.trouble ?? some.join(", ")}${before}${again}</td><td>${last.trouble === undefined ? moved || (drift ? `${open.length > 0 ? "nothing else moved" : "no verdict moved"}; ${drift.drifted.length} checks found something else` : "first result") : lost}</td>
<td>${timeOf(last.at)}</td><td>${trend(nights.slice(-30), 24, 180)}</td></tr>`;
}

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
  const rows = ids.map((id) => {
    const cells = names.map((name) => {
      const verdict = of.get(id)?.get(name);
      return verdict === undefined
        ? html`<td><span class="soft" role="img" aria-label="not in its register" title="not in its register">·</span></td>`
        : html`<td><a href="targets/${pages.get(name)}.html#${id}">${verdictSign(verdict)}</a></td>`;
    });
    return html`<tr><th scope="row"><code>${id}</code> ${byId.get(id)?.title}</th>${cells}</tr>`;
  });
  const body = [
    html`<h1>${ids.length} requirements on ${names.length} ${names.length === 1 ? "target" : "targets"}</h1>`,
    html`<p>Each cell is the last result of a target: ${verdicts.toReversed().map((verdict) => html`${verdictMark(verdict)} `)}</p>`,
    html`<div class="scroll" role="region" aria-label="Requirements by target" tabindex="0"><table class="grid"><thead><tr><th scope="col">Requirement</th>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`,
  ];
  return pageOf({ title: "All requirements", root: "", builtFor, body });
}
