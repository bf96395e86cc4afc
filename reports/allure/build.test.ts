// The HTML report end to end, with the real Playwright, Allure and browser: what it says, and that it asks no other host.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { test } from "../../fixtures/browser/test.ts";
import type { Verdict } from "../../fixtures/judgement.ts";
import { inlineProject, playwright } from "../inline.ts";
import { sampleRun, sampleTarget } from "../run/sample-accept.ts";
import { buildReport, externalReferences, sealed } from "./build.ts";
import { gateRules } from "./config.ts";
import { headline } from "./headline.ts";
import { allureResults, type Beside } from "./results.ts";
import { readTranscripts } from "./transcripts.ts";

interface Built {
  readonly dir: string;
  readonly verdicts: readonly Verdict[];
  readonly beside?: Beside;
  readonly history?: string;
  readonly attached?: Parameters<typeof buildReport>[0]["attached"];
}

function build({ dir, verdicts, beside = {}, history, attached = [] }: Built): Promise<string> {
  const target = sampleTarget(verdicts);
  const files = allureResults(sampleRun(verdicts), target, beside);
  const name = headline(target);
  return buildReport({ files, dir, name, mayBeOpen: 0, attached, ...(history !== undefined && { history }) });
}

const json = (dir: string, name: string) => JSON.parse(readFileSync(join(dir, "report", name), "utf8"));

test("all pass after the plan: the page says 100 %, whatever failed before it, and asks no other host", async ({
  browser,
}) => {
  const dir = test.info().outputPath("run");
  mkdirSync(join(dir, "report"), { recursive: true });
  writeFileSync(join(dir, "report/stale.txt"), "from an earlier build");
  const index = await build({ dir, verdicts: ["pass", "pass", "pass"] });
  expect(existsSync(join(dir, "report/stale.txt"))).toBe(false);
  expect(readdirSync(dir).toSorted()).toEqual(["allure-results", "report"]);
  expect(json(dir, "summary.json").stats).toEqual({ total: 3, passed: 3 });

  for (const [width, colorScheme] of [
    [1280, "light"],
    [400, "dark"],
  ] as const) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(`file://${index}`);
    await expect(page.getByText("PASS: 3 of 3 requirements hold on stand-in").first()).toBeVisible();
    await expect(page.getByText("100%").first()).toBeVisible();
    await page.getByText("Phase 1: configuration").first().click();
    await page.getByText("Task 1.1: the NFS volume of the docker host").first().click();
    await page.getByText("STO-002 the volume of STO-002 is mounted once").first().click();
    await expect(page.getByText("one mount of /srv/data").first()).toBeVisible();
    expect(asked.filter((url) => !/^(?:file|data|blob):/.test(url))).toEqual([]);
    const refused = page.evaluate(() => fetch("http://127.0.0.1:9/").then(String, () => "refused"));
    const policy = page.evaluate<string>(
      'new Promise((done) => addEventListener("securitypolicyviolation", () => done("policy")))',
    );
    await page.evaluate(() => void fetch("http://127.0.0.1:9/").catch(() => {}));
    expect(await Promise.all([refused, policy])).toEqual(["refused", "policy"]);
    await page.close();
  }
});

test("categories say who has to act, and the gate breaks on what is no pass", async () => {
  const dir = test.info().outputPath("run");
  const index = await build({
    dir,
    verdicts: ["pass", "fail", "unknown", "not judged", "pending", "waived"],
  });
  const page = readFileSync(index, "utf8");
  const [, code = ""] = /d\("widgets\/categories\.json",\s*"([^"]+)"/.exec(page) ?? [];
  const { nodes, roots } = JSON.parse(Buffer.from(code, "base64").toString("utf8")) as {
    readonly roots: readonly string[];
    readonly nodes: Readonly<
      Record<string, { readonly name: string; readonly statistic: { readonly total: number } }>
    >;
  };
  const shown = roots.map((id) => `${nodes[id]?.name.split(":")[0]} ${nodes[id]?.statistic.total}`);
  expect(shown).toEqual([
    ...["The host is wrong 1", "The suite is wrong 1", "Could not tell 1", "Not judged 1", "Waived 1"],
  ]);
  expect(json(dir, "summary.json").stats).toMatchObject({ total: 6, passed: 1, failed: 2, broken: 3 });
  expect(json(dir, "quality-gate.json")).toMatchObject([
    { rule: gateRules.fail, success: false, actual: 1 },
    { rule: gateRules.unknown, success: false, actual: 2 },
    { rule: gateRules.open, success: false, actual: 1 },
  ]);
});

test("the history shows the earlier runs of a target; a damaged line in it is left out", async () => {
  const history = test.info().outputPath("history/one.jsonl");
  const [first, second] = ["first", "second"].map((name) => test.info().outputPath(name)) as [string, string];
  await build({ dir: first, verdicts: ["fail"], history });
  writeFileSync(history, `${readFileSync(history, "utf8")}{"cut off`);
  await build({ dir: second, verdicts: ["pass"], history });
  const lines = readFileSync(history, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const statuses = lines.map(({ testResults }) => Object.values(testResults as object)[0].status);
  expect(statuses).toEqual(["failed", "passed"]);
  expect(json(second, "summary.json").stats).not.toHaveProperty("new");
});

test("what a test did and attached is in the report, and this computer's name is not", async () => {
  using inline = inlineProject({
    "playwright.config.ts": `
      import { allureOptions } from ${JSON.stringify(join(import.meta.dirname, "options.ts"))};
      export default { workers: 1, reporter: [["allure-playwright", allureOptions("raw")]] };`,
    "a.spec.ts": `
      import { test } from "@playwright/test";
      test("STO-001 is mounted", { tag: ["@STO-001", "@requirement"] }, async () => {
        await test.step("the volume is written to", () => {});
        await test.info().attach("the page at the end", { body: Buffer.from("a picture"), contentType: "image/png" });
        await test.info().attach("checks", { body: "[]", contentType: "application/json" });
      });`,
  });
  const { output } = await inline.run(playwright);
  expect(output).not.toContain("rror");
  const raw = join(inline.dir, "raw");
  const [result = ""] = readdirSync(raw).filter((name) => name.endsWith("-result.json"));
  expect(JSON.parse(readFileSync(join(raw, result), "utf8")).labels).not.toContainEqual(
    expect.objectContaining({ name: "host" }),
  );
  const { byRequirement, attached } = readTranscripts(raw);
  expect(attached).toHaveLength(1);
  const dir = test.info().outputPath("run");
  const index = await build({
    ...{ dir, verdicts: ["pass"], beside: { transcripts: byRequirement } },
    attached: [{ dir: raw, names: [...attached, "../playwright.config.ts"] }],
  });
  expect(readFileSync(index, "utf8")).toContain(Buffer.from("a picture").toString("base64"));
  expect(readdirSync(join(dir, "allure-results"))).toContain(attached[0]);
  expect(readdirSync(dir)).not.toContain("playwright.config.ts");
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
  const dir = test.info().outputPath("run");
  const empty = buildReport({ files: new Map(), dir, name: "x", mayBeOpen: 0 });
  await expect(empty).rejects.toThrow(/^Allure ended with exit code 1\n.*There is no result in /s);
});
