// Modules used for planning must be pure: the same facts give the same plan, without any other input or output.
import type { ImportDeclarationSpecifier } from "oxc-parser";
import { pureModules, readsAssets } from "./exceptions.ts";
import { isTest, isUse, lastName, type Placed, type Source, where } from "./source.ts";

/** Builtins without side effects; only digests of node:crypto. */
const pureBuiltins = new Set(["node:path", "node:path/posix", "node:util", "node:crypto"]);
const effects = new Set([
  ...["fetch", "process", "performance", "console", "crypto", "globalThis", "global", "navigator"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "WebSocket"],
]);

/** The pure modules, and every module of ours that they import for more than types. */
export function pureClosure(sources: readonly Source[]): Source[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const listed = ({ path }: Source) =>
    pureModules.some((entry) => (entry.endsWith("/") ? path.startsWith(entry) : path === entry));
  const next = sources.filter((source) => listed(source) && !isTest(source.path));
  const found = new Set(next);
  for (let at = next.pop(); at; at = next.pop())
    for (const { kind, ours, to } of at.imports) {
      const source = ours && kind !== "type" && kind !== "file" ? byPath.get(to) : undefined;
      if (!source || found.has(source)) continue;
      found.add(source);
      next.push(source);
    }
  return [...found];
}

/** Uses of I/O, time and randomness in modules used for planning. */
export function impurities(sources: readonly Source[]): string[] {
  return pureClosure(sources).flatMap((source) =>
    source.nodes.flatMap((here) => {
      const what = impurity(source.path, here);
      return what === undefined ? [] : [`${where(source, here.node)}: ${what}, and planning reaches it`];
    }),
  );
}

function impurity(path: string, here: Placed): string | undefined {
  const { node } = here;
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
      return node.source ? impureImport(path, node.source.value, here) : undefined;
    case "ImportExpression":
      return "a module is loaded";
    case "NewExpression":
      return lastName(node.callee) === "Date" && node.arguments.length === 0 ? "reads the clock" : undefined;
    case "CallExpression":
      return lastName(node.callee) === "Date" ? "reads the clock" : assetRead(here);
    case "MemberExpression": {
      const name = `${lastName(node.object)}.${lastName(node)}`;
      return name === "Date.now" || name === "Math.random" ? `uses ${name}` : undefined;
    }
    case "Identifier":
      return isUse(here) && effects.has(node.name) ? `uses ${node.name}` : undefined;
    default:
      return undefined;
  }
}

function impureImport(path: string, from: string, { node }: Placed): string | undefined {
  if (!from.startsWith("node:")) return undefined;
  const names = node.type === "ImportDeclaration" ? node.specifiers.map(importedName) : ["*"];
  const only = (allowed: string) => names.every((name) => name === allowed);
  if (from === "node:fs" && readsAssets.includes(path) && only("readFileSync")) return undefined;
  if (pureBuiltins.has(from) && (from !== "node:crypto" || only("createHash"))) return undefined;
  return `imports ${from}`;
}

const importedName = (each: ImportDeclarationSpecifier): string =>
  each.type === "ImportSpecifier" && each.imported.type === "Identifier" ? each.imported.name : "*";

/** `readFileSync` inside a function: it runs while planning, not while the module is loaded. */
function assetRead({ node, parent }: Placed): string | undefined {
  if (node.type !== "CallExpression" || lastName(node.callee) !== "readFileSync") return undefined;
  for (let at = parent; at; at = at.parent)
    if (at.node.type.includes("Function")) return "reads a file when it is called";
  return undefined;
}
