// What was judged, and by what: the facts by which another person tells whether two results are of the same thing.
import type { Tool } from "../run/run.ts";
import type { Whole } from "./collect.ts";
import { type Html, html } from "./html.ts";
import { facts, timeOf } from "./look.ts";
import { inventoryNote } from "./next.ts";

/** The suite had changes that no commit holds. */
export const isUncommitted = ({ commit }: Tool): boolean => commit?.endsWith("-dirty") ?? false;

/** The section of a target's page. */
export function judgedBySection(now: Whole): Html[] {
  const { run, target } = now;
  const { tree, evidence, kind } = target;
  return [
    html`<h2>What was judged, and by what</h2>`,
    ...(isUncommitted(run.tool)
      ? [
          html`<p class="card"><strong>Warning:</strong> the suite that judged had changes that were not committed: nobody else can repeat this result exactly.</p>`,
        ]
      : []),
    facts([
      ["Target", `${target.target} (${kind === "stand-in" ? "stand-in: an imitated hypervisor" : kind})`],
      ["Tree", tree && [tree.name, tree.commit].filter(Boolean).join(" at ")],
      ["Deployment", html`its document has the digest <code>${target.deployment}</code>`],
      [
        "Required",
        html`${run.register.requirements} requirements, register <code>${run.register.digest}</code>`,
      ],
      ["Suite", suiteOf(run.tool)],
      ["Inventory", run.from?.inventory && inventoryNote(now)],
      [
        "Evidence",
        evidence.map(
          ({ phase, at, digest }) =>
            html`<div>${phase}, ${timeOf(at)}: a file beside the run's document, with the digest <code>${digest}</code></div>`,
        ),
      ],
      ["Not imitated there", [...new Set(evidence.flatMap(({ limits }) => limits))].join(", ")],
      ["Allowed to", target.allowed.join(", ")],
      ["Stand-in", target.standIn?.image],
      ["Its contract", kind === "host" ? undefined : contractWords(now)],
    ]),
  ];
}

const suiteOf = ({ name, version, commit }: Tool) =>
  [`${name} ${version}`, commit?.replace(/-dirty$/, ", with changes that were not committed")]
    .filter(Boolean)
    .join(" at ");

/** The comparison of the stand-in with a real host. */
export const contractWords = ({ run: { contract } }: Whole): string =>
  contract
    ? `the imitation was last compared with a real host on ${contract.at}, ${contract.ageDays} days before (Proxmox VE ${contract.version})`
    : "the imitation was never compared with a real host";

/** How many requirements have a check that was seen failing on a state which was broken on purpose. */
export const seenRed = ({ target }: Whole): number =>
  target.requirements.filter(({ lastRed }) => lastRed.length > 0).length;

/** The same in words: what a pass is worth. */
export function shownWords(now: Whole): string {
  const [seen, all] = [seenRed(now), now.target.requirements.length];
  const rest = seen === 0 ? ": a pass proves little" : seen < all ? ": a pass of the others proves less" : "";
  return `the checks of ${seen} of ${all} requirements${rest}`;
}

/** What that means, and how to try the rest. */
export function seenRedWords(now: Whole, command: Html): Html {
  const all = now.target.requirements.length;
  const rest = html` This tries each check on such states. It needs no target: it starts stand-ins of its own on the machine where it is typed, and ends them. ${command}`;
  return html`<p>Shown to fail on a state that was broken on purpose: ${shownWords(now)}.${seenRed(now) < all ? rest : ""}</p>`;
}
