// Who accepted which failure, why, at what risk, since when and until when: in full once on a page, and a link elsewhere.
import { verdictIn } from "../run/outline.ts";
import { type AppliedWaiver, lastOf } from "../run/run.ts";
import { endOf } from "../run/waivers.ts";
import type { History, Whole } from "./collect.ts";
import { type Html, html } from "./html.ts";
import { facts, timeOf } from "./look.ts";

const day = 86_400_000;

const states = {
  "in force": "accepted, in force",
  expired: "expired: the failure counts",
  "not needed": "no longer needed: the requirement passes",
  "not applied": "not applied: only a failure can be accepted",
} as const;

/** `until 2026-12-31`, and what that means. */
function untilWords({ expires }: AppliedWaiver, began: string): string {
  const end = endOf(expires);
  const whole = expires.length === "2026-12-31".length ? " to the end of that day, UTC" : "";
  const left = end === undefined ? 0 : Math.floor((end - Date.parse(began)) / day);
  const days = left === 1 ? "1 day was" : `${left} days were`;
  const when = left < 1 ? "less than a day was" : days;
  const after = "After it the failure counts, and the run fails";
  if (end !== undefined && end <= Date.parse(began))
    return `${expires}${whole}, which is over: the failure counts`;
  return `${expires}${whole}: ${when} left when the run began. ${after}`;
}

/** Since when the runs say so: the first of those that did without a break. */
function firstWaived({ nights }: History, id: string): string | undefined {
  const judged = nights.filter((night) => night.kind !== "no result");
  const before = judged.findLastIndex((night) => verdictIn(night, id) !== "waived");
  return judged[before + 1]?.at;
}

function sinceWords(history: History, { run }: Whole, { requirement, accepted }: AppliedWaiver): string {
  const file = run.from?.waivers;
  const where = file === undefined ? "" : `${accepted === undefined ? "" : ","} in ${file}`;
  const first = firstWaived(history, requirement);
  const seen = first === undefined ? "" : `; the first run with it: ${timeOf(first)}`;
  const on = accepted === undefined ? "the day is not recorded" : `on ${accepted}`;
  return `${on}${where}${seen}`;
}

/** The section of a target's page. */
export function acceptedSection(history: History, now: Whole): Html[] {
  const { waivers = [], requirements } = now.target;
  const title = html`<h2 id="accepted">Who accepted what</h2>`;
  if (waivers.length === 0) return [title, html`<p>No failure is waived.</p>`];
  const items = waivers.map((waiver) => {
    const row = requirements.find((one) => one.id === waiver.requirement);
    const list = facts([
      ["Accepted by", waiver.approver],
      ["Accepted", sinceWords(history, now, waiver)],
      ["Until", untilWords(waiver, now.run.startedAt)],
      ["Because", waiver.reason],
      ["Risk", waiver.risk],
      ["Who mends it", waiver.owner],
      ["Ticket", waiver.ticket],
      ["Found", row?.verdict === "waived" ? lastOf(row).seen : undefined],
    ]);
    return html`<h3><a href="#${waiver.requirement}">${waiver.requirement}</a> ${row?.title}: ${states[waiver.state]}</h3>${list}`;
  });
  return [title, ...items];
}

/** The same in a row: who and until when; the rest stands in the section. */
export const acceptedShort = ({ approver, expires, soon }: AppliedWaiver): Html =>
  html`Accepted by ${approver}, until ${expires}${soon ? " (soon)" : ""}: <a href="#accepted">why, and at what risk</a>.`;

/** What stands before a command that would mend a failure which somebody accepts. */
export const askFirst = ({ owner }: AppliedWaiver): string =>
  `This failure is accepted. Before you change anything, ask who is to mend it: ${owner}. Then`;
