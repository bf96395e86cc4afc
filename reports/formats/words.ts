// Cleans text of a tree for a report: removes characters that move a cursor or reverse the text.

/** Control characters, Unicode line ends, and characters that change the reading direction. */
const forbidden = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The cleaned text, with its lines. */
export const clean = (text: string) =>
  text
    .toWellFormed()
    .replaceAll(/\r\n?/g, "\n")
    .split("\n")
    .map((line) => line.replaceAll(forbidden, "\ufffd"))
    .join("\n");

/** The cleaned text on one line. */
export const oneLine = (text: string) =>
  text.toWellFormed().replaceAll(/\s+/g, " ").replaceAll(forbidden, "\ufffd");

/** At most `width` UTF-16 units, never half a character; a cut is marked. */
export const cut = (text: string, width: number) =>
  text.length > width ? `${text.slice(0, Math.max(width - 1, 0)).replace(/[\ud800-\udbff]$/, "")}…` : text;
