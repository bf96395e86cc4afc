// What was required: whose list it is, what the plan is for, and each task with the requirements that judge it.
import { phaseOf, purpose, tasks, title } from "../../fixtures/deployment/plan.ts";
import type { Whole } from "./collect.ts";
import { type Html, html } from "./html.ts";
import { countOf, severityWords } from "./look.ts";

const shortest = "sha256:".length + 12;

/** A digest that a reader compares by eye; the whole one is on hover. */
export const shortDigest = (digest: string): Html =>
  html`<code title="${digest}">${digest.slice(0, shortest)}${digest.length > shortest ? "…" : ""}</code>`;

/** Whose list it is. */
export function listOf({ run, target }: Whole): Html {
  const rows = target.requirements;
  const asked = rows.filter(({ kind }) => kind === "L").length;
  return html`${countOf(rows, "requirement")} (${severityWords(rows)}), written by this suite, ${run.tool.name} ${run.tool.version}, for the “${title.replace(/, in our words$/, "")}”: the plan asks for ${asked}, and its goals need the other ${rows.length - asked} (remedies); register ${shortDigest(run.register.digest)}. Nobody is recorded as the owner of the plan.`;
}

/** The section of a target's page. */
export function requiredSection(now: Whole): Html[] {
  const items = tasks
    .map(({ id, title }) => [id, title, now.target.requirements.filter(({ plan }) => plan === id)] as const)
    .filter(([, , rows]) => rows.length > 0)
    .map(([id, title, rows]) => {
      const links = rows.map(
        (row, at) => html`${at === 0 ? " " : ", "}<a href="#${row.id}">${row.id}</a> ${row.title}`,
      );
      return html`<li>${id === "1" ? "" : `${phaseOf(id).title}, task ${id}: `}${title}:${links}</li>`;
    });
  return [
    html`<h2>What was required</h2>`,
    html`<p>${purpose} Each task has requirements, which say what must be true when it is done: ${listOf(now)}</p><ul>${items}</ul>`,
  ];
}
