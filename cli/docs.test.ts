// The documentation: each path in it exists, each link leads to a file and a heading, each npm command is one.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "@playwright/test";

const root = join(import.meta.dirname, "..");
const pages = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"],
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];
const read = (page: string) => readFileSync(join(root, page), "utf8");

/** Paths of this project in code spans that do not exist. Placeholders and files of a run are not looked up. */
function missingPaths(text: string): string[] {
  const spans = [...text.matchAll(/`((?:\.ci|cli|docs|fixtures|provision|reports|specs)\/[^`\s]*)`/g)];
  return spans
    .map(([, path = ""]) => path)
    .filter((path) => !/[<>*…]|^reports\/out\//.test(path) && !existsSync(join(root, path)));
}

/** The anchors of a page, as code hosts make them. */
const anchors = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );

/** Relative links that lead nowhere. */
function brokenLinks(page: string, text: string): string[] {
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    const [path = "", anchor] = link.split("#");
    const file = path === "" ? page : relative(root, resolve(root, dirname(page), path));
    if (!existsSync(join(root, file))) return true;
    return anchor !== undefined && !anchors(read(file)).includes(anchor);
  });
}

for (const page of pages)
  test(`${page}: its paths and links exist`, () => {
    expect(missingPaths(read(page))).toEqual([]);
    expect(brokenLinks(page, read(page))).toEqual([]);
  });

test("a path or a link that does not exist is found", () => {
  expect(missingPaths("`cli/no-such.ts` and `cli/main.ts`, `specs/<area>/x`")).toEqual(["cli/no-such.ts"]);
  const links = "[a](no-such.md) [b](docs/commands.md#no-such) [c](docs/commands.md#gate) [d](#glossary)";
  expect(brokenLinks("ARCHITECTURE.md", links)).toEqual(["no-such.md", "docs/commands.md#no-such"]);
});

test("each `npm run` in the documentation is a script of package.json", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const named = pages.flatMap((page) => [...read(page).matchAll(/npm run (?:--silent )?(\w+)/g)]);
  expect(named.length).toBeGreaterThan(10);
  expect(named.map(([, name = ""]) => name).filter((name) => !(name in scripts))).toEqual([]);
});

test("what is written to a file is the command's output alone: npm says nothing of its own there", () => {
  const lines = pages.flatMap((page) => read(page).split("\n"));
  const written = lines.filter((line) => /npm run .*[^<]>\s*\S/.test(line.replaceAll(/<[a-z-]+>/g, "")));
  expect(written.length).toBeGreaterThan(2);
  expect(written.filter((line) => !line.includes("npm run --silent "))).toEqual([]);
});

/** The titles of a file's tests; what a template inserts is "…". */
function titlesIn(source: string): string[] {
  const found = source.matchAll(/\b(?:test|control|requirement)\(\s*(["'`])((?:\\.|(?!\1)[^\\])*)\1/g);
  return [...found].map(([, , title = ""]) =>
    title.replaceAll(/\$\{[^}]*\}/g, "…").replaceAll(/\\(.)/g, "$1"),
  );
}

/** The lines of a table of threats whose test does not exist, or that name none. */
function untested(page: string, sourceOf: (file: string) => string | undefined): string[] {
  const rows = page.split("\n").filter((line) => line.startsWith("| ") && !/^\| (Threat|---)/.test(line));
  expect(rows.length).toBeGreaterThan(0);
  return rows.filter((row) => {
    const [, file = "", title = ""] = /\| `([^`]+\.ts)`: (.+) \|$/.exec(row) ?? [];
    return !titlesIn(sourceOf(file) ?? "").includes(title);
  });
}

test("each line of the threat model names a test that exists", () => {
  const sourceOf = (file: string) => (existsSync(join(root, file)) ? read(file) : undefined);
  expect(untested(read("docs/threats.md"), sourceOf)).toEqual([]);
});

test("a threat without a test, with a test that is gone, or in a file that is gone is found", () => {
  const source = `test("it's so", f);\n  control(\`for \${name}: no\`, f);`;
  const row = (held: string) => `| A | b | ${held} |`;
  const good = [row("`a.test.ts`: it's so"), row("`a.test.ts`: for …: no")];
  const bad = [
    row("`a.test.ts`: it is so"),
    row("`b.test.ts`: it's so"),
    row("reading"),
    row("`a.test.ts`: …"),
  ];
  expect(
    untested([...good, ...bad].join("\n"), (file) => (file === "a.test.ts" ? source : undefined)),
  ).toEqual(bad);
});
