// Parses a bash script as far as edits need it: which lines are code, and where heredocs and comments are.
import { type Heredoc, type Opened, openedAt, textFrom } from "./heredoc.ts";
import { refusal } from "./text.ts";

/** A line that starts where a statement may start. `end` is before its line ending. */
export interface CodeLine {
  readonly start: number;
  readonly end: number;
  /** Number of braces around it: functions and groups. */
  readonly depth: number;
  /** The statement ends on this line, and has no heredoc. */
  readonly whole: boolean;
}

export interface Script {
  readonly lines: readonly CodeLine[];
  readonly heredocs: readonly Heredoc[];
  /** Comments and the texts of heredocs. */
  readonly noCode: readonly { readonly start: number; readonly end: number }[];
}

/** An open construct: parentheses or substitution, `"…"`, `${…}`, or arithmetic. */
interface Frame {
  readonly kind: "(" | '"' | "{" | "((";
  readonly start: number;
  /** Number of `case`s without their `esac`: there a `)` ends a pattern. */
  cases: number;
  /** Number of open parentheses inside arithmetic. */
  depth: number;
  /** Whether it is inside `"…"`: in `"${x:-it's}"` the single quote is a plain character. */
  readonly plainQuotes?: boolean;
}

/**
 * Parses a script.
 * @throws BadInput for unclosed quotes, parentheses or heredocs, and for a NUL byte, which bash drops.
 */
export function readScript(file: string, text: string): Script {
  return new Reader(file, text).read();
}

const goesOn = new Set(["then", "do", "else", "elif", "if", "while", "until", "!", "time", "{"]);

/** Scans a script once, character by character; `#at` is the current offset. */
class Reader {
  readonly #file: string;
  readonly #text: string;
  readonly #lines: CodeLine[] = [];
  readonly #heredocs: Heredoc[] = [];
  readonly #noCode: { start: number; end: number }[] = [];
  readonly #frames: Frame[] = [];
  /** Heredocs of this line, whose texts start after it. */
  #pending: Opened[] = [];
  #at = 0;
  #depth = 0;
  /** How many of the open frames are `"…"`. */
  #quotes = 0;
  /** The next word may be a command. */
  #command = true;
  /** The next command is joined to the one before by `&&`, `||` or `|`. */
  #bound = false;
  /** The previous word was `for`: arithmetic may follow. */
  #loop = false;
  /** The next word is a function's name. */
  #naming = false;
  #line: { start: number; depth: number } | undefined = { start: 0, depth: 0 };

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
  }

  read(): Script {
    const nul = this.#text.indexOf("\0");
    if (nul >= 0) throw this.#refusal(nul, "a NUL byte");
    while (this.#at < this.#text.length) this.#step();
    this.#end();
    return { lines: this.#lines, heredocs: this.#heredocs, noCode: this.#noCode };
  }

  #refusal(offset: number, why: string) {
    return refusal(this.#file, this.#text, offset, why);
  }

  /** Scans one step, depending on the innermost open construct. */
  #step(): void {
    const frame = this.#frames.at(-1);
    if (!frame || frame.kind === "(") this.#code(frame);
    else if (frame.kind === '"') this.#quoted();
    else if (frame.kind === "{") this.#parameter(frame);
    else this.#arithmetic(frame);
  }

  /** At the end of the script: nothing may be open; the last line may lack a newline. */
  #end(): void {
    const [unclosed] = this.#frames.slice(-1);
    if (unclosed) throw this.#refusal(unclosed.start, "this is never closed");
    const [first] = this.#pending;
    if (first) throw this.#refusal(first.opened, `the heredoc up to ${first.word} is never closed`);
    if (!this.#line) return;
    const newline = this.#text.indexOf("\n", this.#line.start);
    const end = newline < 0 ? this.#text.length : newline;
    this.#lines.push({ ...this.#line, end, whole: newline < 0 });
  }

  #open(kind: Frame["kind"], length: number, plainQuotes = false): void {
    this.#frames.push({ kind, start: this.#at, cases: 0, depth: 0, plainQuotes });
    if (kind === '"') this.#quotes++;
    this.#at += length;
  }

  #skipTo(end: string, from: number): void {
    const found = this.#text.indexOf(end, from);
    if (found < 0) throw this.#refusal(this.#at, "this quote is never closed");
    this.#at = found + end.length;
  }

  /** Moves past the closing quote of what opened here, skipping escapes. */
  #skipEscaped(end: string, from: number): void {
    const text = this.#text;
    let next = from;
    while (next < text.length && text[next] !== end) next += text[next] === "\\" ? 2 : 1;
    if (next >= text.length) throw this.#refusal(this.#at, "this quote is never closed");
    this.#at = next + 1;
  }

  /** Scans what begins with `$`, `` ` `` or a quote; returns whether there was any. */
  #expansion(single: boolean): boolean {
    const [text, at] = [this.#text, this.#at];
    const char = text[at];
    if (char === "\\") this.#at += 2;
    else if (char === "`") this.#skipEscaped("`", at + 1);
    else if (char === '"') this.#open('"', 1);
    else if (char === "'" && single) this.#skipTo("'", at + 1);
    else if (text.startsWith("$((", at)) this.#open("((", 3);
    else if (text.startsWith("$(", at)) this.#open("(", 2);
    else if (text.startsWith("${", at)) {
      const name = /^\$\{[#!]?[\w@*?$!-]*(\[[^\]]*\])?:?[-+=?]/;
      const literal = this.#quotes > 0 && name.test(text.slice(at, at + 200));
      this.#open("{", 2, literal);
    } else if (text.startsWith("$'", at) && single) this.#skipEscaped("'", at + 2);
    else return false;
    return true;
  }

  /** One step inside `"…"`. */
  #quoted(): void {
    if (this.#text[this.#at] === '"') {
      this.#frames.pop();
      this.#quotes--;
      this.#at++;
    } else if (!this.#expansion(false)) this.#at++;
  }

  /** One step inside `${…}`. */
  #parameter({ plainQuotes }: Frame): void {
    if (this.#text[this.#at] === "}") {
      this.#frames.pop();
      this.#at++;
    } else if (!this.#expansion(!plainQuotes)) this.#at++;
  }

  /** One step inside `((…))`. */
  #arithmetic(frame: Frame): void {
    const char = this.#text[this.#at];
    if (char === "(") {
      frame.depth++;
      this.#at++;
    } else if (char === ")" && frame.depth > 0) {
      frame.depth--;
      this.#at++;
    } else if (char === ")") {
      if (this.#text[this.#at + 1] !== ")")
        throw this.#refusal(frame.start, "these parentheses can't be distinguished from arithmetic");
      this.#frames.pop();
      this.#at += 2;
      this.#command = false;
    } else if (!this.#expansion(true)) this.#at++;
  }

  /** One step in code. */
  #code(frame: Frame | undefined): void {
    const char = this.#text.charAt(this.#at);
    const wordStart = this.#at === 0 || /[ \t\n;&|()<>]/.test(this.#text.charAt(this.#at - 1));
    if (char === "\n") this.#endLine();
    else if (char === " " || char === "\t") this.#at++;
    else if (char === "#" && wordStart) this.#comment();
    else if (char === ";" || char === "&" || char === "|") this.#separator(char);
    else if (char === "<" || char === ">") this.#redirection();
    else if (char === "(") this.#openParenthesis();
    else if (char === ")") this.#closeParenthesis(frame);
    else if (/[$'"`\\]/.test(char)) this.#quoteOrExpansion();
    else this.#word();
  }

  #comment(): void {
    const newline = this.#text.indexOf("\n", this.#at);
    const end = newline < 0 ? this.#text.length : newline;
    this.#noCode.push({ start: this.#at, end });
    this.#at = end;
  }

  #separator(char: string): void {
    const next = this.#text[this.#at + 1];
    // `>&2` and `&>` are redirections.
    const redirects = char === "&" && (/[<>]/.test(this.#text.charAt(this.#at - 1)) || next === ">");
    if (!redirects) {
      this.#command = true;
      this.#bound = char === "|" || (char === "&" && next === "&");
    }
    this.#at += char !== ";" && next === char ? 2 : 1;
  }

  #redirection(): void {
    const starts = (text: string) => this.#text.startsWith(text, this.#at);
    if (starts("<<<")) this.#at += 3;
    else if (starts("<<")) this.#heredoc();
    else if (starts("<(") || starts(">(")) {
      this.#open("(", 2);
      this.#command = true;
    } else this.#at++;
  }

  #openParenthesis(): void {
    if (this.#text.startsWith("((", this.#at) && (this.#command || this.#loop)) this.#open("((", 2);
    else {
      this.#open("(", 1);
      this.#command = true;
    }
  }

  #closeParenthesis(frame: Frame | undefined): void {
    this.#at++;
    if (frame && frame.cases === 0) {
      if (this.#pending.length > 0)
        throw this.#refusal(frame.start, "a heredoc starts inside these parentheses and ends outside");
      this.#frames.pop();
    }
    this.#command = true;
    this.#bound = false;
  }

  #quoteOrExpansion(): void {
    this.#command = false;
    this.#bound = false;
    const substitution = this.#text.startsWith("$(", this.#at) && !this.#text.startsWith("$((", this.#at);
    if (!this.#expansion(true)) this.#at++;
    if (substitution) this.#command = true;
  }

  #heredoc(): void {
    const one = openedAt(this.#text, this.#at);
    if (!one) throw this.#refusal(this.#at, "this heredoc's end word can't be read");
    this.#pending.push(one);
    this.#at = one.named;
  }

  /** Skips the texts of a line's heredocs, which start here. */
  #heredocTexts(): void {
    for (const one of this.#pending) {
      const found = textFrom(this.#text, this.#at, one);
      if (!found) throw this.#refusal(one.opened, `the heredoc up to ${one.word} is never closed`);
      this.#heredocs.push({ ...one, start: this.#at, end: found.end });
      this.#noCode.push({ start: this.#at, end: found.next });
      this.#at = found.next;
    }
    this.#pending = [];
  }

  #endLine(): void {
    const clean = this.#frames.length === 0 && !this.#bound;
    if (this.#line) {
      const newline = this.#text.indexOf("\n", this.#line.start);
      const end = this.#text[newline - 1] === "\r" ? newline - 1 : newline;
      const whole = clean && this.#pending.length === 0 && newline === this.#at;
      this.#lines.push({ ...this.#line, end, whole });
    }
    this.#at++;
    this.#heredocTexts();
    this.#command = true;
    const starts = clean && this.#text[this.#at - 1] === "\n";
    this.#line = starts ? { start: this.#at, depth: this.#depth } : undefined;
  }

  #word(): void {
    const plain = /[^ \t\n;&|()<>'"\\$`]*/y;
    plain.lastIndex = this.#at;
    const read = plain.exec(this.#text)?.[0] ?? "";
    const before = this.#text.charAt(this.#at - 1);
    this.#at += read.length;
    const following = this.#text.charAt(this.#at);
    // bash reads the \r of a CRLF line ending as part of the word; this parser does not.
    const found = following === "\n" ? read.replace(/\r$/, "") : read;
    if (found === "") return;
    const alone = /^[ \t\n;&|(){}]?$/.test(before) && /^[ \t\n;&|()<>]?$/.test(following);
    this.#bound = false;
    if (this.#naming || !this.#command || !alone) {
      this.#command = this.#naming && alone;
      this.#naming = false;
      return;
    }
    this.#keyword(found);
  }

  /** A word in command position: it may open or close a construct, or be followed by another command. */
  #keyword(word: string): void {
    const frame = this.#frames.at(-1);
    if (word === "{") this.#depth++;
    if (word === "}") this.#depth--;
    if (word === "case" && frame) frame.cases++;
    if (word === "esac" && frame) frame.cases--;
    this.#loop = word === "for";
    this.#naming = word === "function";
    this.#command = goesOn.has(word) || this.#naming;
  }
}
