// The first page: what is true of all targets, and what each of them needs next.
import { verdicts } from "../../fixtures/judgement.ts";
import { countIn, type Outline } from "../run/outline.ts";
import type { History, Unread, Whole } from "./collect.ts";
import { driftOf } from "./drift.ts";
import { type Html, html } from "./html.ts";
import { isUncommitted, shownWords } from "./judged-by.ts";
import { countOf, facts, pageName, pageOf, verdictMark, wordFor } from "./look.ts";
import { movedIn } from "./moved.ts";
import { nextSteps } from "./next.ts";
import { nightMark, nightsOf, openFailures, standing, standingMark } from "./open.ts";
import { outsideChange } from "./outside.ts";
import { listOf } from "./required.ts";
import { clockOf } from "./times.ts";
import { trend } from "./trend.ts";
import { wordsOf } from "./words.ts";

/** `index.html` */
export function overviewPage(
  histories: readonly History[],
  builtFor: string,
  unread: readonly Unread[] = [],
): string {
  const counts = (["pass", "fail", "unknown", "error"] as const)
    .map((verdict) => [histories.filter((history) => standing(history) === verdict).length, verdict] as const)
    .filter(([count]) => count > 0);
  const items = counts.map(
    ([count, verdict]) => html`<li>${verdictMark(verdict)}: ${count} of ${histories.length}</li>`,
  );
  const title = counts.map(([count, verdict]) => `${count} ${wordFor(verdict)}`).join(", ");
  const body = [
    html`<h1>What is known of ${countOf(histories, "target")}</h1>`,
    html`<ul>${items}</ul>`,
    ...unreadCard(unread),
    ...imitationWords(histories),
    ...uncommittedWords(histories),
    html`<h2>Targets, the worst first</h2>`,
    html`<table class="stack"><thead><tr><th scope="col">Target</th><th scope="col">Verdict</th><th scope="col">Requirements</th><th scope="col">What moved</th><th scope="col">Last run</th><th scope="col">Trend</th></tr></thead>
<tbody>${histories.toSorted(worstFirst).map(targetRow)}</tbody></table>`,
    html`<p class="soft">Each target's page says what was required, what was changed, what is known, how we know, and who accepted what. In a command, the word after <code>--inventory</code> is the name of the inventory: type the path where your nightly job has it.</p>`,
    html`<h2>What is required</h2>`,
    ...listsOf(histories),
    html`<h2>Words</h2>`,
    facts(
      wordsOf(
        ...(["pass", "unknown", "no result", "not judged", "waived"] as const),
        ...(["must, should", "stand-in", "shown to fail"] as const),
      ),
    ),
  ];
  return pageOf({ title: `All targets: ${title}`, root: "", builtFor, body });
}

/** What this site leaves out, and why. */
function unreadCard(unread: readonly Unread[]): Html[] {
  if (unread.length === 0) return [];
  const items = unread.map(({ name, why }) => html`<li><code>${name}</code>: ${why}</li>`);
  return [
    html`<div class="card">${countOf(unread, "document")} of runs can't be read, and ${unread.length === 1 ? "is" : "are"} left out:<ul>${items}</ul></div>`,
  ];
}

/** Said first if it is so: a pass of an imitation is no pass of a host. */
function imitationWords(histories: readonly History[]): Html[] {
  const known = histories.flatMap(({ now }) => (now ? [now] : []));
  const imitated = known.filter(({ target }) => target.kind === "stand-in");
  const [first] = imitated;
  if (!first) return [];
  const all = imitated.length === known.length;
  const names = all ? "Every target here" : imitated.map(({ target }) => target.target).join(", ");
  const are =
    all || imitated.length === 1
      ? "is a stand-in: an imitated hypervisor"
      : "are stand-ins: imitated hypervisors";
  const contract = imitated.find(({ run }) => run.contract)?.run.contract;
  const compared = contract
    ? `The imitation was last compared with a real host on ${contract.at} (Proxmox VE ${contract.version}).`
    : "The imitation was never compared with a real host.";
  return [
    html`<p class="card"><strong>${names} ${are}.</strong> ${all ? "No real host was judged. " : ""}${compared}</p>`,
  ];
}

function uncommittedWords(histories: readonly History[]): Html[] {
  const names = histories.flatMap(({ target, now }) => (now && isUncommitted(now.run.tool) ? [target] : []));
  if (names.length === 0) return [];
  return [
    html`<p class="card"><strong>Warning:</strong> the suite that judged ${names.join(", ")} had changes that were not committed: nobody else can repeat that exactly.</p>`,
  ];
}

/** Whose list of requirements it is; a paragraph for each list. */
function listsOf(histories: readonly History[]): Html[] {
  const known = histories.flatMap(({ now }) => (now ? [now] : []));
  const lists = [...Map.groupBy(known, ({ run }) => run.register.digest).values()];
  return lists.flatMap((of) => {
    const [first] = of;
    const on = lists.length > 1 ? `On ${of.map(({ target }) => target.target).join(", ")}: ` : "";
    return first ? [html`<p>${on}${listOf(first)} <a href="requirements.html">All of them</a>.</p>`] : [];
  });
}

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
  const called = namesIn(history, page);
  const moved = (drift ? movedIn(drift) : []).map(
    ({ id, was, now: is }) =>
      html`<div>${called(id)}: ${was} → ${is}${open.includes(id) ? " (open)" : ""}</div>`,
  );
  const says = [
    ...(last.trouble === undefined ? reasonsOf(last, called) : []),
    ...(open.length > 0
      ? [
          html`failed before, and not judged since: ${open.map((id, at) => html`${at === 0 ? "" : ", "}${called(id)}`)}`,
        ]
      : []),
    ...acceptedIn(history, page),
    ...(now ? [html`shown to fail on purpose: ${shownWords(now)}`] : []),
    // Who made a change is asked first, and tells nothing of what to type.
    ...nextSteps(history, page)
      .slice(0, outsideChange(history).length > 0 ? 2 : 1)
      .map((step) => html`Next: ${step}`),
  ].map((line) => html` <div>${line}</div>`);
  const lost = `${nightsOf(history).at(-2)?.verdict ?? "nothing"} → no result`;
  const kind = last.kind === "no result" ? now?.target.kind : last.kind;
  const before =
    last.trouble !== undefined && now
      ? html`. The result before it, of ${clockOf(history)(now.run.startedAt)}: ${markOf(history, now)}`
      : html``;
  return html`<tr><th scope="row"><a href="${page}">${target}</a> <span class="soft whole">${kind}</span></th>
<td>${standingMark(history)}</td><td>${last.trouble ?? some.join(", ")}${before}${says}</td><td>${last.trouble === undefined ? (moved.length > 0 ? moved : drift ? `no verdict moved; ${countOf(drift.drifted, "check")} found something else` : "first result") : lost}${outsideChange(history).length > 0 ? html`<div><a href="${page}#outside">changed, and not by this suite</a></div>` : ""}</td>
<td>${clockOf(history)(last.at)}</td><td>${trend(nightsOf(history).slice(-30), 24, 180)}</td></tr>`;
}

/** The verdict of a result, as the list of runs has it. */
function markOf(history: History, { run, target }: Whole): Html {
  const night = nightsOf(history).findLast(({ at }) => at === run.startedAt);
  return night ? nightMark(night) : verdictMark(target.verdict);
}

/** A requirement's id as a link, its severity, and its title. */
const namesIn = ({ now }: History, page: string) => {
  const rows = new Map(now?.target.requirements.map((one) => [one.id, one]));
  return (id: string): Html => {
    const { severity, title } = rows.get(id) ?? {};
    return html`<a href="${page}#${id}">${id}</a> (${severity}) ${title}`;
  };
};

/** Why it is no pass: its first rows, and what was found. */
function reasonsOf(last: Outline, called: (id: string) => Html): Html[] {
  const { why = [] } = last;
  const lines = why.map(({ id, seen }) => html`${called(id)}: ${seen}`);
  const more = countIn(last, "fail") + countIn(last, "unknown") - why.length;
  return more > 0 ? [...lines, html`and ${more} more`] : lines;
}

/** Who accepts which failure until when. */
const acceptedIn = (history: History, page: string): Html[] =>
  (history.now?.target.waivers ?? [])
    .filter(({ state }) => state === "in force" || state === "expired")
    .map(
      ({ requirement, approver, expires, state, soon }) =>
        html`${namesIn(history, page)(requirement)}: accepted by <a href="${page}#accepted">${approver}</a>, until ${expires}${state === "expired" ? ": expired, the failure counts" : soon ? " (soon)" : ""}`,
    );
