// Edits JSON by offsets: the intended bytes change, and no other; indentation, line ends and key order stay.
import {
  findNodeAtLocation,
  type JSONPath,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { lineAt, lineEnding, refusal, splice } from "./text.ts";

/** A document that has been read: its text without a byte order mark, its tree, and the mark. */
interface Document {
  readonly file: string;
  readonly text: string;
  readonly root: Node;
  readonly mark: string;
}

function read(file: string, whole: string): Document {
  const mark = whole.startsWith("\uFEFF") ? "\uFEFF" : "";
  const text = whole.slice(mark.length);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  if (first) throw refusal(file, text, first.offset, `not JSON: ${printParseErrorCode(first.error)}`);
  if (!root) throw refusal(file, text, 0, "the file is empty");
  return { file, text, root, mark };
}

/** The node at a path, refusing a key that stands twice on the way: nobody can say which one counts. */
function find({ file, text, root }: Document, path: JSONPath): Node | undefined {
  for (let depth = 0; depth < path.length; depth++) {
    const parent = findNodeAtLocation(root, path.slice(0, depth));
    if (parent?.type !== "object") continue;
    const same = (parent.children ?? []).filter(({ children }) => children?.[0]?.value === path[depth]);
    if (same[1]) throw refusal(file, text, same[1].offset, `the key "${String(path[depth])}" stands twice`);
  }
  return findNodeAtLocation(root, path);
}

/** The value at a path; undefined where there is none. @throws BadInput for what is no JSON. */
export function valueAt(file: string, text: string, path: JSONPath): unknown {
  const document = read(file, text);
  const node = find(document, path);
  return node && JSON.parse(document.text.slice(node.offset, node.offset + node.length));
}

/** Replaces the value at a path that is there. @throws BadInput where it is not. */
export function replaceValue(file: string, whole: string, path: JSONPath, value: unknown): string {
  const document = read(file, whole);
  const node = find(document, path);
  if (!node) throw refusal(file, document.text, 0, `there is no ${path.join(".")}`);
  return document.mark + splice(document.text, node.offset, node.offset + node.length, JSON.stringify(value));
}

/** Adds a property as the last one of the object at `path`. @throws BadInput where there is no object, or the key is there. */
export function addProperty(
  file: string,
  whole: string,
  path: JSONPath,
  key: string,
  value: unknown,
): string {
  const document = read(file, whole);
  const node = find(document, path);
  if (node?.type !== "object")
    throw refusal(file, document.text, node?.offset ?? 0, `${path.join(".")} is no object`);
  if (find(document, [...path, key]))
    throw refusal(file, document.text, node.offset, `${key} is there already`);
  return (
    document.mark +
    insertLast(document.text, node, (pad) => `${JSON.stringify(key)}: ${pretty(value, pad, document.text)}`)
  );
}

/** Appends an item to the array at `path`. @throws BadInput where there is no array. */
export function appendItem(file: string, whole: string, path: JSONPath, value: unknown): string {
  const document = read(file, whole);
  const node = find(document, path);
  if (node?.type !== "array")
    throw refusal(file, document.text, node?.offset ?? 0, `${path.join(".")} is no array`);
  return document.mark + insertLast(document.text, node, (pad) => pretty(value, pad, document.text));
}

/** Inserts behind the last child of an object or array: on a line of its own when the last child has one. */
function insertLast(text: string, parent: Node, render: (pad: string) => string): string {
  const children = parent.children ?? [];
  const last = children.at(-1);
  const end = lineEnding(text);
  if (!last) {
    const { indent } = lineAt(text, parent.offset);
    const pad = indent + unitOf(text);
    return splice(
      text,
      parent.offset + 1,
      parent.offset + parent.length - 1,
      `${end}${pad}${render(pad)}${end}${indent}`,
    );
  }
  const at = last.offset + last.length;
  const own = lineAt(text, last.offset);
  const onItsOwnLine = text.slice(own.start, last.offset).trim() === "";
  const pad = onItsOwnLine ? own.indent : "";
  return splice(text, at, at, onItsOwnLine ? `,${end}${pad}${render(pad)}` : `, ${render(pad)}`);
}

/** One step of indentation, as the document shows it. */
function unitOf(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? "    ";
}

function pretty(value: unknown, pad: string, text: string): string {
  if (pad === "") return JSON.stringify(value);
  return JSON.stringify(value, null, unitOf(text)).replaceAll("\n", lineEnding(text) + pad);
}
