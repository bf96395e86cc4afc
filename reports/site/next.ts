// What to type next, as a command line that a shell takes as it is but for FILE, the inventory.
import { fails, type Verdict } from "../../fixtures/judgement.ts";
import { quoteWord } from "../../fixtures/quote.ts";
import { lastOf, type RunCommand, type RunRequirement, type RunTarget } from "../run/run.ts";
import type { History } from "./collect.ts";
import { type Html, html } from "./html.ts";
import { openFailures } from "./open.ts";

/** A command line. An option is never broken across lines. */
export function typed(...words: readonly string[]): Html {
  const shown = ["npm run phoenix --", ...words].map((word, at) => {
    const text = /^(?:npm|--)/.test(word) ? html`<span class="whole">${word}</span>` : word;
    return at === 0 ? text : html` ${text}`;
  });
  return html`<code>${shown}</code>`;
}

const on = (target: string): string[] => ["--inventory", "FILE", "--target", wordOf(target)];

function wordOf(target: string): string {
  try {
    return quoteWord(target);
  } catch {
    return "NAME"; // no shell word can be this name
  }
}

/** What was judged, and by which command: `verify` alone takes an inventory. */
type Judged = { readonly command: RunCommand } & Pick<RunTarget, "target">;

/** Judges these requirements again, and may take these actions. `accept` judges all of them. */
export function judgeAgain(
  { target, command }: Judged,
  ids: readonly string[],
  actions: readonly string[] = [],
  ...more: readonly string[]
): Html {
  if (command === "accept") return typed("accept");
  const may = actions.flatMap((one) => ["--allow", one]);
  return typed("verify", ...on(target), "--only", ids.join(","), ...may, ...more);
}

/** Prints the target's journal, if the target is still there. */
export const showJournal = ({ target, command }: Judged): Html | undefined =>
  command === "verify" ? typed("status", ...on(target)) : undefined;

/** Finds out why there was no result. */
const findOut = (one: Judged): Html =>
  one.command === "verify" ? typed("targets", "check", ...on(one.target)) : judgeAgain(one, []);

/** The actions that a requirement which was not judged needs; none if it needs something else, such as a file. */
export function actionsFor(one: RunRequirement): string[] | undefined {
  const { reason } = lastOf(one);
  if (one.verdict !== "not judged" || !reason.startsWith("needs ")) return undefined;
  const needed = reason.slice("needs ".length).split(", ");
  return needed.every((action) => /^[a-z-]+$/.test(action)) ? needed : undefined;
}

const mostNamed = 3;

/**
 * What an operator does next, the most urgent first; nothing if all that was judged passes. `page` is the way to the target's
 * page; none on that page itself.
 */
export function nextSteps(history: History, page = ""): readonly Html[] {
  const { nights, now } = history;
  const target: Judged = {
    command: now?.run.command ?? "verify",
    ...(now?.target ?? { target: history.target }),
  };
  const steps: Html[] = [];
  if (nights.at(-1)?.trouble !== undefined)
    steps.push(html`find out why it was not judged: ${findOut(target)}`);
  const requirements = now?.target.requirements ?? [];
  const of = (verdict: Verdict) => requirements.filter((one) => one.verdict === verdict);
  const failing = of("fail");
  const mend = failing.slice(0, mostNamed).map((one) => {
    const { next, where } = lastOf(one).checks.find(fails) ?? {};
    return html`<li><a href="${page}#${one.id}">${one.id}</a>: ${next ?? `look at ${where ?? "its row"}`}</li>`;
  });
  if (failing.length > 0) {
    const rest = failing.length > mostNamed ? html`<li>${failing.length - mostNamed} more</li>` : html``;
    const ids = failing.map(({ id }) => id);
    steps.push(html`mend what fails:<ul>${mend}${rest}</ul>and judge it again: ${judgeAgain(target, ids)}`);
  }
  const unknown = of("unknown").map(({ id }) => id);
  if (unknown.length > 0)
    steps.push(
      html`what could not be told: its rows say why; then judge it again: ${judgeAgain(target, unknown)}`,
    );
  const open = openFailures(history).map(({ id }) => id);
  if (open.length > 0) {
    const rows = requirements.filter(({ id }) => open.includes(id));
    const actions = [...new Set(rows.flatMap((one) => actionsFor(one) ?? []))];
    const may = actions.length > 0 ? " (if the target may be acted on)" : "";
    steps.push(html`judge again what failed${may}: ${judgeAgain(target, open, actions)}`);
  }
  return steps;
}
