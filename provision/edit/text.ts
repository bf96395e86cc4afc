// What every editor shares: a splice by offsets, and a refusal that points at the spot.
import { BadInput, position, problem } from "../../fixtures/errors.ts";

/** Replaces the characters from `start` to `end`; everything else stays as it is. */
export function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** A document that can't be edited safely, said with `file:line:column`. */
export function refusal(file: string, text: string, offset: number, why: string): BadInput {
  const { line, column } = position(text, offset);
  return new BadInput(
    problem(`Can't be edited safely: ${file}:${line}:${column}: ${why}`, `less +${line} ${file}`),
  );
}

/** The line ending that a text uses: that of its first line, `\n` where it has none. */
export function lineEnding(text: string): "\r\n" | "\n" {
  return /^[^\n]*\r\n/.test(text) ? "\r\n" : "\n";
}

/** Where the line that holds `offset` starts, and where the next one does (or the text ends). */
export function lineAt(text: string, offset: number): { start: number; end: number; indent: string } {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const newline = text.indexOf("\n", offset);
  const indent = /^[ \t]*/.exec(text.slice(start))?.[0] ?? "";
  return { start, end: newline < 0 ? text.length : newline + 1, indent };
}

/** A regular expression's source that matches this text and nothing else. */
export function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
