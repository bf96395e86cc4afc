// Every check of the walls is seen red, with made-up sources that each contain one forbidden thing.
import { expect, test } from "@playwright/test";
import { areaCycles, forbiddenImports, forbiddenPackages, homeless, roomCycles } from "./imports.ts";
import { impurities } from "./purity.ts";
import { parseSource } from "./source.ts";
import { environmentUses, sleeps, testsLeftOut } from "./syntax.ts";

const source = (path: string, text: string) => [parseSource(path, text)];

for (const [what, path, text, told] of [
  ["an import", "fixtures/judgement.ts", 'import { makePlan } from "../provision/plan.ts";', "of provision"],
  [
    "an import of types",
    "fixtures/judgement.ts",
    'import type { Plan } from "../provision/plan.ts";',
    "of provision",
  ],
  [
    "a type named in place",
    "specs/claim.ts",
    'type P = import("../provision/plan.ts").Plan;',
    "of provision",
  ],
  ["an import for its effects", "specs/test.ts", 'import "../provision/plan.ts";', "of provision"],
  ["a re-export", "specs/claim.ts", 'export { wanted } from "../provision/wanted.ts";', "of provision"],
  ["a re-export of everything", "provision/plan.ts", 'export * from "../specs/claim.ts";', "of specs/claim"],
  ["a dynamic import", "provision/facts.ts", 'await import("../specs/test.ts");', "of specs/test"],
  ["require", "specs/claim.ts", 'const p = require("../provision/plan.ts");', "of provision"],
  ["a URL beside", "specs/test.ts", 'const u = new URL("../cli/main.ts", import.meta.url);', "of cli"],
  [
    "a path beside",
    "specs/test.ts",
    'join(import.meta.dirname, "..", "provision/steps");',
    "of provision/steps",
  ],
  ["an upward import", "reports/summary.ts", 'import { run } from "../cli/run/child.ts";', "of cli/run"],
  ["a claim at the door", "specs/access/claims/page.ts", 'import "../../test.ts";', "of specs/test"],
  [
    "another area",
    "specs/storage/claims/volume.ts",
    'import "../../access/claims/page.ts";',
    "of specs/access/claims",
  ],
  [
    "a program with test tools",
    "provision/steps/tree.ts",
    'import "../testing/noise.ts";',
    "of provision/testing",
  ],
] as const)
  test(`red: ${what} across a wall`, () => {
    expect(forbiddenImports(source(path, text))).toEqual([expect.stringContaining(told)]);
  });

for (const [what, text] of [
  ["a back-tick", "await import(`../provision/plan.ts`);"],
  ["a template", "await import(`../$" + "{folder}/plan.ts`);"],
  ["an expression", 'await import("../provision" + "/plan.ts");'],
  ["a variable", "await import(file);"],
] as const)
  test(`red: an import() of ${what}`, () => {
    const told = "fixtures/judgement.ts:1:7: the module of import(";
    expect(forbiddenImports(source("fixtures/judgement.ts", text))).toEqual([expect.stringContaining(told)]);
  });

test("text in comments and strings is not an import", () => {
  const text = `// import "../provision/plan.ts"\nconst text = 'import "../provision/plan.ts"';`;
  expect(forbiddenImports(source("fixtures/judgement.ts", text))).toEqual([]);
});

test("a test may import what its room allows for tests, and a program may not", () => {
  const text = 'import "../testing/sample-facts.ts";';
  expect(forbiddenImports(source("provision/steps/steps.test.ts", text))).toEqual([]);
  expect(forbiddenImports(source("provision/steps/steps.ts", text))).toHaveLength(1);
});

test("red: a source in a folder without a room", () => {
  expect(homeless(source("fixtures/tools/new.ts", ""))).toHaveLength(1);
  expect(homeless(source("specs/helper.ts", ""))).toHaveLength(1);
});

test("red: a package in a file that must not import it, and a package that is not in the list", () => {
  const docker = 'import Docker from "dockerode";';
  expect(forbiddenPackages(source("specs/claim.ts", docker))).toEqual([expect.stringContaining("dockerode")]);
  expect(forbiddenPackages(source("fixtures/standin/images.ts", docker))).toEqual([]);
  expect(forbiddenPackages(source("fixtures/errors.ts", 'export * from "left-pad/a";'))).toHaveLength(1);
  expect(
    forbiddenPackages(source("specs/access/ACC-001.spec.ts", 'import "@playwright/test";')),
  ).toHaveLength(1);
});

test("red: an import cycle between rooms, with its imports", () => {
  const circle = [
    parseSource("fixtures/setup/engine.ts", 'import "../standin/tree.ts";'),
    parseSource("fixtures/standin/tree.ts", 'import "../target/ssh.ts";'),
    parseSource(
      "fixtures/target/ssh.ts",
      'import type { E } from "../setup/engine.ts";\nimport "../errors.ts";',
    ),
  ];
  expect(roomCycles(circle)).toEqual([
    "fixtures/setup -> fixtures/standin: fixtures/setup/engine.ts:1:1 imports fixtures/standin/tree.ts",
    "fixtures/standin -> fixtures/target: fixtures/standin/tree.ts:1:1 imports fixtures/target/ssh.ts",
    "fixtures/target -> fixtures/setup: fixtures/target/ssh.ts:1:1 imports fixtures/setup/engine.ts",
  ]);
  expect(roomCycles(circle.slice(1))).toEqual([]);
});

test("red: two areas that import each other, although their rooms do not", () => {
  const areas = [
    parseSource("specs/persistence/DAT-002.spec.ts", 'import "../orchestration/trials/second-run.ts";'),
    parseSource("specs/orchestration/ORC-002.spec.ts", 'import "../persistence/trials/object.ts";'),
  ];
  expect(roomCycles(areas)).toEqual([]);
  expect(areaCycles(areas)).toHaveLength(2);
});

for (const text of [
  "setTimeout(go, 100);",
  "await new Promise((done) => setTimeout(done, 100));",
  "const wait = setInterval;",
  "globalThis.setTimeout(go, 1);",
  'globalThis["setTimeout"](go, 1);',
  "await sleep(1);",
  "await page.waitForTimeout(100);",
  "Atomics.wait(cells, 0, 0, 100);",
  'import { setTimeout as pause } from "node:timers/promises";',
  'const { scheduler } = await import("timers/promises");',
])
  test(`red: a spec with ${text}`, () => {
    for (const path of ["specs/access/ACC-001.spec.ts", "specs/claim.ts"])
      expect(sleeps(source(path, text))).toHaveLength(1);
  });

test("a test's timeout is not a sleep", () => {
  const text = 'test.setTimeout(600_000);\nconst script = "sleep 1";\nawait waitUntil(ask, held, 1000);';
  expect(sleeps(source("specs/access/ACC-001.spec.ts", text))).toEqual([]);
});

for (const text of [
  "const home = process.env.HOME;",
  'const home = process.env["HOME"];',
  'const home = process["env"].HOME;',
  "const home = globalThis.process.env.HOME;",
  "const { HOME } = process.env;",
  "const { env } = process;",
  "const { env: { HOME } } = process;",
  'import { env } from "node:process";',
  "process.env.HOME = folder;",
  "spawn(program, { env: { ...process.env } });",
  "spawn(program, { env: process.env });",
])
  test(`red: elsewhere, ${text}`, () => {
    expect(environmentUses(source("fixtures/setup/engine.ts", text))).toHaveLength(1);
    if (!text.startsWith("import")) expect(environmentUses(source("cli/main.ts", text))).toEqual([]);
  });

test("red: a file that may only pass the environment on reads it; one that may set a variable sets another", () => {
  const spread = "spawn(program, { env: { ...process.env } });";
  expect(environmentUses(source("cli/run/child.ts", spread))).toEqual([]);
  expect(environmentUses(source("cli/run/child.ts", "const { PATH } = process.env;"))).toHaveLength(1);
  expect(environmentUses(source("reports/reporter.ts", 'process.env.PHOENIX_KEEP_WORKERS = "1";'))).toEqual(
    [],
  );
  expect(environmentUses(source("reports/reporter.ts", 'process.env.HOME = "1";'))).toHaveLength(1);
});

for (const text of [
  'import { writeFileSync } from "node:fs";',
  'import * as fs from "node:fs";',
  'export { readFileSync } from "node:fs";',
  'import { spawnSync } from "node:child_process";',
  'import { connect } from "node:net";',
  'import { randomBytes } from "node:crypto";',
  'const fs = await import("node:fs");',
  'const seen = await fetch("https://portainer");',
  "const now = Date.now();",
  "const now = new Date();",
  "const now = performance.now();",
  "const some = Math.random();",
  "const some = crypto.randomUUID();",
  "const host = process.cwd();",
])
  test(`red: planning with ${text}`, () => {
    expect(impurities(source("provision/plan.ts", text))).toHaveLength(1);
    expect(impurities(source("provision/facts.ts", text))).toEqual([]);
  });

test("red: I/O in a module that a step imports indirectly; an import of only types does not count", () => {
  const step = (text: string) => parseSource("provision/steps/deploy.ts", text);
  const helper = parseSource("fixtures/progress.ts", 'export * from "./alive.ts";');
  const deep = parseSource("fixtures/alive.ts", 'import { statSync } from "node:fs";');
  const told = "fixtures/alive.ts:1:1: imports node:fs, and planning reaches it";
  expect(impurities([step('import { say } from "../../fixtures/progress.ts";'), helper, deep])).toEqual([
    told,
  ]);
  expect(impurities([step('import type { P } from "../../fixtures/progress.ts";'), helper, deep])).toEqual(
    [],
  );
});

test("red: a step's asset that is read while planning", () => {
  const read = 'import { readFileSync } from "node:fs";\n';
  const loaded = `${read}const script = readFileSync(path, "utf8");`;
  const called = `${read}export const step = { changesFor() { return readFileSync(path, "utf8"); } };`;
  expect(impurities(source("provision/steps/firewall.ts", loaded))).toEqual([]);
  expect(impurities(source("provision/steps/firewall.ts", called))).toHaveLength(1);
  expect(impurities(source("provision/steps/deploy.ts", loaded))).toHaveLength(1);
});

for (const text of [
  'test.skip("left out", body);',
  "test.skip(true);",
  'test.describe.only("one", body);',
  'test["fixme"]("later", body);',
  "const some = test.only;",
  "export default defineConfig({ retries: 2 });",
  "test.describe.configure({ retries: count });",
  "export default { passWithNoTests: true };",
  'run(["test", "--pass-with-no-tests"]);',
  'run(["test", "--retries=2"]);',
])
  test(`red: ${text}`, () => {
    expect(testsLeftOut(source("reports/reporter.test.ts", text))).toHaveLength(1);
  });

test("our own options named `only` do not leave out tests", () => {
  const text = "export default { retries: 0 };\nchoice.only.map(name);\nconst { only } = options;";
  expect(testsLeftOut(source("cli/commands/plan.ts", text))).toEqual([]);
});

test("a source that is not TypeScript is an error, not an empty file", () => {
  expect(() => parseSource("specs/claim.ts", "const = ;")).toThrow(/specs\/claim.ts cannot be parsed/);
});
