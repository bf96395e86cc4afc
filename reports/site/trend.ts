// A target's nights as a picture: one column a night, and the same in words.

import { counted } from "../../fixtures/counted.ts";
import { countIn, type Outline } from "../run/outline.ts";
import { type Html, html } from "./html.ts";

const mostNights = 365;

/** The picture: a column is as high as the share of requirements that pass; one that is no pass has its colour, and one without a result is a frame. Give it the runs as the site shows them: an open failure is no recovery. */
export function trend(nights: readonly Outline[], height = 60, width = 730): Html {
  const shown = nights.slice(-mostNights);
  const step = Math.min(12, width / Math.max(1, shown.length));
  const columns = shown.map((night, at) => {
    const all = night.letters.length;
    const passed = countIn(night, "pass");
    const share = all === 0 ? 1 : passed / all;
    const tall = Math.max(2, share * height);
    const style = { pass: "pass", fail: "fail", unknown: "unknown", error: "error" }[night.verdict];
    const x = (at * step).toFixed(2);
    return html`<rect x="${x}" y="${(height - tall).toFixed(1)}" width="${Math.max(1, step - 0.6).toFixed(2)}" height="${tall.toFixed(1)}" class="${style}" ${all === 0 ? html`fill="none" stroke="currentColor"` : html`fill="currentColor"`}/>`;
  });
  return html`<svg viewBox="0 0 ${Math.max(1, Math.round(step * shown.length))} ${height}" role="img" aria-label="${trendWords(shown)}" style="max-height:${height}px" preserveAspectRatio="xMinYMax meet">${columns}</svg>`;
}

/** `365 nights from 2025-03-02 to 2026-03-01: 360 pass, 4 fail, 1 without a result` */
export function trendWords(nights: readonly Outline[]): string {
  const [first, last] = [nights.at(0), nights.at(-1)];
  if (!first || !last) return "no run yet";
  const words = { pass: "pass", fail: "fail", unknown: "unknown", error: "without a result" } as const;
  const counts = (["pass", "fail", "unknown", "error"] as const)
    .map((verdict) => [nights.filter((night) => night.verdict === verdict).length, words[verdict]] as const)
    .filter(([count]) => count > 0);
  const span =
    first.at.slice(0, 10) === last.at.slice(0, 10)
      ? `of ${first.at.slice(0, 10)}`
      : `from ${first.at.slice(0, 10)} to ${last.at.slice(0, 10)}`;
  const runs = counted(nights.length, "run");
  return `${runs} ${span}: ${counts.map(([count, word]) => `${count} ${word}`).join(", ")}`;
}
