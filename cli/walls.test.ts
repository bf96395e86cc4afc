// The walls of ARCHITECTURE.md, held by a test: who may import whom, who reads the environment, and that nobody sleeps.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "@playwright/test";

const root = resolve(import.meta.dirname, "..");
const folders = ["cli", "provision", "specs", "fixtures", "reports"];

interface Source {
  /** Relative to the project. */
  readonly path: string;
  readonly text: string;
}

const sources: Source[] = folders
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  )
  .filter((path) => path.endsWith(".ts") && !path.includes("standin/portainer/"))
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

/** Files of this project that a source imports, relative to the project. */
function imports({ path, text }: Source): string[] {
  const names = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, name = ""]) => name);
  return names.map((name) => relative(root, resolve(dirname(join(root, path)), name)));
}

/** Imports that cross a wall: `from` and `to` are folders. */
const crossings = (all: readonly Source[], from: string, to: string) =>
  all
    .filter(({ path }) => path.startsWith(`${from}/`))
    .flatMap((source) =>
      imports(source)
        .filter((name) => name.startsWith(`${to}/`))
        .map((name) => `${source.path} imports ${name}`),
    );

test("the judge never imports the builder, nor the builder the judge", () => {
  expect(crossings(sources, "specs", "provision")).toEqual([]);
  expect(crossings(sources, "provision", "specs")).toEqual([]);
});

test("the wall is seen when it is broken", () => {
  const broken = {
    path: "specs/storage/claims.ts",
    text: 'import { steps } from "../../provision/steps/index.ts";',
  };
  expect(crossings([broken], "specs", "provision")).toHaveLength(1);
});

test("the stand-in and the fixtures know no requirement ids", () => {
  const ids = /\b(STO|GWY|FWL|DEP|AUT|ORC|ACC|DAT|SEC|OPS)-\d{3}\b/;
  const knowing = sources.filter(
    ({ path, text }) => path.startsWith("fixtures/") && !path.endsWith(".test.ts") && ids.test(text),
  );
  expect(knowing.map(({ path }) => path)).toEqual([]);
});

test("only the command line reads the environment", () => {
  // A child that is to find the engine or the browser is handed our environment; nobody looks anything up in it.
  const reads = /process\.env\.[A-Z_]+(?!\w*\s*=[^=])|process\.env\[|\}\s*=\s*process\.env/;
  const readers = sources.filter(
    ({ path, text }) => path !== "cli/main.ts" && !path.endsWith(".test.ts") && reads.test(text),
  );
  expect(readers.map(({ path }) => path)).toEqual([]);
});

test("nobody sleeps or retries", () => {
  const lazy = /waitForTimeout\(|retries:\s*[1-9]|passWithNoTests|\.skip\(|\.fixme\(|\.only\(/;
  const found = sources.filter(({ path, text }) => !path.endsWith(".test.ts") && lazy.test(text));
  expect(found.map(({ path }) => path)).toEqual([]);
});
