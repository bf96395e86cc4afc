// What a run did not judge: grouped by what would judge it, each group with the command.
import { lastOf, type RunRequirement } from "../run/run.ts";
import type { History, Whole } from "./collect.ts";
import { type Html, html } from "./html.ts";
import { actionsFor, judgeAgain } from "./next.ts";
import { openFailures } from "./open.ts";

interface Kind {
  /** What it needs, after "It needs" or "They need". */
  readonly needs: string;
  readonly options: readonly string[];
}

/** Reasons that an option of `verify` answers. FILE is a file of the operator's. */
const kinds: Readonly<Record<string, Kind>> = {
  "needs a browser": { needs: "a browser, and the run opened none", options: ["--browser"] },
  "needs evidence from before the plan (--before)": {
    needs: "evidence from before the plan was applied (FILE, kept from then), which the run was not given",
    options: ["--before", "FILE"],
  },
  "needs the record of an apply (--record)": {
    needs: "the record that the apply wrote (FILE), which the run was not given",
    options: ["--record", "FILE"],
  },
};

/** What would judge a requirement, if an option of `verify` does: what it needs, and the command. */
export function optionFor(
  one: RunRequirement,
  now: Whole,
): { readonly needs: string; readonly command: Html } | undefined {
  const kind = kinds[lastOf(one).reason];
  return kind && { needs: kind.needs, command: judgeAgain(now, [one.id], [], ...kind.options) };
}

interface Group {
  readonly rows: readonly RunRequirement[];
  /** After the number of requirements. */
  readonly words: string;
  readonly actions: readonly string[];
  readonly options: readonly string[];
}

/** One line for each kind of reason, the largest group first. Open failures are listed elsewhere: here is their number. */
export function notJudgedLines(history: History, now: Whole): Html[] {
  const open = new Set(openFailures(history).map(({ id }) => id));
  const rows = now.target.requirements.filter((one) => one.verdict === "not judged" && !open.has(one.id));
  const lines = groupsOf(rows, now)
    .toSorted((one, two) => two.rows.length - one.rows.length)
    .map((group) => lineOf(group, now));
  const verb = open.size === 1 ? "is" : "are";
  const before = html`<div>${open.size} failed before, and ${verb} <a href="#open">open</a></div>`;
  return open.size > 0 ? [before, ...lines] : lines;
}

function groupsOf(rows: readonly RunRequirement[], { target }: Whole): Group[] {
  const acting = rows.filter((one) => actionsFor(one));
  const actions = [...new Set(acting.flatMap((one) => actionsFor(one) ?? []))];
  const lacking = actions.filter((action) => !target.allowed.includes(action));
  const others = Map.groupBy(
    rows.filter((one) => !acting.includes(one)),
    (one) => lastOf(one).reason,
  );
  const groups = [...others].map(([reason, own]): Group => {
    const { needs, options = [] } = kinds[reason] ?? {};
    return {
      rows: own,
      words: needs === undefined ? `: ${reason}` : ` ${own.length === 1 ? "needs" : "need"} ${needs}`,
      actions: [],
      options,
    };
  });
  if (acting.length === 0) return groups;
  const words = ` ${acting.length === 1 ? "needs" : "need"} to act on the target, which the run was not allowed (${lacking.join(", ")})`;
  return [{ rows: acting, words, actions, options: [] }, ...groups];
}

function lineOf({ rows, words, actions, options }: Group, now: Whole): Html {
  const ids = rows.map(({ id }) => id);
  const links = ids.map((id, at) => html`${at === 0 ? "" : " "}<a href="#${id}">${id}</a>`);
  const command =
    actions.length > 0 || options.length > 0
      ? html`. ${actions.length > 0 ? html`<strong>This acts on the target:</strong> <a href="#actions">what each action does to users, and who decides</a>. ` : ""}To judge ${ids.length === 1 ? "it" : "them"}: ${judgeAgain(now, ids, actions, ...options)}`
      : "";
  return html`<details><summary>${ids.length}${words}</summary>${links}${command}</details>`;
}
