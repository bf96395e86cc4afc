// Finds the offsets of nginx directives in a file or a part of one (a heredoc), for the editors.
import { nginxStatements, type Statement } from "../../fixtures/evidence/parse/nginx-statements.ts";
import { refusal } from "./text.ts";

export type { Statement } from "../../fixtures/evidence/parse/nginx-statements.ts";

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
  return nginxStatements(text, { from, to, loneDash: true, fail });
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
