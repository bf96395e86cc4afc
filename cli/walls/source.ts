// A source file for the checks of the walls: its syntax tree and its imports.
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { type Node, parseSync, visitorKeys } from "oxc-parser";
import { position } from "../../fixtures/errors.ts";

/** A TypeScript file of this project, parsed. */
export interface Source {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Every node of the syntax tree, in the order of the text. */
  readonly nodes: readonly Placed[];
  readonly imports: readonly Import[];
}

/** What is needed to give the line and column of a node. */
type Place = Pick<Source, "path" | "text">;

/** The form of an import. */
export type ImportKind = "import" | "type" | "re-export" | "dynamic" | "computed" | "file";

/** One import of another file or a package. */
export interface Import {
  readonly kind: ImportKind;
  /** A path relative to the project, the name of a package, or `node:…`. The source text, for a computed one. */
  readonly to: string;
  /** Whether `to` is a file of this project. */
  readonly ours: boolean;
  /** `file:line:column` of the import. */
  readonly where: string;
}

/** Parses a source. @throws Error with the parser's message when it is not TypeScript. */
export function parseSource(path: string, text: string): Source {
  const { program, errors } = parseSync(path, text, {
    lang: "ts",
    sourceType: "module",
    preserveParens: false,
  });
  const [first] = errors;
  if (first) throw new Error(`${path} cannot be parsed: ${first.codeframe ?? first.message}`);
  const all: Placed[] = [];
  collect({ node: program, parent: undefined }, all);
  return { path, text, nodes: all, imports: all.flatMap(({ node }) => importAt({ path, text }, node) ?? []) };
}

/** All TypeScript files below these folders or with these names, parsed. */
export function readSources(root: string, names: readonly string[]): Source[] {
  const files = names.flatMap((name) =>
    name.endsWith(".ts")
      ? [name]
      : readdirSync(join(root, name), { recursive: true, encoding: "utf8" }).map((file) => `${name}/${file}`),
  );
  return files
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !file.includes("/node_modules/"))
    .sort()
    .map((file) => parseSource(file, readFileSync(join(root, file), "utf8")));
}

/** Whether this file is a test of our code or the stand-in, so that its imports are not part of the program. Not a spec. */
export const isTest = (path: string): boolean => /\.(test|contract)\.ts$/.test(path);

/** A node and its parents. */
export interface Placed {
  readonly node: Node;
  readonly parent: Placed | undefined;
}

function collect(here: Placed, all: Placed[]): void {
  all.push(here);
  for (const key of visitorKeys[here.node.type] ?? [])
    for (const child of [(here.node as unknown as Record<string, Node | Node[] | null>)[key]].flat())
      if (child) collect({ node: child, parent: here }, all);
}

/** The name of `name`, `….name` and `…["name"]`. */
export function lastName(node: Node | null | undefined): string | undefined {
  if (node?.type === "Identifier") return node.name;
  if (node?.type !== "MemberExpression") return undefined;
  if (!node.computed) return node.property.type === "Identifier" ? node.property.name : undefined;
  return stringIn(node.property);
}

const naming = new Set(["ImportSpecifier", "ExportSpecifier", "TSTypeReference", "TSQualifiedName"]);

/** Whether an identifier is used as a value here: not a property, key, type or name of an import. */
export function isUse({ node, parent: above }: Placed): boolean {
  const parent = above?.node;
  if (node.type !== "Identifier" || !parent || naming.has(parent.type)) return false;
  if (parent.type === "MemberExpression") return parent.computed || parent.object === node;
  if (parent.type === "Property") return parent.computed || parent.shorthand || parent.value === node;
  return !("key" in parent && parent.key === node);
}

/** Where a node begins, as `file:line:column`. */
export function where({ path, text }: Place, { start }: { readonly start: number }): string {
  const { line, column } = position(text, start);
  return `${path}:${line}:${column}`;
}

/** The import of a node, if it is one: static, of types, re-exported, dynamic, or a file name relative to this file. */
function importAt(source: Place, node: Node): Import | undefined {
  const named = (kind: ImportKind, specifier: string): Import => {
    const ours = specifier.startsWith(".");
    const to = ours ? posix.join(posix.dirname(source.path), specifier) : packageOf(specifier);
    return { kind, to, ours, where: where(source, node) };
  };
  const dynamic = (argument: Node): Import => {
    const specifier = stringIn(argument);
    if (specifier !== undefined) return named("dynamic", specifier);
    const { start, end } = node;
    return { kind: "computed", to: source.text.slice(start, end), ours: false, where: where(source, node) };
  };
  switch (node.type) {
    case "ImportDeclaration":
      return named(node.importKind === "type" ? "type" : "import", node.source.value);
    case "ExportAllDeclaration":
      return named("re-export", node.source.value);
    case "ExportNamedDeclaration":
      return node.source ? named("re-export", node.source.value) : undefined;
    case "TSImportType":
      return named("type", node.source.value);
    case "TSExternalModuleReference":
      return named("import", node.expression.value);
    case "ImportExpression":
      return dynamic(node.source);
    case "CallExpression": {
      const [first] = node.arguments;
      if (first && node.callee.type === "Identifier" && node.callee.name === "require") return dynamic(first);
      const file = fileBeside(node);
      return file === undefined ? undefined : named("file", file);
    }
    case "NewExpression": {
      const [first, second] = node.arguments;
      const url = node.callee.type === "Identifier" && node.callee.name === "URL";
      const file = url && second && isMeta(second, "url") && first ? stringIn(first) : undefined;
      return file === undefined ? undefined : named("file", file.startsWith(".") ? file : `./${file}`);
    }
    default:
      return undefined;
  }
}

/** The path in `join(import.meta.dirname, "…")` or `resolve(…)`, up to the first part that is not a plain string. */
function fileBeside(node: Node): string | undefined {
  if (node.type !== "CallExpression" || node.callee.type !== "Identifier") return undefined;
  const [first, ...rest] = node.arguments;
  if (!/^(join|resolve)$/.test(node.callee.name) || !first || !isMeta(first, "dirname")) return undefined;
  const pieces = rest.map(stringIn);
  const end = pieces.indexOf(undefined);
  return `./${pieces.slice(0, end < 0 ? pieces.length : end).join("/")}`;
}

/** The value of a plain string. A template counts as computed, even without an expression in it. */
function stringIn(node: Node): string | undefined {
  return node.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

const isMeta = (node: Node, property: string): boolean =>
  node.type === "MemberExpression" &&
  node.object.type === "MetaProperty" &&
  node.property.type === "Identifier" &&
  node.property.name === property;

/** `@scope/name` or `name`, without the path inside the package; `node:fs/promises` counts as `node:fs`. */
function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
