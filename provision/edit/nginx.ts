// Finds the bytes of nginx directives, in a file or in a part of one (a heredoc), and edits just those.
import { refusal } from "./text.ts";

export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** `name arg arg;` or `name arg { … }`. Offsets are those of the whole text, `end` is behind the `;` or `}`. */
export interface Statement {
  readonly name: string;
  readonly args: readonly Word[];
  readonly start: number;
  readonly end: number;
  readonly block?: readonly Statement[];
}

/**
 * Reads the statements between two offsets.
 * @throws BadInput where quotes or braces do not match.
 */
export function statements(file: string, text: string, from = 0, to = text.length): Statement[] {
  let at = from;
  const words: Word[] = [];
  const read = (opened: number | undefined): Statement[] => {
    const found: Statement[] = [];
    let own: Word[] = [];
    while (at < to) {
      const char = text.charAt(at);
      if (/\s/.test(char)) at++;
      else if (char === "#") while (at < to && text[at] !== "\n") at++;
      else if (char === "}") {
        if (own[0]) throw refusal(file, text, own[0].start, `"${own[0].text}" does not end with ";"`);
        if (opened === undefined) throw refusal(file, text, at, 'a "}" without its "{"');
        at++;
        return found;
      } else if (char === ";" || char === "{") {
        const [name, ...args] = own;
        if (!name) throw refusal(file, text, at, `a "${char}" without a directive`);
        at++;
        const block = char === "{" ? read(at - 1) : undefined;
        found.push({ name: name.text, args, start: name.start, end: at, ...(block && { block }) });
        own = [];
      } else own.push(word());
    }
    if (own[0]) throw refusal(file, text, own[0].start, `the text ends inside "${own[0].text}"`);
    if (opened !== undefined) throw refusal(file, text, opened, "this block is never closed");
    return found;
  };
  const word = (): Word => {
    const start = at;
    const quote = text[at] === '"' || text[at] === "'" ? text[at] : undefined;
    if (quote) at++;
    for (; at < to; at++) {
      const char = text.charAt(at);
      if (char === "\\") at++;
      else if (
        quote
          ? char === quote
          : /[\s;]/.test(char) || (/[{}]/.test(char) && text[at - 1] !== "$" && !inVariable(start))
      )
        break;
    }
    if (quote && at >= to) throw refusal(file, text, start, "this quote is never closed");
    if (quote) at++;
    const raw = text.slice(start, at);
    words.push({ text: raw, start, end: at });
    return { text: quote ? raw.slice(1, -1) : raw, start, end: at };
  };
  /** Inside `${name}` a brace belongs to the word. */
  const inVariable = (start: number) => /\$\{\w*$/.test(text.slice(start, at));
  return read(undefined);
}

/** Statements of one name, in order. */
export function named(all: readonly Statement[] | undefined, name: string): Statement[] {
  return (all ?? []).filter((one) => one.name === name);
}

/** The one upstream of that name. @throws BadInput when there is none, or more than one. */
export function upstream(file: string, text: string, all: readonly Statement[], name: string): Statement {
  const found = named(all, "upstream").filter(({ args }) => args[0]?.text === name);
  if (found[1]) throw refusal(file, text, found[1].start, `a second upstream ${name}`);
  if (!found[0]) throw refusal(file, text, 0, `there is no upstream ${name}`);
  return found[0];
}
