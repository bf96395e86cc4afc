// How every page of the site looks, and the frame around it: no script, no request, light and dark, any width, any keyboard.
import { createHash } from "node:crypto";
import { counted } from "../../fixtures/counted.ts";
import type { Verdict } from "../../fixtures/judgement.ts";
import { type Html, html, Html as Markup, type Value } from "./html.ts";

const css = `
:root { color-scheme: light dark; --bg: light-dark(#fff, #15191e); --fg: light-dark(#1b1f24, #e6e9ed);
  --soft: light-dark(#57606a, #a9b3be); --line: light-dark(#d0d7de, #3a424c); --card: light-dark(#f6f8fa, #1e242b);
  --link: light-dark(#0550ae, #7cb7ff); --pass: light-dark(#116329, #56d364); --fail: light-dark(#a40e26, #ff8f88);
  --unknown: light-dark(#7a4d00, #e3b341); --open: light-dark(#57606a, #a9b3be); --waived: light-dark(#6e3ab5, #c9a5ff); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--fg); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1rem; } footer { padding-block: 2rem; color: var(--soft); font-size: .875rem; }
a { color: var(--link); } a:focus-visible, summary:focus-visible, [tabindex]:focus-visible, input:focus-visible {
  outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--bg); padding: .5rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0; } h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } thead th { white-space: nowrap; } .c1 { width: 8rem; } .c3 { width: 24rem; } .c4 { width: 9rem; } .grid th, .grid td { padding: .1rem .35rem; text-align: center; white-space: nowrap; }
.grid tbody th { text-align: left; }
tbody th details { font-weight: 400; } tbody th summary { font-weight: 600; max-width: 46rem; } details li, details p { max-width: 46rem; }
.cmd { display: block; width: fit-content; max-width: 100%; margin: .15rem 0 .35rem; padding: .15rem .5rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .25rem; user-select: all; white-space: pre-wrap; }
.v { font-weight: 600; white-space: nowrap; } .pass { color: var(--pass); } .fail { color: var(--fail); }
.unknown, .error { color: var(--unknown); } .open { color: var(--open); } .waived { color: var(--waived); }
.whole { white-space: nowrap; } .soft { color: var(--soft); } code { font: .875em ui-monospace, monospace; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; margin: .75rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .5rem 0; }
dt { color: var(--soft); } dd { margin: 0; } details > summary { cursor: pointer; } details[open] > summary { margin-bottom: .5rem; }
ul { padding-left: 1.25rem; margin: .25rem 0; } svg { max-width: 100%; height: auto; display: block; }
svg text { fill: var(--fg); font: 13px system-ui, sans-serif; } svg .box { fill: var(--card); stroke: var(--line); }
svg .soft { fill: var(--soft); } svg a text { fill: var(--link); text-decoration: underline; }
.filter:has(input:checked) ~ * .calm:not(:target) { display: none; }
tr:target { background: var(--card); outline: 2px solid var(--link); }
tr:target details::details-content { content-visibility: visible; block-size: auto; } label { cursor: pointer; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
  .stack thead { position: absolute; left: -999rem; } .stack tr, .stack th, .stack td { display: block; border: 0; padding: .1rem 0; }
  .grid tr { display: flex; } .grid th, .grid td { flex: 0 0 4.25rem; white-space: normal; }
  .grid tr > th:first-child { order: 1; flex: 0 0 12rem; }
  .stack tr { border-bottom: 1px solid var(--line); padding: .6rem 0; } }
@media print { .filter { display: none; } }
`;

const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** One page of the site. */
export interface Page {
  readonly title: string;
  /** The way back to the first page: empty, or `../`. */
  readonly root: string;
  readonly builtFor: string;
  readonly body: readonly Html[];
}

/** The whole file. */
export function pageOf({ title, root, builtFor, body }: Page): string {
  const page = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Markup(css)}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header><nav aria-label="Pages"><a href="${root}index.html">All targets</a> · <a href="${root}requirements.html">All requirements</a></nav></header>
<main id="main" tabindex="-1">
${body}
</main>
<footer>Made from the documents of runs until ${builtFor}. A pass is believed as far as the same check was shown to fail on a state that was broken on purpose; each requirement says if and when. What could not be told, or was not judged, is no pass.</footer>
</body>
</html>`;
  return `<!doctype html>\n${page.text}\n`;
}

type Shown = Verdict | "error";

/** The sign and the word of a verdict: never colour alone. */
const signs: Readonly<Record<Shown, readonly [sign: string, word: string, style: string]>> = {
  pass: ["✓", "pass", "pass"],
  fail: ["✗", "fail", "fail"],
  unknown: ["?", "unknown", "unknown"],
  "not judged": ["–", "not judged", "open"],
  pending: ["○", "pending", "open"],
  waived: ["~", "waived", "waived"],
  error: ["!", "no result", "error"],
};

/** A verdict for readers, and for screen readers. */
export function verdictMark(verdict: Shown): Html {
  const [sign, word, style] = signs[verdict];
  return html`<span class="v ${style}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

/** The same in a narrow cell: the word is there for screen readers and on hover. */
export function verdictSign(verdict: Shown): Html {
  const [sign, word, style] = signs[verdict];
  return html`<span class="v ${style}" role="img" aria-label="${word}" title="${word}">${sign}</span>`;
}

/** `no result` */
export const wordFor = (verdict: Shown): string => signs[verdict][1];

export const styleOf = (verdict: Shown): string => signs[verdict][2];

/** `2026-03-01 02:00 UTC` */
export const timeOf = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;

/** `1 check`, `2 checks` */
export const countOf = ({ length }: { readonly length: number }, one: string, many = `${one}s`): string =>
  counted(length, one, many);

/** `38 must, 6 should` */
export const severityWords = (rows: readonly { readonly severity: string }[]): string =>
  ["must", "should"]
    .map((severity) => [rows.filter((row) => row.severity === severity).length, severity] as const)
    .filter(([count]) => count > 0)
    .map(([count, severity]) => `${count} ${severity}`)
    .join(", ");

/** A file name that no other target has, also where upper and lower case are the same. */
export function pageName(target: string): string {
  const plain = target
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/g, "-")
    .slice(0, 80);
  if (plain === target) return plain;
  return `${plain}-${createHash("sha256").update(target).digest("hex").slice(0, 10)}`;
}

/** A description list without the entries that nothing is known of. */
export const facts = (of: readonly (readonly [string, Value])[]): Html =>
  html`<dl>${of.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [html`<dt>${name}</dt><dd>${value}</dd>`],
  )}</dl>`;
