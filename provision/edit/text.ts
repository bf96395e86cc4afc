// Shared by all editors: a splice by offsets, and a refusal with file, line and column.
import { BadInput, position, problem } from "../../fixtures/errors.ts";
import { toType } from "../../fixtures/quote.ts";

/** Replaces the characters from `start` to `end`; everything else stays as it is. */
export function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** The error for a document that can't be edited safely, with `file:line:column`. */
export function refusal(file: string, text: string, offset: number, why: string): BadInput {
  const { line, column } = position(text, offset);
  return new BadInput(
    problem(`Can't be edited safely: ${file}:${line}:${column}: ${why}`, toType`less +${line} ${file}`),
  );
}

/** The line ending at `offset`: that of its line, else of the line before; `\n` if there is none. */
export function lineEnding(text: string, offset = 0): "\r\n" | "\n" {
  const newline = text.indexOf("\n", offset);
  const at = newline < 0 ? text.lastIndexOf("\n") : newline;
  return text[at - 1] === "\r" ? "\r\n" : "\n";
}

/** The start of the line at `offset`, the start of the next line (or the end of the text), and its indentation. */
export function lineAt(text: string, offset: number): { start: number; end: number; indent: string } {
  const start = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
  const newline = text.indexOf("\n", offset);
  const end = newline < 0 ? text.length : newline + 1;
  const indent = /^[ \t]*/.exec(text.slice(start, end))?.[0] ?? "";
  return { start, end, indent };
}

/** The source of a regular expression that matches exactly this text. */
export function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
