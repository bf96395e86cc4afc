// Parses heredocs as bash does: the end word, and where the text ends.

/** A heredoc: `<<` and its word are from `opened` to `named`, its text from `start` to `end`. */
export interface Heredoc {
  readonly opened: number;
  readonly named: number;
  readonly start: number;
  readonly end: number;
  /** The end word without its quotes. */
  readonly word: string;
  /** The end word is quoted, so nothing expands in the text. */
  readonly quoted: boolean;
  /** `<<-`: leading tabs of each line are removed. */
  readonly tabs: boolean;
}

/** A heredoc whose text has not been read yet. */
export type Opened = Omit<Heredoc, "start" | "end">;

/** The heredoc whose `<<` is at an offset; undefined if its end word can't be parsed. */
export function openedAt(text: string, opened: number): Opened | undefined {
  const written = /^<<(-?)[ \t]*((?:'[^'\n]*'|"[^"\\$`\n]*"|\\[^\n]|[^ \t\n;&|()<>'"\\$`])+)/.exec(
    text.slice(opened, opened + 400),
  );
  if (!written) return undefined;
  const [whole, dash, raw = ""] = written;
  if (/[$`'"\\]/.test(text.charAt(opened + whole.length))) return undefined;
  const word = raw.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, a = "", b = "", c = "") => a + b + c);
  const quoted = /['"\\]/.test(raw);
  return { opened, named: opened + whole.length, word, quoted, tabs: dash === "-" };
}

/** The end of the text that starts at an offset, and where the script continues; undefined if the end word is missing. */
export function textFrom(
  text: string,
  start: number,
  { word, quoted, tabs }: Opened,
): { end: number; next: number } | undefined {
  for (let at = start; at < text.length; ) {
    const line = lineFrom(text, at, !quoted);
    if ((tabs ? line.text.replace(/^\t+/, "") : line.text) === word) return { end: at, next: line.next };
    at = line.next;
  }
  return undefined;
}

/** One line. If the text expands, a backslash at the end joins the next line, which can't be the end word then. */
function lineFrom(text: string, start: number, joins: boolean): { text: string; next: number } {
  let whole = "";
  for (let at = start; ; ) {
    const newline = text.indexOf("\n", at);
    const part = text.slice(at, newline < 0 ? text.length : newline);
    at = newline < 0 ? text.length : newline + 1;
    const goesOn = joins && newline >= 0 && (/\\*$/.exec(part)?.[0].length ?? 0) % 2 === 1;
    if (!goesOn) return { text: whole + part, next: at };
    whole += part.slice(0, -1);
  }
}
