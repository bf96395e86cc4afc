// Finds forbidden code in a syntax tree: sleeps, uses of the environment, tests that are left out.
import type { BindingProperty, BindingRestElement } from "oxc-parser";
import * as exceptions from "./exceptions.ts";
import { isTest, isUse, lastName, type Placed, type Source, where } from "./source.ts";

const timers = new Set(["setTimeout", "setInterval", "setImmediate", "sleep"]);
const globals = new Set(["globalThis", "global", "window"]);

/** Sleeps in specs: timers, `waitForTimeout`, and everything in node:timers. Scripts for guests are strings and not checked. */
export function sleeps(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => path.startsWith("specs/") && !isTest(path))
    .flatMap((source) => [
      ...source.nodes
        .filter(isSleep)
        .map(({ node }) => `${where(source, node)}: ${lastName(node)} sleeps; wait for something by name`),
      ...source.imports
        .filter(({ to }) => /^(node:)?timers$/.test(to))
        .map((found) => `${found.where}: ${found.to} sleeps; wait for something by name`),
    ]);
}

function isSleep(here: Placed): boolean {
  const { node } = here;
  const name = lastName(node) ?? "";
  if (node.type === "Identifier") return isUse(here) && timers.has(name);
  if (node.type !== "MemberExpression") return false;
  const owner = lastName(node.object) ?? "";
  return (
    name === "waitForTimeout" ||
    (owner === "Atomics" && name.startsWith("wait")) ||
    (globals.has(owner) && timers.has(name))
  );
}

/** The files that may read the environment, pass it on as a whole, or set a variable in it. */
export type EnvironmentLists = Pick<
  typeof exceptions,
  "readsEnvironment" | "passesEnvironment" | "setsEnvironment"
>;

/** Uses of the environment that the lists do not allow. Tests may pass it on to a child. */
export function environmentUses(sources: readonly Source[], lists: EnvironmentLists = exceptions): string[] {
  return sources
    .filter(({ path }) => !isTest(path) && !lists.readsEnvironment.includes(path))
    .flatMap((source) => [
      ...source.nodes.flatMap((here) => {
        const use = environmentUse(here);
        if (use === undefined || isAllowed(source.path, use, lists)) return [];
        return [`${where(source, here.node)}: ${use} the environment; cli/walls/exceptions.ts says who may`];
      }),
      ...source.imports
        .filter(({ to }) => /^(node:)?process$/.test(to))
        .map((found) => `${found.where}: imports the environment with ${found.to}; use the global process`),
    ]);
}

/** `reads`, `passes`, or `sets NAME of`, for a node that is `process.env` or takes `env` out of `process`. */
function environmentUse({ node, parent: place }: Placed): string | undefined {
  const [parent, above] = [place?.node, place?.parent?.node];
  if (node.type === "VariableDeclarator" && lastName(node.init) === "process")
    return node.id.type === "ObjectPattern" ? taken(node.id.properties) : undefined;
  if (node.type !== "MemberExpression" || lastName(node) !== "env" || lastName(node.object) !== "process")
    return undefined;
  if (parent?.type === "SpreadElement") return "passes";
  if (parent?.type === "Property" && lastName(parent.key) === "env") return "passes";
  if (above?.type === "AssignmentExpression" && above.left === parent) return `sets ${lastName(parent)} of`;
  return "reads";
}

/** `const { env } = process` reads; `const { ...all } = process` may. */
function taken(properties: readonly (BindingProperty | BindingRestElement)[]): string | undefined {
  const env = properties.some((each) => each.type === "RestElement" || lastName(each.key) === "env");
  return env ? "reads" : undefined;
}

function isAllowed(path: string, use: string, lists: EnvironmentLists): boolean {
  if (use === "passes") return lists.passesEnvironment.includes(path);
  return lists.setsEnvironment.includes(`${path}: ${use.split(" ")[1]}`);
}

const leavesOut = new Set(["skip", "only", "fixme"]);
const runners = new Set(["test", "it", "describe"]);

/** Tests that are left out or retried: `.skip`, `.only`, `.fixme`, `retries`, `passWithNoTests`. */
export function testsLeftOut(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    source.nodes.flatMap((here) => {
      const what = leftOut(here);
      return what === undefined ? [] : [`${where(source, here.node)}: ${what}`];
    }),
  );
}

function leftOut({ node, parent: above }: Placed): string | undefined {
  const parent = above?.node;
  const name = lastName(node) ?? "";
  if (node.type === "MemberExpression" && leavesOut.has(name)) {
    const called = parent?.type === "CallExpression" && parent.callee === node;
    return called || runners.has(lastName(node.object) ?? "") ? `.${name} leaves tests out` : undefined;
  }
  if (node.type === "Property" && lastName(node.key) === "retries")
    return node.value.type === "Literal" && node.value.value === 0 ? undefined : "retries hide what is wrong";
  if (node.type === "Property" && lastName(node.key) === "passWithNoTests")
    return "passWithNoTests is green for nothing";
  if (node.type === "Literal" && /^--(pass-with-no-tests|retries)/.test(String(node.value)))
    return `${String(node.value)} is not for this suite`;
  return undefined;
}
