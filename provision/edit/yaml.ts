// Finds the offsets of values in YAML with a real parser, so that comments and block scalars are not mistaken for keys.
import { type Document, isAlias, isMap, isScalar, type Node, parseDocument } from "yaml";
import { refusal } from "./text.ts";

/** A value on one line, without its quotes. */
export interface Scalar {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The values of a key in each map below another key, such as `image` below `services`.
 * @throws BadInput for invalid YAML, and for a selected value that is written in a way that can't be edited.
 */
export function textsBelow(
  file: string,
  text: string,
  below: string,
  key: string,
  chosen: (value: string) => boolean,
): Scalar[] {
  const document = read(file, text);
  const maps = document.get(below);
  if (!isMap(maps)) return [];
  return maps.items.flatMap(({ value: map }) => {
    const node = isMap(map) ? map.get(key, true) : undefined;
    const meant = isAlias(node) ? node.resolve(document) : node;
    const value: unknown = isScalar(meant) ? meant.value : undefined;
    if (!node || typeof value !== "string" || !chosen(value)) return [];
    const [from = 0, to = 0] = (node as Node).range ?? [];
    const quote = /["']/.test(text.charAt(from)) ? 1 : 0;
    const [start, end] = [from + quote, to - quote];
    if (text.slice(start, end) !== value)
      throw refusal(file, text, from, `the ${key} is not a plain value on one line`);
    return [{ value, start, end }];
  });
}

function read(file: string, text: string): Document {
  const document = parseDocument(text, { prettyErrors: false });
  const [first] = document.errors;
  if (!first) return document;
  const tooDeep = first.message.includes("call stack");
  const why = tooDeep ? "nested too deeply to be parsed" : `not YAML: ${first.message}`;
  throw refusal(file, text, first.pos[0], why);
}
