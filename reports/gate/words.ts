// Words of a tree on their way into a report: no character that moves a cursor or turns the text around.

/** Control characters, line ends of Unicode, and what reverses the reading direction. */
const unseemly = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text, its lines kept, fit for any reader. */
export const clean = (text: string) =>
  text
    .toWellFormed()
    .replaceAll(/\r\n?/g, "\n")
    .split("\n")
    .map((line) => line.replaceAll(unseemly, "\ufffd"))
    .join("\n");

/** The text on one line, fit to be printed. */
export const oneLine = (text: string) =>
  text.toWellFormed().replaceAll(/\s+/g, " ").replaceAll(unseemly, "\ufffd");

/** At most so many UTF-16 units, never half a character; a cut is marked. */
export const cut = (text: string, width: number) =>
  text.length > width ? `${text.slice(0, Math.max(width - 1, 0)).replace(/[\ud800-\udbff]$/, "")}…` : text;
