// `requirements.html`: each requirement on each target.
import { counted } from "../../fixtures/counted.ts";
import { type Verdict, verdicts } from "../../fixtures/judgement.ts";
import type { RunRequirement } from "../run/run.ts";
import type { History } from "./collect.ts";
import { html } from "./html.ts";
import { facts, pageName, pageOf, timeOf, verdictMark, verdictSign, wordFor } from "./look.ts";
import { openFailures, standing } from "./open.ts";
import { type Word, wordsOf } from "./words.ts";

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
    return html`<tr><th scope="row"><code>${id}</code> ${byId.get(id)?.title} <span class="soft">(${byId.get(id)?.severity})</span></th>${cells}</tr>`;
  });
  const shown = verdicts
    .toReversed()
    .filter((verdict) => [...of.values()].some((row) => [...row.values()].includes(verdict)));
  const stale = histories.some(({ nights, now }) => now && nights.at(-1)?.trouble !== undefined);
  const words: Word[] = [...shown, ...(stale ? (["no result"] as const) : []), "must, should"];
  const legend = [
    ...shown.map(verdictMark),
    ...(someOpen ? [html`${failedSign} after another sign: it failed before, and was not judged since`] : []),
  ];
  const body = [
    html`<h1>${ids.length} requirements on ${counted(names.length, "target")}</h1>`,
    html`<p>Each mark is the last result of a target, and leads to its row: ${legend.map((one, at) => html`${at === 0 ? "" : ", "}${one}`)}.</p>`,
    html`<div class="scroll" role="region" aria-label="Requirements by target" tabindex="0"><table class="grid"><thead><tr><th scope="col">Requirement</th>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`,
    html`<h2>Words</h2>`,
    facts(wordsOf(...words)),
  ];
  const title = `All requirements: ${histories.map((history) => `${history.target} ${wordFor(standing(history))}`).join(", ")}`;
  return pageOf({ title, root: "", builtFor, body });
}
