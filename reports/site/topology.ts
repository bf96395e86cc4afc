// The plan's topology as a picture: the parts, what connects them, and on each link the requirements that judge it.
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { type Verdict, verdicts, worst } from "../../fixtures/judgement.ts";
import type { RunRequirement } from "../run/run.ts";
import { type Html, html } from "./html.ts";
import { styleOf } from "./look.ts";

interface Link {
  readonly name: string;
  /** The areas of the register whose requirements judge it. */
  readonly areas: readonly string[];
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  /** Where its words are. */
  readonly at: readonly [x: number, y: number];
  readonly anchor: "middle" | "end";
}

const links: readonly Link[] = [
  {
    ...{ name: "a client opens the page", areas: ["access"] },
    ...{ from: [240, 70], to: [330, 70], at: [240, -2], anchor: "middle" },
  },
  {
    ...{ name: "the gateway passes it on", areas: ["gateway", "firewall"] },
    ...{ from: [520, 70], to: [720, 70], at: [660, -2], anchor: "middle" },
  },
  {
    ...{ name: "the stack starts and runs", areas: ["deployment", "automation"] },
    ...{ from: [835, 100], to: [835, 215], at: [823, 150], anchor: "end" },
  },
  {
    ...{ name: "data on the volume", areas: ["storage", "persistence"] },
    ...{ from: [700, 245], to: [520, 245], at: [610, 300], anchor: "middle" },
  },
  {
    ...{ name: "the hypervisor applies it all", areas: ["orchestration", "operations"] },
    ...{ from: [425, 215], to: [425, 100], at: [413, 150], anchor: "end" },
  },
];
/** Not on one link: they hold everywhere. */
const everywhere = { name: "everywhere", areas: ["security"], at: [12, 300], anchor: "start" } as const;

/**
 * The picture, and the same as a list for readers who do not see it. `open`: the requirements that failed before and were not
 * judged since. `href` leads to a requirement.
 */
export function topology(
  requirements: readonly RunRequirement[],
  open: ReadonlySet<string>,
  deployment: Deployment | undefined,
  href: (id: string) => string,
): Html {
  const box = (x: number, y: number, lines: readonly (string | undefined)[], wide = 190) =>
    html`<rect class="box" x="${x}" y="${y}" width="${wide}" height="60" rx="8"/>${lines
      .filter((line) => line !== undefined)
      .map(
        (line, at) =>
          html`<text x="${x + 12}" y="${y + 24 + at * 20}"${at > 0 ? html` class="soft"` : html``}>${line}</text>`,
      )}`;
  const of = (areas: readonly string[]) => requirements.filter(({ area }) => areas.includes(area));
  const { hypervisor, gateway, dockerHost, volume, portainer } = deployment ?? {};
  const arrows = links.map(({ from, to, areas }) => {
    const own = of(areas);
    const verdict = own.some(({ id }) => open.has(id)) ? "unknown" : worstOf(own);
    return html`<line x1="${from[0]}" y1="${from[1]}" x2="${to[0]}" y2="${to[1]}" class="${styleOf(verdict)}" stroke="currentColor" stroke-width="3" marker-end="url(#tip)"${verdict === "pass" ? html`` : html` stroke-dasharray="8 5"`}/>`;
  });
  const words = [...links, everywhere].map(({ name, areas, at, anchor }) => {
    const own = of(areas);
    const [x, y] = at;
    if (own.length === 0)
      return name === everywhere.name
        ? html``
        : html`<text x="${x}" y="${y}" text-anchor="${anchor}">${name}</text>`;
    return html`<text x="${x}" y="${y}" text-anchor="${anchor}">${name}:<tspan x="${x}" dy="16">${countsOf(own)}</tspan>${failuresOf(own, open).map((line) => html`<tspan x="${x}" dy="16" class="fail" fill="currentColor">${line}</tspan>`)}</text>`;
  });
  const lists = [...links, everywhere].map(({ name, areas }) => {
    const own = of(areas);
    const ids = own.map(({ id, verdict }) => {
      const before = open.has(id) ? html` <span class="fail">(✗ failed before)</span>` : "";
      return html` <a href="${href(id)}">${id}</a> <span class="${styleOf(verdict)}">${verdict}</span>${before}`;
    });
    return own.length === 0 ? html`` : html`<li>${name}:${ids}</li>`;
  });
  return html`<div class="scroll" role="region" aria-label="Topology" tabindex="0"><svg viewBox="0 -18 1000 358" role="img" aria-label="The plan's topology; the list after it says the same" style="min-width:40rem">
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="5" markerHeight="5" orient="auto"><path d="M0 0 10 5 0 10z" fill="context-stroke"/></marker></defs>
${arrows}
${box(10, 40, ["a client", portainer && `https://${portainer.host}`], 230)}
${box(330, 40, [gateway ? `gateway, LXC ${gateway.ctid}` : "gateway", gateway?.address])}
${box(720, 40, [dockerHost ? `docker host, VM ${dockerHost.vmid}` : "docker host", dockerHost?.address], 230)}
${box(330, 215, ["hypervisor", hypervisor?.address])}
${box(700, 215, ["Portainer and its volume", volume?.path], 290)}
${words}
</svg></div>
<p class="soft">A whole line: all of it passes. A dashed one does not pass, or was not judged.</p>
<details><summary>The same as a list, with the requirements of each link</summary><ul>${lists}</ul></details>`;
}

/** `8 of 13 pass, 5 not judged` */
function countsOf(own: readonly RunRequirement[]): string {
  const others = verdicts
    .filter((verdict) => verdict !== "pass")
    .map((one) => [own.filter(({ verdict }) => verdict === one).length, one] as const)
    .filter(([count]) => count > 0)
    .map(([count, verdict]) => `, ${count} ${verdict}`);
  return `${own.filter(({ verdict }) => verdict === "pass").length} of ${own.length} pass${others.join("")}`;
}

/** `✗ FWL-004 failed before`, on a line of its own. */
function failuresOf(own: readonly RunRequirement[], open: ReadonlySet<string>): string[] {
  const ids = own.flatMap(({ id }) => (open.has(id) ? [id] : []));
  const more = ids.length > 2 ? ` and ${ids.length - 2} more` : "";
  return ids.length === 0 ? [] : [`✗ ${ids.slice(0, 2).join(", ")}${more} failed before`];
}

const worstOf = (requirements: readonly { readonly verdict: Verdict }[]): Verdict =>
  worst(requirements.map(({ verdict }) => verdict));
