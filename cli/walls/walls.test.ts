// The walls of ARCHITECTURE.md, checked on this project's own sources. `red.test.ts` shows that each check can fail.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import * as exceptions from "./exceptions.ts";
import { areaCycles, forbiddenImports, forbiddenPackages, homeless, roomCycles, roomOf } from "./imports.ts";
import { impurities } from "./purity.ts";
import { rooms, roots } from "./rooms.ts";
import { readSources } from "./source.ts";
import { environmentUses, sleeps, testsLeftOut } from "./syntax.ts";
import { roomTable } from "./table.ts";

const root = join(import.meta.dirname, "../..");
const sources = readSources(root, roots);

test("every source is in a room, and every room has sources; not every area has trials", () => {
  expect(homeless(sources)).toEqual([]);
  const used = new Set(sources.map(({ path }) => roomOf(path)?.name));
  const empty = rooms.filter(({ name }) => !used.has(name) && !/^specs\/.*\/trials$/.test(name));
  expect(empty.map(({ name }) => name)).toEqual(["fixtures/phoenix"]);
});

test("the table refers only to rooms that exist", () => {
  const names = rooms.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  const named = rooms.flatMap(({ may, testsMay = [] }) => [...may, ...testsMay]);
  expect([...new Set(named)].filter((name) => !names.includes(name))).toEqual([]);
});

test("the judge may not import the builder, nor the builder the judge", () => {
  const crossing = (from: string, to: string) =>
    rooms
      .filter(({ name }) => `${name}/`.startsWith(`${from}/`))
      .flatMap(({ name, may, testsMay = [] }) =>
        [...may, ...testsMay]
          .filter((other) => `${other}/`.startsWith(`${to}/`))
          .map((other) => `${name} ${other}`),
      );
  expect(crossing("specs", "provision")).toEqual([]);
  expect(crossing("provision", "specs")).toEqual([]);
  for (const above of ["cli", "specs", "provision", "reports"])
    expect(crossing("fixtures", above)).toEqual([]);
});

test("no file imports what the table forbids", () => {
  expect(forbiddenImports(sources)).toEqual([]);
});

test("packages are imported only where the list allows, and each of them is installed", () => {
  expect(forbiddenPackages(sources)).toEqual([]);
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const missing = Object.keys(exceptions.packages).filter(
    (name) => !(name in { ...dependencies, ...devDependencies }),
  );
  expect(missing).toEqual([]);
});

test("there is no import cycle between rooms or areas", () => {
  expect(roomCycles(sources)).toEqual([]);
  expect(areaCycles(sources)).toEqual([]);
});

test("no spec sleeps", () => {
  expect(sleeps(sources)).toEqual([]);
});

test("only the listed files use the environment, and each of them does", () => {
  expect(environmentUses(sources)).toEqual([]);
  const { readsEnvironment, passesEnvironment, setsEnvironment } = exceptions;
  const listed = [...readsEnvironment, ...passesEnvironment, ...setsEnvironment.map(fileOf)];
  const none = { readsEnvironment: [], passesEnvironment: [], setsEnvironment: [] };
  const using = new Set(environmentUses(sources, none).map(fileOf));
  expect(listed.filter((path) => !using.has(path))).toEqual([]);
});

const fileOf = (line: string) => line.split(":")[0] ?? "";

test("modules used for planning are pure", () => {
  expect(impurities(sources)).toEqual([]);
});

test("no test is left out or retried, and a run with `.only` is refused", () => {
  expect(testsLeftOut(sources)).toEqual([]);
  const config = readFileSync(join(root, "playwright.config.ts"), "utf8");
  expect(config).toMatch(/^ {2}forbidOnly: true,$/m);
  expect(config).toMatch(/^ {2}retries: 0,$/m);
});

test("the stand-in and the fixtures contain no requirement ids", () => {
  const ids = /\b(STO|GWY|FWL|DEP|AUT|ORC|ACC|DAT|SEC|OPS)-\d{3}\b/;
  const knowing = sources.filter(
    ({ path, text }) => path.startsWith("fixtures/") && !path.endsWith(".test.ts") && ids.test(text),
  );
  expect(knowing.map(({ path }) => path)).toEqual([]);
});

test("ARCHITECTURE.md has the current table; `node cli/walls/table.ts` writes it", () => {
  expect(readFileSync(join(root, "ARCHITECTURE.md"), "utf8")).toContain(`\n${roomTable()}\n`);
});
