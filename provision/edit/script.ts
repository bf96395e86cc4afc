// Reads a bash script as far as edits need it: which lines are code, where heredocs and comments are.
import { type Heredoc, type Opened, openedAt, textFrom } from "./heredoc.ts";
import { refusal } from "./text.ts";

/** A line that starts where a statement may. Its end is before its line ending. */
export interface CodeLine {
  readonly start: number;
  readonly end: number;
  /** Braces around it: functions and groups. */
  readonly depth: number;
  /** The statement does not go on in the next line, and no heredoc hangs on it. */
  readonly whole: boolean;
}

export interface Script {
  readonly lines: readonly CodeLine[];
  readonly heredocs: readonly Heredoc[];
  /** Comments and heredocs' texts. */
  readonly noCode: readonly { readonly start: number; readonly end: number }[];
}

/** What is open: parentheses and substitutions, `"…"`, `${…}`, arithmetic. */
interface Frame {
  readonly kind: "(" | '"' | "{" | "((";
  readonly start: number;
  /** `case`s without their `esac`: a `)` ends a pattern. */
  cases: number;
  /** Parentheses inside arithmetic. */
  depth: number;
  /** In `"${x:-it's}"` a single quote is none. */
  readonly plainQuotes?: boolean;
}

const goesOn = new Set(["then", "do", "else", "elif", "if", "while", "until", "!", "time", "{"]);

/**
 * Reads a script.
 * @throws BadInput where quotes, parentheses or heredocs are not closed, or there is a NUL byte: bash drops those.
 */
export function readScript(file: string, text: string): Script {
  const fail = (offset: number, why: string) => refusal(file, text, offset, why);
  const nul = text.indexOf("\0");
  if (nul >= 0) throw fail(nul, "a NUL byte");
  const lines: CodeLine[] = [];
  const heredocs: Heredoc[] = [];
  const noCode: { start: number; end: number }[] = [];
  const frames: Frame[] = [];
  let pending: Opened[] = [];
  let at = 0;
  let depth = 0;
  /** How many of the frames are `"…"`. */
  let quotes = 0;
  /** The next word may be a command; and it is bound to the one before by `&&`, `||` or `|`. */
  let [command, bound, loop, naming] = [true, false, false, false];
  let line: { start: number; depth: number } | undefined = { start: 0, depth };

  const open = (kind: Frame["kind"], length: number, plainQuotes = false) => {
    frames.push({ kind, start: at, cases: 0, depth: 0, plainQuotes });
    if (kind === '"') quotes++;
    at += length;
  };
  const skipTo = (end: string, from: number) => {
    const found = text.indexOf(end, from);
    if (found < 0) throw fail(at, "this quote is never closed");
    at = found + end.length;
  };
  /** Behind the quote that ends what opened at `at`, over escapes. */
  const skipEscaped = (end: string, from: number) => {
    let next = from;
    while (next < text.length && text[next] !== end) next += text[next] === "\\" ? 2 : 1;
    if (next >= text.length) throw fail(at, "this quote is never closed");
    at = next + 1;
  };
  /** What begins with `$`, `` ` `` or a quote; whether there was any. */
  const expansion = (single: boolean): boolean => {
    const char = text[at];
    if (char === "\\") at += 2;
    else if (char === "`") skipEscaped("`", at + 1);
    else if (char === '"') open('"', 1);
    else if (char === "'" && single) skipTo("'", at + 1);
    else if (text.startsWith("$((", at)) open("((", 3);
    else if (text.startsWith("$(", at)) open("(", 2);
    else if (text.startsWith("${", at)) {
      const name = /^\$\{[#!]?[\w@*?$!-]*(\[[^\]]*\])?:?[-+=?]/;
      const literal = quotes > 0 && name.test(text.slice(at, at + 200));
      open("{", 2, literal);
    } else if (text.startsWith("$'", at) && single) skipEscaped("'", at + 2);
    else return false;
    return true;
  };
  const heredoc = () => {
    const one = openedAt(text, at);
    if (!one) throw fail(at, "this heredoc's end word can't be read");
    pending.push(one);
    at = one.named;
  };
  /** Passes over the texts of the heredocs of a line, which start at `at`. */
  const bodies = () => {
    for (const one of pending) {
      const found = textFrom(text, at, one);
      if (!found) throw fail(one.opened, `the heredoc up to ${one.word} is never closed`);
      heredocs.push({ ...one, start: at, end: found.end });
      noCode.push({ start: at, end: found.next });
      at = found.next;
    }
    pending = [];
  };
  const endLine = () => {
    const clean = frames.length === 0 && !bound;
    if (line) {
      const newline = text.indexOf("\n", line.start);
      const end = text[newline - 1] === "\r" ? newline - 1 : newline;
      lines.push({ ...line, end, whole: clean && pending.length === 0 && newline === at });
    }
    at++;
    bodies();
    command = true;
    line = clean && text[at - 1] === "\n" ? { start: at, depth } : undefined;
  };
  const word = () => {
    const plain = /[^ \t\n;&|()<>'"\\$`]*/y;
    plain.lastIndex = at;
    const read = plain.exec(text)?.[0] ?? "";
    const before = text.charAt(at - 1);
    at += read.length;
    // bash would take the \r of a line ending for a part of the word; an editor's reader need not.
    const found = text[at] === "\n" ? read.replace(/\r$/, "") : read;
    if (found === "") return;
    const alone = /^[ \t\n;&|(){}]?$/.test(before) && /^[ \t\n;&|()<>]?$/.test(text.charAt(at));
    bound = false;
    const frame = frames.at(-1);
    if (naming || !command || !alone) {
      command = naming && alone;
      naming = false;
      return;
    }
    if (found === "{") depth++;
    if (found === "}") depth--;
    if (found === "case" && frame) frame.cases++;
    if (found === "esac" && frame) frame.cases--;
    loop = found === "for";
    naming = found === "function";
    command = goesOn.has(found) || naming;
  };
  const code = (char: string, frame: Frame | undefined) => {
    const wordStart = at === 0 || /[ \t\n;&|()<>]/.test(text.charAt(at - 1));
    if (char === "\n") endLine();
    else if (char === " " || char === "\t") at++;
    else if (char === "#" && wordStart) {
      const newline = text.indexOf("\n", at);
      noCode.push({ start: at, end: newline < 0 ? text.length : newline });
      at = newline < 0 ? text.length : newline;
    } else if (char === ";" || char === "&" || char === "|") {
      const next = text[at + 1];
      // `>&2` and `&>` are redirections.
      const redirects = char === "&" && (/[<>]/.test(text.charAt(at - 1)) || next === ">");
      if (!redirects) [command, bound] = [true, char === "|" || (char === "&" && next === "&")];
      at += char !== ";" && next === char ? 2 : 1;
    } else if (text.startsWith("<<<", at)) at += 3;
    else if (text.startsWith("<<", at)) heredoc();
    else if (text.startsWith("<(", at) || text.startsWith(">(", at)) {
      open("(", 2);
      command = true;
    } else if (char === "<" || char === ">") at++;
    else if (text.startsWith("((", at) && (command || loop)) open("((", 2);
    else if (char === "(") {
      open("(", 1);
      command = true;
    } else if (char === ")") {
      at++;
      if (frame && frame.cases === 0) {
        if (pending.length > 0) throw fail(frame.start, "a heredoc hangs on these parentheses");
        frames.pop();
      }
      [command, bound] = [true, false];
    } else if (char === "$" || char === "'" || char === '"' || char === "`" || char === "\\") {
      [command, bound] = [false, false];
      const dollar = text.startsWith("$(", at) && !text.startsWith("$((", at);
      if (!expansion(true)) at++;
      if (dollar) command = true;
    } else word();
  };

  while (at < text.length) {
    const frame = frames.at(-1);
    const char = text.charAt(at);
    if (!frame || frame.kind === "(") code(char, frame);
    else if (frame.kind === '"') {
      if (char === '"') {
        frames.pop();
        quotes--;
        at++;
      } else if (!expansion(false)) at++;
    } else if (frame.kind === "{") {
      if (char === "}") {
        frames.pop();
        at++;
      } else if (!expansion(!frame.plainQuotes)) at++;
    } else if (char === "(") {
      frame.depth++;
      at++;
    } else if (char === ")" && frame.depth > 0) {
      frame.depth--;
      at++;
    } else if (char === ")") {
      if (text[at + 1] !== ")") throw fail(frame.start, "these parentheses can't be told from arithmetic");
      frames.pop();
      at += 2;
      command = false;
    } else if (!expansion(true)) at++;
  }
  const [unclosed] = frames.slice(-1);
  if (unclosed) throw fail(unclosed.start, "what opens here is never closed");
  if (pending[0]) throw fail(pending[0].opened, `the heredoc up to ${pending[0].word} is never closed`);
  if (line) {
    const newline = text.indexOf("\n", line.start);
    lines.push({ ...line, end: newline < 0 ? text.length : newline, whole: newline < 0 });
  }
  return { lines, heredocs, noCode };
}
