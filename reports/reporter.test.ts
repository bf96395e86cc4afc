// The verdict reporter under the real Playwright: small projects in, `verdicts.json` out.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { type InlineProject, inlineProject, playwright } from "./inline.ts";
import VerdictReporter from "./reporter.ts";
import { readVerdicts } from "./verdicts.ts";

const reporter = join(import.meta.dirname, "reporter.ts");
const ids = (count: number) => Array.from({ length: count }, (_, index) => `STO-00${index + 1}`);
const register = (count: number) =>
  JSON.stringify(
    ids(count).map((id) => ({
      ...{
        id,
        area: "STO",
        kind: "L",
        plan: "1.1",
        severity: "must",
        statement: `holds ${id}`,
        rationale: "",
      },
      ...{ levels: ["live"], needs: [], remedies: [], revision: 1 },
    })),
  );
const config = (more = "") => `
  import { readFileSync } from "node:fs";
  const options = { outDir: "out/before", register: JSON.parse(readFileSync("register.json", "utf8")), phase: "before", target: "stand-in", progress: "lines" };
  export default { ${more} workers: 1, reporter: [["list"], [${JSON.stringify(reporter)}, options]] };`;
const head = `
  import { expect, test } from "@playwright/test";
  const req = (id) => ({ tag: ["@" + id, "@requirement"] });
  const control = (id) => ({ tag: ["@" + id, "@control"] });
  const check = (ok) => ({ level: "live", ok, expected: "up", found: ok ? "up" : "down", where: "vm.json:3" });
  const attach = (...checks) => test.info().attach("checks", { body: JSON.stringify(checks), contentType: "application/json" });
`;
const rowsOf = (project: InlineProject) => {
  const { rows } = readVerdicts(join(project.dir, "out/before/verdicts.json"));
  return Object.fromEntries(rows.map(({ id, verdict, seen }) => [id, `${verdict}: ${seen}`]));
};

test("each result of a test becomes the right verdict", async () => {
  using project = inlineProject({
    "register.json": register(9),
    "playwright.config.ts": config(),
    "a.spec.ts": `${head}
      test("STO-001 good", req("STO-001"), async () => { await attach(check(true)); });
      test("STO-001 is refuted by a", control("STO-001"), async () => { expect(1).toBe(1); });
      test("STO-002 empty", req("STO-002"), async () => { await attach(); });
      test("STO-003 bad", req("STO-003"), async () => { await attach(check(false)); expect(1, "holds").toBe(2); });
      test("STO-004 far", req("STO-004"), async () => {
        throw Object.assign(new Error("no answer"), { name: "CannotTell" });
      });
      test("STO-005 skipped", req("STO-005"), async () => { test.skip(true, "no KVM here"); });
      test("STO-006 fine", req("STO-006"), async () => { await attach(check(true)); });
      test("STO-006 is refuted by b", control("STO-006"), async () => { expect(1).toBe(2); });
      test("STO-007 later", req("STO-007"), async () => { test.fail(); expect(1).toBe(2); });
      test("STO-008 torn", req("STO-008"), async () => {
        await test.info().attach("checks", { body: '[{"level":"live"}]', contentType: "application/json" });
      });
      test("a unit test that reads STO-001", async () => {});
    `,
  });
  const { code, output } = await project.run([...playwright]);
  expect(rowsOf(project)).toEqual({
    "STO-001": "pass: up (vm.json:3)",
    "STO-002": "unknown: made no check",
    "STO-003": "fail: expected up, found down (vm.json:3)",
    "STO-004": "unknown: no answer",
    "STO-005": "unknown: skipped: no KVM here",
    "STO-006": "unknown: a control failed: STO-006 is refuted by b",
    "STO-007": "pending: not built yet, red as expected",
    "STO-008": expect.stringMatching(/^unknown: a bug in the suite: This is a bug .*"checks" cannot be read/),
    "STO-009": "pending: no spec yet",
  });
  expect(code, "Playwright's own exit code").toBe(1);
  expect(output.match(/^(passed|failed|skipped) +STO-/gm), "one line per requirement test").toHaveLength(8);
});

test("what a run does not select is not judged, unless it has no spec", async () => {
  using project = inlineProject({
    "register.json": register(3),
    "playwright.config.ts": config().replace(
      'phase: "before"',
      'phase: "before", withSpec: ["STO-001", "STO-002"]',
    ),
    "a.spec.ts": `${head} test("STO-001 good", req("STO-001"), async () => { await attach(check(true)); });`,
    "b.spec.ts": `${head} test("STO-002 other", req("STO-002"), async () => { await attach(check(true)); });`,
  });
  await project.run([...playwright, "--grep", "STO-001"]);
  expect(rowsOf(project)).toEqual({
    "STO-001": "pass: up (vm.json:3)",
    "STO-002": "not judged: not selected: this run was asked for other requirements",
    "STO-003": "pending: no spec yet",
  });
});

test("a run begins with its first test, not with the start of the runner", async () => {
  using project = inlineProject({
    "register.json": register(1),
    "playwright.config.ts": config('globalSetup: "./waits.ts",'),
    "waits.ts": "export default () => new Promise((go) => setTimeout(go, 1500));",
    "a.spec.ts": `${head}
      test("STO-001 good", req("STO-001"), async () => { await attach(check(true)); });`,
  });
  const started = Date.now();
  await project.run([...playwright]);
  const whole = Date.now() - started;
  const { ms, startedAt } = readVerdicts(join(project.dir, "out/before/verdicts.json"));
  expect(ms).toBeLessThan(whole - 1500);
  expect(Date.parse(startedAt)).toBeGreaterThan(started + 1500);
});

const redTests = `
  import { test as base } from "@playwright/test";
  import { keepWorkerAfterFailure } from ${JSON.stringify(join(import.meta.dirname, "../specs/reuse-worker.ts"))};
  const req = (id) => ({ tag: ["@" + id, "@requirement"] });
  const test = base.extend({ kept: [async ({}, use, info) => { await use(); keepWorkerAfterFailure(info, process.env.PHOENIX_KEEP_WORKERS === String(process.ppid)); }, { auto: true }] });
  const red = (name, message) => async ({}, { workerIndex }) => {
    console.log(name + " in worker " + workerIndex);
    throw Object.assign(new Error(message), { name });
  };
  test("STO-001 red", req("STO-001"), red("NotMet", "down"));
  test("STO-002 unknown", req("STO-002"), red("CannotTell", "no answer"));
  test("STO-003 torn", req("STO-003"), red("TypeError", "x is undefined"));
  test("STO-004 red", req("STO-004"), red("NotMet", "down too"));
`;

test("a failed requirement keeps its worker and is still reported as failed; an error in our code ends the worker", async () => {
  using project = inlineProject({
    "register.json": register(4),
    "playwright.config.ts": config().replace(`["list"], `, "").replace("options]]", `options], ["list"]]`),
    "a.spec.ts": redTests,
  });
  const { code, output } = await project.run([...playwright]);
  expect(code).toBe(1);
  expect(output).toContain("4 failed");
  expect(output.match(/\w+ in worker \d/g)).toEqual([
    "NotMet in worker 0",
    "CannotTell in worker 0",
    "TypeError in worker 0",
    "NotMet in worker 1",
  ]);
  expect(rowsOf(project)).toEqual({
    "STO-001": "fail: NotMet: down",
    "STO-002": "unknown: no answer",
    "STO-003": "unknown: a bug in the suite: TypeError: x is undefined",
    "STO-004": "fail: NotMet: down too",
  });
});

test("without our reporter no worker is kept and failures are failures, also in a run inside one of ours", async () => {
  process.env.PHOENIX_KEEP_WORKERS = String(process.pid);
  using project = inlineProject({
    "playwright.config.ts": 'export default { workers: 1, reporter: "list" };',
    "a.spec.ts": redTests,
  });
  const { code, output } = await project.run([...playwright]);
  expect(code).toBe(1);
  expect(output).toContain("4 failed");
  expect(output).toContain("CannotTell in worker 1");
});

test("a failed set-up makes the dependent tests unknown, with its message", async () => {
  using project = inlineProject({
    "register.json": register(1),
    "playwright.config.ts": config(
      `projects: [{ name: "set-up", testMatch: "set.ts" }, { name: "specs", dependencies: ["set-up"] }],`,
    ),
    "set.ts": `${head} test("evidence", async () => { throw new Error("the probe broke"); });`,
    "a.spec.ts": `${head} test("STO-001 good", req("STO-001"), async () => { await attach(check(true)); });`,
  });
  await project.run([...playwright]);
  expect(rowsOf(project)).toEqual({ "STO-001": "unknown: did not run: Error: the probe broke" });
});

test("an interrupted run writes the verdicts that it has", async () => {
  using project = inlineProject({
    "register.json": register(3),
    "playwright.config.ts": config(),
    "a.spec.ts": `${head}
      test("STO-001 good", req("STO-001"), async () => { await attach(check(true)); });
      test("STO-002 slow", req("STO-002"), async () => { console.log("under way"); await new Promise(() => setInterval(() => {}, 1000)); });
      test("STO-003 after", req("STO-003"), async () => { await attach(check(true)); });
    `,
  });
  const { code } = await project.run([...playwright], { text: "under way", signal: "SIGINT" });
  expect(code).toBe(130);
  expect(rowsOf(project)).toEqual({
    "STO-001": "pass: up (vm.json:3)",
    "STO-002": expect.stringMatching(/^unknown: (interrupted|did not run): the run was interrupted$/),
    "STO-003": "unknown: did not run: the run was interrupted",
  });
});

test("a register whose statements still have placeholders is refused", () => {
  const [entry] = JSON.parse(register(1)) as { statement: string }[];
  const left = [{ ...entry, statement: "VM {dockerHost.vmid} runs" }] as never;
  const options = { outDir: "out", phase: "before", target: "stand-in", register: left };
  expect(() => new VerdictReporter(options)).toThrow("a statement without placeholders");
});

test("a test with an id that is not in the register: no verdicts are written", async () => {
  using project = inlineProject({
    "register.json": register(1),
    "playwright.config.ts": config(),
    "out/before/verdicts.json": "left by an earlier run",
    "a.spec.ts": `${head} test("STO-777 good", req("STO-777"), async () => { await attach(check(true)); });`,
  });
  const { output } = await project.run([...playwright]);
  expect(output).toContain('"STO-777 good" is tagged STO-777, which the register does not have');
  expect(existsSync(join(project.dir, "out/before/verdicts.json"))).toBe(false);
});
