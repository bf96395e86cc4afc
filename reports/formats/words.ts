// Cleans text of a tree for a report: a character that moves a cursor, reverses the text or can't be seen is shown by its code.
import { visible } from "../../fixtures/visible.ts";

/** The cleaned text, with its lines. */
export const clean = (text: string) =>
  text
    .toWellFormed()
    .replaceAll(/\r\n?/g, "\n")
    .split("\n")
    .map((line) => visible(line.replaceAll("\t", " ")))
    .join("\n");

/** The cleaned text on one line. */
export const oneLine = (text: string) => visible(text.toWellFormed().replaceAll(/[ \t\r\n]+/g, " "));

/** At most `width` UTF-16 units, never half a character; a cut is marked. */
export const cut = (text: string, width: number) =>
  text.length > width ? `${text.slice(0, Math.max(width - 1, 0)).replace(/[\ud800-\udbff]$/, "")}…` : text;
