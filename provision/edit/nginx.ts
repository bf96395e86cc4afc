// Finds the offsets of nginx directives in a file or a part of one (a heredoc); splits words as nginx does.
import { refusal } from "./text.ts";

/** One word. `text` is its value for nginx; the offsets include its quotes and backslashes. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** `name arg arg;` or `name arg { … }`. Offsets are those of the whole text; `end` is after the `;` or `}`. */
export interface Statement {
  readonly name: string;
  readonly args: readonly Word[];
  readonly start: number;
  readonly end: number;
  /** Empty for a block of Lua, which has no directives. */
  readonly block?: readonly Statement[];
}

/** A block whose end has not been reached yet. */
interface Open {
  readonly words: readonly Word[];
  readonly brace: number;
  readonly block: Statement[];
}

/**
 * Parses the statements between two offsets. A dash alone on a line is parsed as its own statement: nginx refuses it, but
 * the rest can still be edited.
 * @throws BadInput where nginx would stop: unmatched quotes or braces, a NUL byte, a byte order mark.
 */
export function statements(file: string, text: string, from = 0, to = text.length): Statement[] {
  const fail = (offset: number, why: string) => refusal(file, text, offset, why);
  if (text.startsWith("\uFEFF", from)) throw fail(from, "nginx reads this byte order mark as part of a word");
  const nul = text.indexOf("\0", from);
  if (nul >= 0 && nul < to) throw fail(nul, "a NUL byte");
  const whole: Statement[] = [];
  const open: Open[] = [];
  let found = whole;
  let words: Word[] = [];
  const close = ([name, ...args]: readonly Word[], end: number, block?: Statement[]) => {
    if (name) found.push({ name: name.text, args, start: name.start, end, ...(block && { block }) });
    words = [];
  };
  let at = from;
  while (at < to) {
    const char = text.charAt(at);
    const [first] = words;
    if (isBlank(char)) at++;
    else if (char === "#") at = lineEnd(text, at, to);
    else if (char === "}") {
      if (first) throw fail(first.start, `"${first.text}" does not end with ";"`);
      const block = open.pop();
      if (!block) throw fail(at, 'a "}" without its "{"');
      at++;
      found = open.at(-1)?.block ?? whole;
      close(block.words, at, block.block);
    } else if (char === ";" || char === "{") {
      if (!first) throw fail(at, `a "${char}" without a directive`);
      at++;
      if (char === ";") close(words, at);
      else if (first.text.endsWith("_by_lua_block")) {
        const end = luaEnd(text, at, to);
        if (end === undefined) throw fail(at - 1, "this block of Lua is never closed");
        at = end;
        close(words, at, []);
      } else {
        open.push({ words, brace: at - 1, block: [] });
        found = open.at(-1)?.block ?? whole;
        words = [];
      }
    } else {
      const end = wordEnd(text, at, to);
      const quoted = char === '"' || char === "'";
      if (end === undefined) throw fail(at, "this quote is never closed");
      if (quoted && end < to && !/[ \t\r\n;{)]/.test(text.charAt(end)))
        throw fail(end, "nginx requires a blank after the quote");
      const word = { text: unescaped(text.slice(at, end), quoted), start: at, end };
      if (!first && word.text === "-" && aloneOnItsLine(text, word, from, to)) close([word], end);
      else words.push(word);
      at = end;
    }
  }
  if (words[0]) throw fail(words[0].start, `the text ends inside "${words[0].text}"`);
  const unclosed = open.at(-1);
  if (unclosed) throw fail(unclosed.brace, "this block is never closed");
  return whole;
}

const isBlank = (char: string) => char === " " || char === "\n" || char === "\t" || char === "\r";

function lineEnd(text: string, at: number, to: number): number {
  const newline = text.indexOf("\n", at);
  return newline < 0 || newline > to ? to : newline;
}

/** The offset after the word; undefined for an unclosed quote. A brace after a `$` belongs to the word. */
function wordEnd(text: string, start: number, to: number): number | undefined {
  const quote = text[start] === '"' || text[start] === "'" ? text[start] : undefined;
  let variable = false;
  for (let at = quote ? start + 1 : start; at < to; at++) {
    const char = text.charAt(at);
    if (char === "{" && variable) continue;
    variable = char === "$";
    if (char === "\\") at++;
    else if (quote ? char === quote : isBlank(char) || char === ";" || char === "{")
      return quote ? at + 1 : at;
  }
  return quote ? undefined : to;
}

/** nginx drops the backslash before quotes and itself, knows \t \r \n, and keeps it before anything else (regexes). */
function unescaped(raw: string, quoted: boolean): string {
  const known: Readonly<Record<string, string>> = { t: "\t", r: "\r", n: "\n" };
  const inside = quoted ? raw.slice(1, -1) : raw;
  return inside.replace(/\\([trn"'\\])/g, (_, char: string) => known[char] ?? char);
}

function aloneOnItsLine(text: string, { start, end }: Word, from: number, to: number): boolean {
  const before = text.slice(Math.max(from, text.lastIndexOf("\n", start) + 1), start);
  return /^[ \t]*$/.test(before) && /^[ \t]*\r?$/.test(text.slice(end, lineEnd(text, end, to)));
}

// A comment, a string, a long bracket, or a brace.
const luaToken =
  /--(?!\[=*\[)[^\n]*|(?:--)?\[(=*)\[[\s\S]*?\]\1\]|"[^"\\\n]*(?:\\[\s\S][^"\\\n]*)*"|'[^'\\\n]*(?:\\[\s\S][^'\\\n]*)*'|[{}]/g;

/** The offset after the brace that closes a block of Lua whose code starts at `start`. */
function luaEnd(text: string, start: number, to: number): number | undefined {
  let depth = 1;
  for (const { 0: token, index } of text.slice(start, to).matchAll(luaToken)) {
    if (token === "{") depth++;
    if (token === "}") depth--;
    if (depth === 0) return start + index + 1;
  }
  return undefined;
}

/** Statements of one name, in order. */
export function named(all: readonly Statement[] | undefined, name: string): Statement[] {
  return (all ?? []).filter((one) => one.name === name);
}

/** These statements and all in their blocks, in the order of the text. */
export function* everywhere(all: readonly Statement[]): Generator<Statement> {
  const inside = [all.values()];
  for (let level = inside.at(-1); level; level = inside.at(-1)) {
    const { value: one } = level.next();
    if (!one) inside.pop();
    else {
      yield one;
      if (one.block) inside.push(one.block.values());
    }
  }
}

/** The only upstream of that name, ignoring case as nginx does. @throws BadInput if there is none, or more than one. */
export function upstream(
  file: string,
  text: string,
  all: readonly Statement[],
  name: string,
  from = 0,
): Statement {
  const same = ({ args }: Statement) => args[0]?.text.toLowerCase() === name.toLowerCase();
  const [one, second] = named(all, "upstream").filter(same);
  if (second) throw refusal(file, text, second.start, `a second upstream ${name}`);
  if (!one) throw refusal(file, text, from, `there is no upstream ${name}`);
  return one;
}
