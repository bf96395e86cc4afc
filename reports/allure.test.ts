// The HTML report end to end, with the real Playwright, Allure and browser: the page sends no request to another host.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import type { TestResult } from "allure-js-commons";
import { test } from "../fixtures/browser/test.ts";
import { buildReport, externalReferences, sealed } from "./allure.ts";
import { inlineProject, playwright } from "./inline.ts";

const options = join(import.meta.dirname, "allure-options.ts");
const entry = {
  kind: "L",
  plan: "1.1",
  severity: "must",
  area: "storage",
  rationale: "Because.",
  remedies: [],
  revision: 1,
  levels: ["declared"],
};
const project = () =>
  inlineProject({
    "playwright.config.ts": `
      import { allureOptions } from ${JSON.stringify(options)};
      const register = ["STO-001", "STO-002"].map((id) => ({ id, statement: id + " holds", ...${JSON.stringify(entry)} }));
      const requirementUrl = "https://example.invalid/register#%s";
      const reporter = ["before", "after"].map((phase) =>
        ["allure-playwright", allureOptions({ resultsDir: phase, phase, target: "stand-in", register, requirementUrl })]);
      export default { workers: 1, reporter };`,
    "a.spec.ts": `
      import { expect, test } from "@playwright/test";
      const tag = (id, role) => ({ tag: ["@" + id, "@" + role] });
      const attach = (body) => test.info().attach("checks", { body, contentType: "application/json" });
      test("STO-001 good", tag("STO-001", "requirement"), async () => { await attach("[{}]"); });
      test("STO-001 empty", tag("STO-001", "requirement"), async () => { await attach("[]"); });
      test("STO-001 silent", tag("STO-001", "requirement"), async () => {});
      test("STO-001 is refuted by x", tag("STO-001", "control"), async () => { expect(1, "red").toBe(2); });
      test("STO-002 far", tag("STO-002", "requirement"), async () => {
        throw Object.assign(new Error("no answer"), { name: "CannotTell" });
      });
      test("STO-002 later", tag("STO-002", "requirement"), async () => { test.fail(); expect(1).toBe(2); });
      test("STO-002 bad", tag("STO-002", "requirement"), async () => { expect(1, "the port").toBe(2); });
      test("STO-002 partly", tag("STO-002", "requirement"), async () => {
        await attach('[{}, { "level": "live", "expected": "nfs", "found": "fuse", "notImitated": "no NFS client" }]');
      });
      test("STO-002 apart", tag("STO-002", "requirement"), async () => {
        await attach('[{ "level": "live", "expected": "nfs", "found": "fuse", "notImitated": "no NFS client" }]');
      });
      test("STO-002 bug", tag("STO-002", "requirement"), async () => { undefined.x; });
      test("evidence", async () => {});`,
  });

test("results have our ids and statuses, and the report sends no request to another host", async ({
  browser,
}) => {
  using inline = project();
  await inline.run([...playwright]);
  const results = ["before", "after"].flatMap((phase) => resultsIn(join(inline.dir, phase)));
  const shown = results
    .slice(0, 11)
    .map(({ name, testCaseId, status }) => `${name} | ${testCaseId} | ${status}`);

  await test.step("statuses", () => {
    expect(shown).toEqual([
      "STO-001 empty | STO-001 | broken",
      "STO-001 good | STO-001 | passed",
      "STO-001 is refuted by x | STO-001 | failed",
      "STO-001 silent | STO-001 | broken",
      "STO-002 apart | STO-002 | broken",
      "STO-002 bad | STO-002 | failed",
      "STO-002 bug | STO-002 | broken",
      "STO-002 far | STO-002 | broken",
      "STO-002 later | STO-002 | skipped",
      "STO-002 partly | STO-002 | passed",
      "evidence | a.spec.ts › evidence | passed",
    ]);
    expect(new Set(results.map(({ historyId }) => historyId)).size, "each result has its own history").toBe(
      22,
    );
  });

  await test.step("labels and links", () => {
    const [, good] = results;
    const labels = Object.fromEntries(good?.labels.map(({ name, value }) => [name, value]) ?? []);
    expect(labels).toMatchObject({
      epic: "Task 1.1",
      feature: "storage",
      story: "STO-001",
      severity: "critical",
    });
    expect(labels).toMatchObject({
      phase: "before",
      target: "stand-in",
      host: "stand-in",
      layer: "requirement",
    });
    expect(good?.links).toEqual([
      { type: "requirement", name: "STO-001", url: "https://example.invalid/register#STO-001" },
    ]);
    expect(good?.description).toBe("STO-001 holds\n\nBecause.");
  });

  await test.step("what the target cannot imitate is shown with its reason", () => {
    const partly = results.find(({ name }) => name === "STO-002 partly");
    expect(partly?.labels).toContainEqual({ name: "tag", value: "not imitated here" });
    expect(partly?.description).toContain("Not imitated here: live: nfs, found fuse: no NFS client");
    expect(partly?.statusDetails.message).toBe("1 check not imitated here: no NFS client");
    const good = results.find(({ name }) => name === "STO-001 good");
    expect(JSON.stringify(good)).not.toContain("mitated");
  });

  const runDir = join(inline.dir, "run");
  const before = readdirSync(inline.dir).concat("run").toSorted();
  const phases = ["before", "after"].map((phase) => join(inline.dir, phase));
  mkdirSync(join(runDir, "report"), { recursive: true });
  writeFileSync(join(runDir, "report/stale.txt"), "from an earlier build");
  const index = await buildReport({ results: phases, runDir, name: "Rehearsal" });

  await test.step("only the report was written, and the stale file is gone", () => {
    expect(readdirSync(inline.dir).toSorted()).toEqual(before);
    expect(readdirSync(runDir)).toEqual(["report"]);
    expect(existsSync(join(runDir, "report/stale.txt"))).toBe(false);
  });

  await test.step("the categories are in the report", () => {
    const page = readFileSync(index, "utf8");
    const data = [...page.matchAll(/d\("(widgets\/categories\.json)",\s*"([^"]+)"/g)].map(
      ([, , code]) => code,
    );
    const text = Buffer.from(data[0] ?? "", "base64").toString("utf8");
    for (const name of ["Unknown", "A bug in the suite", "Not built yet", "A requirement is broken"]) {
      expect(text).toContain(`"${name}"`);
    }
  });

  await test.step("a browser shows it and sends no request to another host", async () => {
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(`file://${index}`);
    await expect(page.getByText("Task 1.1").first()).toBeVisible();
    expect(asked.filter((url) => !/^(?:file|data|blob):/.test(url))).toEqual([]);
    const refused = page.evaluate(() => fetch("http://127.0.0.1:9/").then(String, () => "refused"));
    const policy = page.evaluate<string>(
      'new Promise((done) => addEventListener("securitypolicyviolation", () => done("policy")))',
    );
    await page.evaluate(() => void fetch("http://127.0.0.1:9/").catch(() => {}));
    expect(await Promise.all([refused, policy])).toEqual(["refused", "policy"]);
  });
});

test("a reference that makes the browser ask another host is found, also inlined; a plain link is allowed", () => {
  const dir = test.info().outputPath("report");
  mkdirSync(dir, { recursive: true });
  const inlined = Buffer.from('fetch("https://evil.invalid/x")').toString("base64");
  const bad: Record<string, string> = {
    "a.html": '<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>',
    "b.html": '<img alt="" src="//cdn.invalid/x.png">',
    "c.html": `<script src="data:text/javascript;base64,${inlined}"></script>`,
    "d.css": '@import url("https://fonts.invalid/x.css");',
    "e.js": "new WebSocket('wss://live.invalid/')",
  };
  for (const [name, text] of Object.entries(bad)) writeFileSync(join(dir, name), text);
  const found = externalReferences(dir);
  for (const name of Object.keys(bad))
    expect(
      found.some((line) => line.includes(`/${name}: `)),
      name,
    ).toBe(true);
  const good = test.info().outputPath("good");
  mkdirSync(good);
  writeFileSync(
    join(good, "a.html"),
    '<a href="https://example.invalid/">x</a><svg xmlns="http://www.w3.org/2000/svg">',
  );
  expect(externalReferences(good)).toEqual([]);
});

test("sealing removes only the analytics scripts, and sets the policy", () => {
  const page = `<head></head><script>keep()</script><script async src="https://www.googletagmanager.com/gtag/js"></script>
<script>window.dataLayer = []; function gtag(){}</script>`;
  const clean = sealed(page);
  expect(clean).toContain("<script>keep()</script>");
  expect(clean.match(/<script/g)).toHaveLength(1);
  expect(clean).toContain('<head><meta http-equiv="Content-Security-Policy" content="default-src ');
});

test("a folder without results is an error", async () => {
  const runDir = test.info().outputPath("run");
  await expect(buildReport({ results: [join(runDir, "nothing")], runDir, name: "x" })).rejects.toThrow(
    /^allure generate ended with exit code 1\n.*No test results directories found/s,
  );
});

function resultsIn(dir: string): TestResult[] {
  const files = readdirSync(dir).filter((name) => name.endsWith("-result.json"));
  const results = files.map((name) => JSON.parse(readFileSync(join(dir, name), "utf8")) as TestResult);
  return results.toSorted((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1));
}
