// The runs of a target: which judged what, how each ended, and why it was no pass.
import { verdicts } from "../../fixtures/judgement.ts";
import { countIn, type Outline } from "../run/outline.ts";
import type { History } from "./collect.ts";
import { type Html, html } from "./html.ts";
import { nightMark, nightsOf } from "./open.ts";
import { clockOf } from "./times.ts";

/** The newest runs, one a line. */
export function runsSection(history: History, most: number): Html {
  const clock = clockOf(history);
  const rows = nightsOf(history)
    .slice(-most)
    .toReversed()
    .map((night) => {
      const counts = verdicts
        .map((verdict) => [countIn(night, verdict), verdict] as const)
        .filter(([count]) => count > 0)
        .map(([count, verdict]) => `${count} ${verdict}`);
      return html`<tr><th scope="row">${clock(night.at)}</th><td>${nightMark(night)}</td><td>${night.trouble ?? counts.join(", ")}${reasons(night)}</td></tr>`;
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
