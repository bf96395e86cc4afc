// Edits JSON by offsets: only the intended bytes change; indentation, line endings and key order stay.
import {
  findNodeAtLocation,
  type JSONPath,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type { BadInput } from "../../fixtures/errors.ts";
import { lineAt, lineEnding, refusal, splice } from "./text.ts";

/** A parsed document: its text without a byte order mark, its syntax tree, and the mark. */
interface Document {
  readonly file: string;
  readonly text: string;
  readonly root: Node;
  readonly mark: string;
}

/** Nesting limit: deeper than any real document, and shallow enough for every parser. */
const deepest = 500;

function read(file: string, whole: string): Document {
  const mark = whole.startsWith("\uFEFF") ? "\uFEFF" : "";
  const text = whole.slice(mark.length);
  const abyss = tooDeep(text);
  if (abyss !== undefined) throw refusal(file, text, abyss, `nested deeper than ${deepest} levels`);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  if (first) throw refusal(file, text, first.offset, `not JSON: ${printParseErrorCode(first.error)}`);
  if (!root) throw refusal(file, text, 0, "the file is empty");
  return { file, text, root, mark };
}

/** The offset of the first bracket that exceeds the nesting limit. */
function tooDeep(text: string): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') quoted = !quoted;
    else if (quoted) at += char === "\\" ? 1 : 0;
    else if (char === "[" || char === "{") {
      if (++depth > deepest) return at;
    } else if (char === "]" || char === "}") depth--;
  }
  return undefined;
}

/** The node at a path. Refuses a duplicate key on the path: it is ambiguous which one counts. */
function find({ file, text, root }: Document, path: JSONPath): Node | undefined {
  for (let depth = 0; depth < path.length; depth++) {
    const parent = findNodeAtLocation(root, path.slice(0, depth));
    if (parent?.type !== "object") continue;
    const same = (parent.children ?? []).filter(({ children }) => children?.[0]?.value === path[depth]);
    if (same[1]) throw refusal(file, text, same[1].offset, `the key "${String(path[depth])}" occurs twice`);
  }
  return findNodeAtLocation(root, path);
}

/** Refuses a duplicate key anywhere in a value that is read: it is ambiguous which one counts. */
function refuseTwice(document: Document, node: Node): void {
  const keys = new Set<unknown>();
  for (const child of node.children ?? []) {
    const [key] = child.type === "property" ? (child.children ?? []) : [];
    if (key && keys.has(key.value))
      throw refusal(document.file, document.text, key.offset, `the key "${String(key.value)}" occurs twice`);
    if (key) keys.add(key.value);
    refuseTwice(document, child);
  }
}

/** The refusal of a missing path, at its nearest existing parent. */
function missing({ file, text, root }: Document, path: JSONPath): BadInput {
  const above = path.map((_, depth) => findNodeAtLocation(root, path.slice(0, depth)));
  const nearest = above.findLast((node) => node !== undefined) ?? root;
  return refusal(file, text, nearest.offset, `there is no ${path.join(".")}`);
}

/** The value at a path; undefined if there is none. @throws BadInput for invalid JSON. */
export function valueAt(file: string, text: string, path: JSONPath): unknown {
  const document = read(file, text);
  const node = find(document, path);
  if (node) refuseTwice(document, node);
  return node && JSON.parse(document.text.slice(node.offset, node.offset + node.length));
}

/** The index of the only object in the array at `path` whose `key` is `value`. @throws BadInput if there are none or two. */
export function indexWhere(file: string, whole: string, path: JSONPath, key: string, value: unknown): number {
  const document = read(file, whole);
  const array = arrayAt(document, path);
  const found = (array.children ?? []).flatMap((child, index) => {
    const keys = (child.type === "object" ? (child.children ?? []) : []).filter(
      ({ children }) => children?.[0]?.value === key,
    );
    if (!keys.some(({ children }) => children?.[1]?.value === value)) return [];
    if (keys[1]) throw refusal(file, document.text, keys[1].offset, `the key "${key}" occurs twice`);
    return [{ index, child }];
  });
  const what = `object in ${path.join(".")} whose ${key} is ${JSON.stringify(value)}`;
  const [one, second] = found;
  if (second) throw refusal(file, document.text, second.child.offset, `a second ${what}`);
  if (!one) throw refusal(file, document.text, array.offset, `no ${what}`);
  return one.index;
}

function arrayAt(document: Document, path: JSONPath): Node {
  const node = find(document, path);
  if (!node) throw missing(document, path);
  if (node.type !== "array")
    throw refusal(document.file, document.text, node.offset, `${path.join(".")} is not an array`);
  return node;
}

/** Replaces the value at a path. @throws BadInput if the path does not exist. */
export function replaceValue(file: string, whole: string, path: JSONPath, value: unknown): string {
  const document = read(file, whole);
  const node = find(document, path);
  if (!node) throw missing(document, path);
  return document.mark + splice(document.text, node.offset, node.offset + node.length, JSON.stringify(value));
}

/** Adds the last property to the object at `path`. @throws BadInput if there is no object, or it has the key already. */
export function addProperty(
  file: string,
  whole: string,
  path: JSONPath,
  key: string,
  value: unknown,
): string {
  const document = read(file, whole);
  const node = find(document, path);
  if (!node) throw missing(document, path);
  if (node.type !== "object")
    throw refusal(file, document.text, node.offset, `${path.join(".")} is not an object`);
  if (find(document, [...path, key]))
    throw refusal(file, document.text, node.offset, `${key} already exists`);
  return (
    document.mark +
    insertLast(
      document.text,
      node,
      (...how) => `${JSON.stringify(key)}: ${pretty(value, document.text, ...how)}`,
    )
  );
}

/** Appends an item to the array at `path`. @throws BadInput if there is no array. */
export function appendItem(file: string, whole: string, path: JSONPath, value: unknown): string {
  const document = read(file, whole);
  const node = arrayAt(document, path);
  return document.mark + insertLast(document.text, node, (...how) => pretty(value, document.text, ...how));
}

/** Removes an item of the array at `path`, with its comma and blanks. @throws BadInput if there is no such item. */
export function removeItem(file: string, whole: string, path: JSONPath, index: number): string {
  const document = read(file, whole);
  const children = arrayAt(document, path).children ?? [];
  const [before, one, next] = [children[index - 1], children[index], children[index + 1]];
  if (!one) throw missing(document, [...path, index]);
  const start = next || !before ? one.offset : before.offset + before.length;
  return document.mark + splice(document.text, start, next ? next.offset : one.offset + one.length, "");
}

/** Formats a value with this indentation and these line endings; on one line if there is no indentation. */
type Render = (pad: string, end: string) => string;

/** Inserts after the last child of an object or array: on its own line if the last child has one. */
function insertLast(text: string, parent: Node, render: Render): string {
  const last = (parent.children ?? []).at(-1);
  if (!last) return insertFirst(text, parent, render);
  const end = lineEnding(text, last.offset);
  const at = last.offset + last.length;
  const own = lineAt(text, last.offset);
  const onItsOwnLine = text.slice(own.start, last.offset).trim() === "";
  const pad = onItsOwnLine ? own.indent : "";
  return splice(text, at, at, onItsOwnLine ? `,${end}${pad}${render(pad, end)}` : `, ${render(pad, end)}`);
}

/** Inserts into an empty object or array, before its blanks. */
function insertFirst(text: string, parent: Node, render: Render): string {
  const at = parent.offset + 1;
  const blanks = text.slice(at, parent.offset + parent.length - 1);
  if (!text.includes("\n") || (blanks !== "" && !blanks.includes("\n")))
    return splice(text, at, at, `${blanks}${render("", "")}`);
  const { indent } = lineAt(text, parent.offset);
  const pad = indent + unitOf(text);
  const end = lineEnding(text, parent.offset);
  return splice(text, at, at, `${end}${pad}${render(pad, end)}${blanks === "" ? end + indent : ""}`);
}

/** The document's indentation of one level. */
function unitOf(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? "    ";
}

function pretty(value: unknown, text: string, pad: string, end: string): string {
  if (pad === "") return JSON.stringify(value);
  return JSON.stringify(value, null, unitOf(text)).replaceAll("\n", end + pad);
}
