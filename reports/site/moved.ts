// What moved between the two newest results of a target, in words.
import type { History } from "./collect.ts";
import { type Drift, driftOf, type Moved } from "./drift.ts";
import { type Html, html } from "./html.ts";
import { countOf, verdictMark } from "./look.ts";
import { openFailures } from "./open.ts";
import { apart, clockOf } from "./times.ts";

/** Verdicts that are no longer as they were; a failure that is not judged any more first. */
export const movedIn = ({ moved, notSeen }: Drift): readonly Moved[] => [...notSeen, ...moved];

/** `✗ fail, now – not judged (open)` */
export function movedWords(history: History, { id, was, now }: Moved): Html {
  const open = openFailures(history).some((one) => one.id === id) ? " (open)" : "";
  return html`${verdictMark(was)}, now ${verdictMark(now)}${open}`;
}

/** The two runs that are compared, and how far apart they are. */
export function comparedWords(history: History): string {
  const { earlier, now } = history;
  if (!earlier || !now) return "";
  const clock = clockOf(history);
  const [before, after] = [earlier.run.startedAt, now.run.startedAt];
  const isNewest = history.nights.at(-1)?.trouble === undefined;
  return `The run of ${clock(before)} (before), and the run of ${clock(after)}${isNewest ? " (now)" : ""}, ${apart(before, after)} later`;
}

/** The section of a target's page. */
export function movedSection(history: History): Html[] {
  const { earlier, now, nights } = history;
  const title = html`<h2 id="moved">What moved</h2>`;
  if (!earlier || !now) return [title, html`<p>There is no earlier result to compare with.</p>`];
  const drift = driftOf(earlier, now);
  const { moved, more, less, notSeen, drifted, notComparable } = drift;
  const parts = [
    moved.length === 0
      ? "no requirement became pass or fail"
      : countOf(moved, "verdict moved", "verdicts moved"),
    ...amount(notSeen.length, "did not pass before, and", "not judged this time: nothing is proved"),
    ...amount(less.length, "passed before, and", "not judged this time"),
    ...amount(more.length, "", "judged now, and not before"),
    countOf(drifted, "check found something else", "checks found something else"),
  ];
  const none =
    nights.at(-1)?.trouble === undefined
      ? ""
      : `The newest run gave no result: nothing is known of ${history.target} since. The last two results: `;
  const since = html`<p>${none}${none === "" ? comparedWords(history) : uncapital(comparedWords(history))}: ${parts.join("; ")} under the same verdict.${notComparable === undefined ? "" : ` ${notComparable}.`}</p>`;
  const lines = movedIn(drift).map(
    (one) => html`<li><a href="#${one.id}">${one.id}</a>: ${movedWords(history, one)}</li>`,
  );
  const found = drifted.map(
    ({ id, where, was, now: is }) =>
      html`<li><a href="#${id}">${id}</a> (${where})<br>before: <del>${was}</del><br>now: <ins>${is}</ins></li>`,
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

const uncapital = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

/** `2 requirements passed before, and were not judged this time`; nothing of none. */
function amount(count: number, first: string, then: string): string[] {
  if (count === 0) return [];
  const [noun, verb] = count === 1 ? ["requirement", "was"] : ["requirements", "were"];
  return [[`${count} ${noun}`, first, verb, then].filter(Boolean).join(" ")];
}
