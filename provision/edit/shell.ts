// Finds places in shell scripts that edits can be anchored to: heredocs, functions, statements.
import { lineAt, lineEnding, literally, refusal, splice } from "./text.ts";

export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The body of the quoted heredoc that is written to `target`: `cat > TARGET << 'EOF'` up to its end word.
 * @throws BadInput when there is none, it is never closed, or its end word is not quoted (then `$` would expand in it).
 */
export function heredocTo(file: string, text: string, target: string): Range {
  const opening = new RegExp(
    `^[ \\t]*cat[ \\t]*>[ \\t]*(["']?)${literally(target)}\\1[ \\t]*<<[ \\t]*(["']?)(\\w+)\\2[ \\t]*\\r?\\n`,
    "m",
  );
  const found = opening.exec(text);
  if (!found) throw refusal(file, text, 0, `no heredoc is written to ${target}`);
  const [whole, , quote, word = ""] = found;
  if (!quote) throw refusal(file, text, found.index, `the end word ${word} is not quoted`);
  const start = found.index + whole.length;
  const closing = new RegExp(`^${word}\\r?$`, "m").exec(text.slice(start));
  if (!closing) throw refusal(file, text, found.index, `the heredoc up to ${word} is never closed`);
  return { start, end: start + closing.index };
}

/** The body of `name() { … }`, whose closing brace stands at the start of a line. @throws BadInput when there is none. */
export function functionBody(file: string, text: string, name: string): Range {
  const opening = new RegExp(
    `^(function[ \\t]+)?${literally(name)}[ \\t]*\\(\\)[ \\t]*\\{[ \\t]*\\r?\\n`,
    "m",
  ).exec(text);
  if (!opening) throw refusal(file, text, 0, `there is no function ${name}`);
  const start = opening.index + opening[0].length;
  const closing = /^\}/m.exec(text.slice(start));
  if (!closing) throw refusal(file, text, opening.index, `the function ${name} is never closed`);
  return { start, end: start + closing.index };
}

/** Where a statement first matches within a range. @throws BadInput saying what was looked for. */
export function anchor(
  file: string,
  text: string,
  pattern: RegExp,
  what: string,
  range: Range = { start: 0, end: text.length },
): Range {
  const found = pattern.exec(text.slice(range.start, range.end));
  if (!found) throw refusal(file, text, range.start, `${what} is not to be found`);
  return { start: range.start + found.index, end: range.start + found.index + found[0].length };
}

/** Puts lines before the line that holds `offset`, indented like it. */
export function linesBefore(text: string, offset: number, lines: readonly string[]): string {
  const { start, indent } = lineAt(text, offset);
  return splice(text, start, start, render(text, lines, indent));
}

/** Puts lines behind the line that holds `offset`, indented like it. */
export function linesAfter(text: string, offset: number, lines: readonly string[]): string {
  const { end, indent } = lineAt(text, offset);
  const ending = lineEnding(text);
  const gap = end === text.length && !text.endsWith("\n") ? ending : "";
  const added = render(text, lines, indent);
  // A script without a final newline keeps going without one.
  return splice(text, end, end, gap ? gap + added.slice(0, -ending.length) : added);
}

function render(text: string, lines: readonly string[], indent: string): string {
  return lines.map((line) => (line === "" ? "" : indent + line) + lineEnding(text)).join("");
}
