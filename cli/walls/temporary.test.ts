// Temporary folders of programs carry the process that made them, so that what a killed one leaves is removed by the next.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";

const root = join(import.meta.dirname, "../..");
const folders = "{cli,fixtures,provision,reports,specs}";

/** Files that make a temporary folder by themselves, and why. */
const allowed: Readonly<Record<string, string>> = {
  "fixtures/private-folder.ts": "the one that others use",
  "fixtures/setup/bring.ts": "an empty one, removed in the next statement",
  "fixtures/setup/engine-tunnel.ts":
    "below the cache, with a short name for a socket; it removes those of ended processes",
  "fixtures/target/ssh/testing.ts": "for tests alone",
  "reports/inline.ts": "for tests alone",
  "specs/static/checks.ts": "within the judge's private folder",
  "specs/static/feature.ts": "within the judge's private folder",
  "specs/static/shellcheck.ts": "within the judge's private folder",
};

const makesOne = (text: string) => /\bmkdtemp/.test(text);

test("only the listed files make temporary folders by themselves, and each of them does", () => {
  const found = globSync(`${folders}/**/*.ts`, { cwd: root })
    .filter((file) => !/\.(test|contract|spec)\.ts$/.test(file))
    .filter((file) => makesOne(readFileSync(join(root, file), "utf8")));
  expect(found.sort()).toEqual(Object.keys(allowed));
});

test("red: each way to make one", () => {
  for (const bad of [
    'mkdtempSync(join(tmpdir(), "x-"))',
    'await mkdtemp("x")',
    "fs.mkdtempDisposableSync('x')",
  ])
    expect(makesOne(bad), bad).toBe(true);
});
