// How a verdict and a check look on a terminal: the same symbols, colours and indentation on every page.
import type { Verdict } from "../fixtures/judgement.ts";

const look: Record<Verdict, { symbol: string; colour: number }> = {
  fail: { symbol: "✗", colour: 31 },
  unknown: { symbol: "?", colour: 33 },
  "not judged": { symbol: "–", colour: 36 },
  pending: { symbol: "·", colour: 36 },
  waived: { symbol: "~", colour: 35 },
  pass: { symbol: "✓", colour: 32 },
};

/** The symbol and the word, padded to `width` columns. */
export const paint = (verdict: Verdict, colour: boolean, width = 0): string =>
  coloured(verdict, `${look[verdict].symbol} ${verdict}`.padEnd(width), colour);

/** The symbol alone. */
export const symbol = (verdict: Verdict, colour: boolean): string =>
  coloured(verdict, look[verdict].symbol, colour);

function coloured(verdict: Verdict, text: string, colour: boolean): string {
  return colour ? `\u001b[${look[verdict].colour}m${text}\u001b[39m` : text;
}

/** Text of several lines, aligned below what a check expected or found. */
export const indent = (text: string): string => text.trimEnd().replaceAll("\n", `\n${" ".repeat(17)}`);
