// What a message says to type next is a line for a shell: a path that is filled into it is quoted.
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { Node } from "oxc-parser";
import { isTest, lastName, parseSource, readSources, type Source, where } from "./source.ts";

const root = join(import.meta.dirname, "../..");

/** How a path is called here. It may have spaces, quotes and whatever a tree or a person gives it. */
const isPath = /^(?:file|path|folder|log|home|out|save|dirname\(.*\)|(?!.*\()\w+\.(?:file|path))$/;

/** How a command begins. Its values are quoted, whatever they are called: hosts and names come from data too. */
const isCommand =
  /^(?:apt-get|bash|chmod|chown|cmp|command|cp|curl|df|docker|docker-compose|export|find|getent|git|jq|less|ls|namei|nc|npm|openssl|pct|ps|qm|sed|sha256sum|shellcheck|ssh|ssh-keygen|ssh-keyscan|sudo|timeout) (?!a )/;

/** Each value that a source fills into a command to type next without quoting it; in words, each path. */
function unquoted(source: Source): string[] {
  const { nodes, path, text } = source;
  // What a claim says in words names a place; nobody types it.
  const isTyped = !/^specs\/(?!static\/)/.test(path);
  return nodes.flatMap(({ node }) => commandsOf(node)).flatMap(valuesIn);

  function valuesIn(node: Node): string[] {
    if (node.type === "ConditionalExpression")
      return [...valuesIn(node.consequent), ...valuesIn(node.alternate)];
    if (node.type !== "TemplateLiteral") return [];
    const isCalled = isCommand.test(`${node.quasis[0]?.value.raw}`);
    return node.expressions
      .filter((value) =>
        isCalled ? !isQuoted(value) : isTyped && isPath.test(text.slice(value.start, value.end)),
      )
      .map((value) => `${where(source, value)}: ${text.slice(value.start, value.end)}`);
  }
}

const isQuoted = (value: Node) =>
  value.type === "CallExpression" && /^quoteWords?$/.test(lastName(value.callee) ?? "");

/** The second argument of `problem`, and the field `next`. */
function commandsOf(node: Node): Node[] {
  if (node.type === "CallExpression" && lastName(node.callee) === "problem")
    return node.arguments.slice(1, 2);
  if (node.type === "Property" && lastName(node.key as Node) === "next") return [node.value];
  return [];
}

test("a value in a command to type next is quoted", () => {
  const found = readSources(root, ["cli", "fixtures", "provision", "reports", "specs"])
    .filter(({ path }) => !isTest(path))
    .flatMap(unquoted);
  expect(found).toEqual([]);
});

test("red: a value that is not quoted, at its place", () => {
  const value = (what: string) => `$\{${what}}`;
  const source = parseSource(
    "x.ts",
    [
      `problem(\`at ${value("path")}\`, \`ls ${value("file")} ${value("quoteWord(path)")} ${value("host")}\`);`,
      `problem("", toType\`ls ${value("file")}\`, "");`,
      `const y = { next: \`add the rule of LXC ${value("ctid")}\` };`,
      `const x = { next: ok ? \`less ${value("at.path")}\` : "df" };`,
    ].join("\n"),
  );
  expect(unquoted(source)).toEqual(["x.ts:1:29: file", "x.ts:1:56: host", "x.ts:4:32: at.path"]);
});
