// Finds positions in shell scripts that edits can be anchored to: heredocs, functions, statements.
import { readScript } from "./script.ts";
import { lineAt, lineEnding, literally, refusal, splice } from "./text.ts";

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A heredoc's text, and the start of the line that opens it. */
export interface HeredocRange extends Range {
  readonly opening: number;
  /** The line that ends it. */
  readonly word: string;
}

/**
 * The text that a quoted heredoc writes to `target`: `cat > TARGET << 'EOF'` up to its end word.
 * @throws BadInput if there is none or a second one, or if the file would differ from the text: with an unquoted end word
 * `$` expands, and `<<-` removes tabs.
 */
export function heredocTo(file: string, text: string, target: string): HeredocRange {
  const { heredocs, lines } = readScript(file, text);
  const named = new RegExp(`(?<![\\w./-])${literally(target)}(?![\\w./-])`);
  const found = heredocs
    .map((one) => ({ ...one, opening: lineAt(text, one.opened).start, rest: lineAt(text, one.named).end }))
    .filter(({ opening, rest }) => named.test(text.slice(opening, rest)));
  const [one, second] = found;
  if (!one) throw refusal(file, text, 0, `no heredoc writes to ${target}`);
  if (second) throw refusal(file, text, second.opening, `a second heredoc writes to ${target}`);
  const { opening, opened, start, end, word } = one;
  const fail = (why: string) => refusal(file, text, opening, why);
  const written = new RegExp(`^[ \\t]*cat[ \\t]*>[ \\t]*(["']?)${literally(target)}\\1[ \\t]*$`);
  const plain =
    written.test(text.slice(opening, opened)) && /^[ \t]*\n$/.test(text.slice(one.named, one.rest));
  if (!plain || !lines.some((line) => line.start === opening))
    throw fail(`the heredoc for ${target} is not written as cat > ${target} << 'EOF'`);
  if (!one.quoted) throw fail(`the end word ${word} is not quoted`);
  if (one.tabs) throw fail("<<- removes leading tabs from its lines");
  return { opening, start, end, word };
}

/** The body of `name() { … }`, whose closing brace starts a line. @throws BadInput if there is none, or more than one. */
export function functionBody(file: string, text: string, name: string): Range {
  const { lines } = readScript(file, text);
  const opens = new RegExp(`^(function[ \\t]+)?${literally(name)}[ \\t]*\\(\\)[ \\t]*\\{[ \\t]*$`);
  const [opening, second] = lines.filter(({ start, end }) => opens.test(text.slice(start, end)));
  if (!opening) throw refusal(file, text, 0, `there is no function ${name}`);
  if (second) throw refusal(file, text, second.start, `a second function ${name}`);
  const closing = lines.find(
    ({ start, depth }) => start > opening.start && depth === opening.depth + 1 && text[start] === "}",
  );
  if (!closing) throw refusal(file, text, opening.start, `the function ${name} is never closed`);
  return { start: lineAt(text, opening.start).end, end: closing.start };
}

/**
 * The offsets of the first match in the lines of code of a range. Each line is matched alone, without its ending;
 * comments, heredocs and continuation lines are skipped.
 * @throws BadInput if nothing matches, or the statement continues on the next line.
 */
export function anchor(
  file: string,
  text: string,
  pattern: RegExp,
  what: string,
  range: Range = { start: 0, end: text.length },
): Range {
  const [found] = matches(file, text, pattern, range);
  if (!found) throw refusal(file, text, range.start, `${what} was not found`);
  if (!found.whole) throw refusal(file, text, found.start, `${what} continues on the next line`);
  return { start: found.start, end: found.end };
}

/** Every matching line of code in a range; `depth` counts the braces around it. */
export function matches(
  file: string,
  text: string,
  pattern: RegExp,
  range: Range = { start: 0, end: text.length },
): (Range & { readonly depth: number; readonly whole: boolean })[] {
  const whole = new RegExp(pattern.source, "s");
  return readScript(file, text).lines.flatMap(({ start, end, depth, whole: ends }) => {
    if (start < range.start || end > range.end) return [];
    const found = whole.exec(text.slice(start, end));
    if (!found) return [];
    const from = start + found.index;
    return [{ start: from, end: from + found[0].length, depth, whole: ends }];
  });
}

/** Whether the script's code contains a text, outside comments and heredocs. */
export function says(file: string, text: string, what: string): boolean {
  const { noCode } = readScript(file, text);
  for (let at = text.indexOf(what); at >= 0; at = text.indexOf(what, at + 1))
    if (!noCode.some(({ start, end }) => start <= at && at < end)) return true;
  return false;
}

/** Inserts lines before the line at `offset`, indented like it. */
export function linesBefore(text: string, offset: number, lines: readonly string[]): string {
  const { start, indent } = lineAt(text, offset);
  return splice(text, start, start, render(lines, indent, lineEnding(text, offset)));
}

/** Inserts lines after the line at `offset`, indented like it. */
export function linesAfter(text: string, offset: number, lines: readonly string[]): string {
  const { end, indent } = lineAt(text, offset);
  const ending = lineEnding(text, offset);
  const gap = end === text.length && !text.endsWith("\n") ? ending : "";
  const added = render(lines, indent, ending);
  // A script without a final newline still has none afterwards.
  return splice(text, end, end, gap ? gap + added.slice(0, -ending.length) : added);
}

function render(lines: readonly string[], indent: string, ending: string): string {
  return lines.map((line) => (line === "" ? "" : indent + line) + ending).join("");
}
