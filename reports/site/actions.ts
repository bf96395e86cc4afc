// What the actions do that a run was not allowed, to whom, and who decides about them.
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { effectOf } from "../../fixtures/target/effects.ts";
import { type Action, actions } from "../../fixtures/target/inventory.ts";
import type { Whole } from "./collect.ts";
import { type Html, html } from "./html.ts";
import { facts } from "./look.ts";
import { actionsFor } from "./next.ts";

/** The section of a target's page; none if nothing there waits for an action. */
export function actionsSection({ run, target }: Whole, deployment: Deployment | undefined): Html[] {
  const needed = new Set(target.requirements.flatMap((one) => actionsFor(one) ?? []));
  const named = actions.filter((action) => needed.has(action));
  if (run.command !== "verify" || named.length === 0) return [];
  return [
    html`<h2 id="actions">What an action does, and who decides</h2>`,
    html`<p>Whoever keeps the inventory decides: it lists under <code>allows</code> what may be done to this target, and under <code>windows</code> when. Whoever types the command consents once more: before the first action the run says what it does, and asks for the target's name.${target.kind === "stand-in" ? " This target is a stand-in, which has no users: on a real host it is as follows." : ""}</p>`,
    facts(named.map((action) => [action, wordsFor(action, deployment)])),
  ];
}

function wordsFor(action: Action, deployment: Deployment | undefined): string {
  const { does, gone } = effectOf(action, deployment);
  return `${does}${gone === "" ? "; users lose nothing meanwhile" : `; meanwhile users lose ${gone}`}`;
}
