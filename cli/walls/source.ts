// A source file as the walls see it: its syntax tree, and every import in it.
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { type Node, parseSync, visitorKeys } from "oxc-parser";
import { position } from "../../fixtures/errors.ts";

/** A TypeScript file of this project, parsed. */
export interface Source {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: Node;
}

/** How one file names another. */
export type ImportKind = "import" | "type" | "re-export" | "dynamic" | "computed" | "file";

/** One place where a file names another file or a package. */
export interface Import {
  readonly kind: ImportKind;
  /** A path relative to the project, the name of a package, or `node:…`. The source text, for a computed one. */
  readonly to: string;
  /** Whether `to` is a file of this project. */
  readonly ours: boolean;
  /** `file:line:column` of the import. */
  readonly where: string;
}

/** Parses a source. @throws Error with the parser's words when it is not TypeScript. */
export function parseSource(path: string, text: string): Source {
  const { program, errors } = parseSync(path, text, {
    lang: "ts",
    sourceType: "module",
    preserveParens: false,
  });
  const [first] = errors;
  if (first) throw new Error(`${path} cannot be parsed: ${first.codeframe ?? first.message}`);
  return { path, text, tree: program };
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

/** Whether this file holds tests: what only tests import is not part of the program. */
export const isTest = (path: string): boolean => /\.(test|spec|contract)\.ts$/.test(path);

/** The nodes directly below a node, in the order of the text. */
export function children(node: Node): Node[] {
  const keys = visitorKeys[node.type] ?? [];
  const values = keys.flatMap((key) => (node as unknown as Record<string, unknown>)[key]);
  return values.filter((value): value is Node => typeof value === "object" && value !== null);
}

/** A node and all nodes below it. */
export function* nodes(node: Node): Generator<Node> {
  yield node;
  for (const child of children(node)) yield* nodes(child);
}

/** Where a node begins, as `file:line:column`. */
export function where({ path, text }: Source, { start }: { readonly start: number }): string {
  const { line, column } = position(text, start);
  return `${path}:${line}:${column}`;
}

/** Every import of a source: static, of types, re-exported, dynamic, and files named relative to this one. */
export function importsOf(source: Source): Import[] {
  return [...nodes(source.tree)].flatMap((node) => importAt(source, node) ?? []);
}

function importAt(source: Source, node: Node): Import | undefined {
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

/** The path in `join(import.meta.dirname, "…")` or `resolve(…)`, as far as it is written out. */
function fileBeside(node: Node): string | undefined {
  if (node.type !== "CallExpression" || node.callee.type !== "Identifier") return undefined;
  const [first, ...rest] = node.arguments;
  if (!/^(join|resolve)$/.test(node.callee.name) || !first || !isMeta(first, "dirname")) return undefined;
  const pieces = rest.map(stringIn);
  const end = pieces.indexOf(undefined);
  return `./${pieces.slice(0, end < 0 ? pieces.length : end).join("/")}`;
}

/** The value of a string written out; a template is computed, even without an expression in it. */
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
