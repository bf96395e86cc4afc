// What to type next, as a command line that a shell takes as it is. The inventory is named as the run names it, without its
// folder; FILE stands for a file whose name no run knows.
import { deploymentDigest } from "../../fixtures/deployment/digest.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { fails, type Verdict } from "../../fixtures/judgement.ts";
import { quoteWord } from "../../fixtures/quote.ts";
import { lastOf, type RunRequirement, type RunTarget } from "../run/run.ts";
import type { History, Whole } from "./collect.ts";
import { type Html, html } from "./html.ts";
import { openFailures } from "./open.ts";
import { outsideChange } from "./outside.ts";

/** A command line, on a line of its own that a click selects. An option is never broken across lines. */
export function typed(...words: readonly string[]): Html {
  const shown = ["npm run phoenix --", ...words].map((word, at) => {
    const text = /^(?:npm|--)/.test(word) ? html`<span class="whole">${word}</span>` : word;
    return at === 0 ? text : html` ${text}`;
  });
  return html`<code class="cmd">${shown}</code>`;
}

const on = (target: string, now?: Whole): string[] => [
  ...["--inventory", inventoryOf(now)],
  ...["--target", wordOf(target)],
];

const inventoryOf = (now: Whole | undefined) => {
  const { inventory } = now?.run.from ?? {};
  return inventory === undefined ? "FILE" : wordOf(inventory);
};

/** What the word after `--inventory` is. */
export function inventoryNote(now: Whole | undefined): Html | undefined {
  if (now?.run.command !== "verify") return undefined;
  const { inventory } = now.run.from ?? {};
  const known =
    inventory === undefined
      ? html`<code>FILE</code> is the inventory in which the target stands`
      : html`<code>${inventory}</code> is the name of the inventory`;
  return html`<span class="soft">${known}: type the path where your nightly job has it.</span>`;
}

function wordOf(name: string): string {
  try {
    return quoteWord(name);
  } catch {
    return "NAME"; // no shell word can be this name
  }
}

/**
 * Judges these requirements again, and may take these actions, by the command that made the result: `verify` asks the target
 * again; the stand-in of `accept` is gone, so the same tree is put on another one. The site shows no run of the gate.
 */
export function judgeAgain(
  now: Whole,
  ids: readonly string[],
  actions: readonly string[] = [],
  ...more: readonly string[]
): Html {
  const { run, target } = now;
  if (run.command === "accept") {
    const options = acceptOf(target);
    const [id, ...others] = ids;
    const one = options.length === 0 && others.length === 0 && id !== undefined ? ["spec", id] : ["accept"];
    return typed(...one, ...treeOf(target), ...deploymentOf(target), ...options);
  }
  return typed(
    ...["verify", ...on(target.target, now), "--only", ids.join(",")],
    ...[...actions.flatMap((one) => ["--allow", one]), ...more],
  );
}

/** Our sample tree is the default of `accept` and `spec`. */
const treeOf = ({ tree }: RunTarget) =>
  tree === undefined || tree.name === "sample" ? [] : ["--tree", wordOf(tree.name)];

const acceptOf = ({ plan, standIn }: RunTarget) => [
  ...(plan?.literal ? ["--literal"] : []),
  ...(plan?.without ?? []).flatMap((step) => ["--without", step]),
  ...(standIn?.vm === "qemu" ? ["--vm", "qemu"] : []),
];

/** A result names its deployment by a digest: FILE is the document. */
const deploymentOf = ({ deployment }: RunTarget) =>
  deployment === deploymentDigest(defaultDeployment) ? [] : ["--deployment", "FILE"];

/** Where what fails is mended. */
const placeOf = ({ run }: Whole): string =>
  run.command === "accept" ? " in the tree or the plan, since its stand-in is gone" : "";

/** Prints the target's journal. */
export const showJournal = (now: Whole): Html => typed("status", ...on(now.target.target, now));

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
  const { target, nights, now } = history;
  const steps: Html[] = [];
  if (history.unread)
    steps.push(
      html`bring ${history.unread.name} back from a copy, or judge the target again: ${typed("verify", ...on(target, now))}`,
    );
  else if (nights.at(-1)?.trouble !== undefined) {
    const check = typed("targets", "check", ...on(target, now));
    const gone =
      now?.target.kind === "stand-in"
        ? html`<div>If it is gone: this target was a stand-in, a container that ends with the command that started it, and nothing can be judged there again. This starts another one on the machine where it is typed, with an inventory of its own: ${typed("stand-in", ...treeOf(now.target), ...deploymentOf(now.target))}</div>`
        : html``;
    steps.push(html`find out why it was not judged (this changes nothing): ${check}${gone}`);
  }
  if (now === undefined) return steps;
  if (outsideChange(history).length > 0)
    steps.push(html`find out who made <a href="${page}#outside">the change that this suite did not make</a>`);
  const requirements = now.target.requirements;
  const of = (verdict: Verdict) => requirements.filter((one) => one.verdict === verdict);
  const failing = of("fail");
  const mend = failing.slice(0, mostNamed).map((one) => {
    const { next, where } = lastOf(one).checks.find(fails) ?? {};
    const how = next === undefined ? `look at ${where ?? "its row"}` : html`<code class="cmd">${next}</code>`;
    return html`<li><a href="${page}#${one.id}">${one.id}</a> ${one.title}: ${how}</li>`;
  });
  if (failing.length > 0) {
    const rest = failing.length > mostNamed ? html`<li>${failing.length - mostNamed} more</li>` : html``;
    const ids = failing.map(({ id }) => id);
    steps.push(
      html`mend what fails${placeOf(now)}:<ul>${mend}${rest}</ul>and judge it again: ${judgeAgain(now, ids)}<div>If it fails again, its row says what was found then.</div>`,
    );
  }
  const unknown = of("unknown").map(({ id }) => id);
  if (unknown.length > 0)
    steps.push(
      html`what could not be told: its rows say why; then judge it again: ${judgeAgain(now, unknown)}`,
    );
  const open = openFailures(history).map(({ id }) => id);
  if (open.length > 0) {
    const rows = requirements.filter(({ id }) => open.includes(id));
    const actions = [...new Set(rows.flatMap((one) => actionsFor(one) ?? []))];
    const acts =
      actions.length > 0 && now.run.command === "verify"
        ? html`. This acts on the target: <a href="${page}#actions">what ${actions.join(", ")} does to users, and who decides</a>`
        : "";
    steps.push(
      html`judge again what failed before${acts}: ${judgeAgain(now, open, actions)}<div>A pass closes it. If it fails again, it is a failure of that run, and its row says what to mend.</div>`,
    );
  }
  const note = inventoryNote(now);
  return note && page === "" && steps.length > 0 ? [...steps, note] : steps;
}
