// Text from outside is printed with every character visible: whoever writes to the terminal or a log does it by `printable`.
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { Node } from "oxc-parser";
import { isTest, lastName, parseSource, readSources, type Source, where } from "./source.ts";

const root = join(import.meta.dirname, "../..");

/** What shows outside text by code, and JSON that has nothing hidden. */
const showing = new Set(["printable", "jsonText", "visible", "visibleLines"]);

/** Files that get hold of this process's own outputs, and why they need not show what they write. */
const allowed: Readonly<Record<string, string>> = {
  "cli/commands/requirements.ts": "the program that it starts prints by `printable`",
  "cli/commands/targets-init.ts": "a question to the user, by `printable`",
  "cli/main.ts": "gives both outputs to the screen, which prints by `printable`",
  "cli/spec/watch.ts": "starts this command line again",
  "cli/target/on-target.ts": "a question to the user, by `printable`",
  "fixtures/standin/firewall/main.ts": "in the stand-in: prints rules for nft, to a program",
  "fixtures/standin/firewall/packets.ts": "in the stand-in: answers a program in JSON",
  "fixtures/standin/portainer/main.ts": "in the stand-in: the log of a product, as that writes it",
  "reports/run-tests.ts": "starts Playwright, which prints titles of our own tests",
  "specs/static/main.ts": "answers a program in JSON",
};

/** Each place where a source writes to the terminal or a log without showing it, or gets hold of an output, or passes it on. */
function unshown(source: Source): string[] {
  const { nodes, text } = source;
  return nodes.flatMap(({ node, parent }) => {
    if (node.type === "CallExpression" && writes(node) && !node.arguments.every(isShown)) return [at(node)];
    if (node.type === "Literal" && node.value === "inherit") return [at(node)];
    const output = isOutput(node) || takesOutput(node);
    // `process.stderr.write(…)` is judged as a call; asking about a terminal writes nothing.
    const member = parent?.node.type === "MemberExpression" && parent.node.object === node;
    const harmless = member && /^(write|isTTY|columns|fd)$/.test(lastName(parent.node) ?? "");
    return output && !harmless ? [at(node)] : [];
  });

  function at(node: Node): string {
    return `${where(source, node)}: ${text.slice(node.start, node.end).split("\n")[0]?.slice(0, 80)}`;
  }
}

const isOutput = (node: Node): boolean =>
  node.type === "MemberExpression" &&
  node.object.type === "Identifier" &&
  node.object.name === "process" &&
  /^std(out|err)$/.test(lastName(node) ?? "");

/** `const { stdout } = process`, and an import of the outputs. */
const takesOutput = (node: Node): boolean =>
  (node.type === "VariableDeclarator" &&
    node.id.type === "ObjectPattern" &&
    node.init?.type === "Identifier" &&
    node.init.name === "process" &&
    node.id.properties.some((one) => "key" in one && /^std(out|err)$/.test(lastName(one.key) ?? ""))) ||
  (node.type === "ImportSpecifier" && /^std(out|err)$/.test(lastName(node.imported as Node) ?? ""));

/** A call that writes to the terminal or a log. */
function writes({ callee, arguments: given }: Extract<Node, { type: "CallExpression" }>): boolean {
  const name = lastName(callee);
  if (name === "writeSync")
    return given[0]?.type === "Literal" && (given[0].value === 1 || given[0].value === 2);
  if (callee.type !== "MemberExpression") return false;
  if (name === "write") return isOutput(callee.object);
  return callee.object.type === "Identifier" && callee.object.name === "console";
}

/** Our own words, or a call that shows what it is given. */
const isShown = (node: Node): boolean =>
  node.type === "Literal" ||
  (node.type === "TemplateLiteral" && node.expressions.length === 0) ||
  (node.type === "CallExpression" && showing.has(lastName(node.callee) ?? ""));

const sources = readSources(root, ["cli", "fixtures", "provision", "reports", "specs"]).filter(
  ({ path }) => !isTest(path) && !path.includes("/testing/") && !path.endsWith("/testing.ts"),
);

test("only the listed files write to a terminal or a log what is not shown by code", () => {
  const found = sources.flatMap((source) => (source.path in allowed ? [] : unshown(source)));
  expect(found).toEqual([]);
});

test("each listed file gets hold of an output", () => {
  const needless = Object.keys(allowed).filter(
    (path) => !sources.some((source) => source.path === path && unshown(source).length > 0),
  );
  expect(needless).toEqual([]);
});

for (const bad of [
  "process.stdout.write(answer)",
  "process.stderr.write(`no: $" + "{error.message}`)",
  "console.error(error)",
  'console.log("it said", text)',
  "console.table(rows)",
  "writeSync(2, text)",
  "fs.writeSync(1, text)",
  "child.stderr.pipe(process.stderr)",
  "const out = process.stdout; out.write(text)",
  "const { stderr } = process; stderr.write(text)",
  'import { stdout } from "node:process"; stdout.write(text)',
  'spawn("bash", [], { stdio: "inherit" })',
  "console.log(printable(one) + text)",
])
  test(`red: ${bad}`, () => {
    expect(unshown(parseSource("cli/x.ts", bad))).toHaveLength(1);
  });

test("our own words, and what is shown, may be printed; asking about the terminal prints nothing", () => {
  for (const good of [
    'process.stderr.write("ready\\n")',
    "console.error(printable(error.message))",
    "process.stdout.write(jsonText(answer))",
    "const wide = process.stdout.columns; const live = process.stderr.isTTY;",
    "writeSync(file, text)",
    "out.write(text)",
  ])
    expect(unshown(parseSource("cli/x.ts", good)), good).toEqual([]);
});
