// `npm test`: the last line counts everything, the exit code is Playwright's, and silence is red.
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { inlineProject } from "./inline.ts";
import { exitCode, totals, withCounter } from "./run-tests.ts";

const main = join(import.meta.dirname, "run-tests.ts");
const counter = join(import.meta.dirname, "count.ts");
const counts = { passed: 3, failed: 0, skipped: 0, errors: 0, wrong: [] };
const spec = (body: string) => `import { expect, test } from "@playwright/test";\n${body}`;
const config = "export default { workers: 1, forbidOnly: true };";

test("the counting reporter is added to the given reporters", () => {
  expect(withCounter(["-g", "x"])).toEqual(["-g", "x", `--reporter=list,${counter}`]);
  expect(withCounter(["--reporter=dot", "a"])).toEqual([`--reporter=dot,${counter}`, "a"]);
  expect(withCounter(["--reporter", "json", "a"])).toEqual([`--reporter=json,${counter}`, "a"]);
  expect(withCounter(["--reporter"])).toEqual([`--reporter=list,${counter}`]);
});

test("the last line has the totals, and the lines before it name what failed", () => {
  expect(totals(counts)).toBe("3 passed, 0 failed");
  expect(totals({ ...counts, failed: 2, skipped: 1, wrong: ["a: 1", "b: 2"] })).toBe(
    "failed: a: 1\nfailed: b: 2\n3 passed, 2 failed, 1 skipped",
  );
});

test("a run without a test fails, except if it only lists tests", () => {
  expect(exitCode(0, counts, false)).toBe(0);
  expect(exitCode(1, counts, false)).toBe(1);
  expect(exitCode(0, { ...counts, passed: 0, skipped: 9 }, false)).toBe(1);
  expect(exitCode(0, undefined, false)).toBe(1);
  expect(exitCode(0, undefined, true)).toBe(0);
});

test("a run with failures: output is streamed, tests are counted, the exit code is not 0", async () => {
  using project = inlineProject({
    "playwright.config.ts": config,
    "a.spec.ts": spec(`
      test("good", () => {});
      test("bad", () => { expect(1).toBe(2); });
      test.skip("left out", () => {});
      test("red as expected", () => { test.fail(); expect(1).toBe(2); });
    `),
  });
  const { code, output } = await project.run([main]);
  expect(output).toMatch(/a\.spec\.ts:\d+:\d+ › good/);
  expect(output.trimEnd().split("\n").slice(-2)).toEqual([
    expect.stringMatching(/^failed: a\.spec\.ts:\d+ › bad: Error: expect\(received\)\.toBe\(expected\)/),
    "2 passed, 1 failed, 1 skipped",
  ]);
  expect(code).toBe(1);
});

test("a file that does not load is named before the totals", async () => {
  using project = inlineProject({
    "playwright.config.ts": config,
    "a.spec.ts": spec(`throw new Error("not today");`),
  });
  const { code, output } = await project.run([main]);
  expect(output.trimEnd().split("\n").slice(-3)).toEqual([
    expect.stringMatching(/^failed: a\.spec\.ts:\d+: Error: not today$/),
    "failed: outside any test: Error: No tests found",
    "0 passed, 0 failed",
  ]);
  expect(code).toBe(1);
});

test("a green run is green, and its arguments reach Playwright", async () => {
  using project = inlineProject({
    "playwright.config.ts": config,
    "a.spec.ts": spec(`test("good", () => {}); test("other", () => { expect(1).toBe(2); });`),
  });
  const { code, output } = await project.run([main, "-g", "good", "--reporter", "dot"]);
  expect(output.trimEnd().split("\n").at(-1)).toBe("1 passed, 0 failed");
  expect(code).toBe(0);
});

test("only skipped tests: the exit code is not 0, although Playwright's is", async () => {
  using project = inlineProject({
    "playwright.config.ts": config,
    "a.spec.ts": spec(`test.skip("left out", () => {});`),
  });
  const { code, output } = await project.run([main]);
  expect(output.trimEnd().split("\n").at(-1)).toBe("0 passed, 0 failed, 1 skipped");
  expect(code).toBe(1);
});

test("a signal is passed on, and the totals are still the last line", async () => {
  using project = inlineProject({
    "playwright.config.ts": config,
    "a.spec.ts": spec(
      `test("hangs", async () => { console.log("under way"); await new Promise(() => setInterval(() => {}, 1000)); });`,
    ),
  });
  const { code, output } = await project.run([main], { text: "under way", signal: "SIGTERM" });
  expect(output.trimEnd().split("\n").at(-1)).toMatch(/^0 passed, \d failed/);
  expect(code).not.toBe(0);
});
