// A canary in everything that a test types, shows, prints or attaches reaches no byte outside the private folder, however the
// run ends: recordings and archives are unpacked, results of killed runs are searched too.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { test } from "../fixtures/browser/test.ts";
import { keptSecrets, secretsFolder } from "../fixtures/evidence/kept-secrets.ts";
import { inlineProject, playwright } from "./inline.ts";
import { scanForSecrets } from "./secrets.ts";

const path = (name: string) => JSON.stringify(join(import.meta.dirname, "..", name));
const canaries = {
  password: "Tr1cky&pass'word-of-a-user",
  token: "0123456789abcdef".repeat(4),
  answer: "canary-in-an-answer",
};

const inventory = {
  kind: "stand-in",
  ssh: { host: "h", port: 22, user: "root", privateKeyFile: "/nowhere/key", hostKey: "ssh-ed25519 AAAA" },
  tree: "/usr/local/phoenix_hypervisor",
  url: "https://portainer.phoenix.local",
  resolve: {},
  trust: { gatewayFile: "/etc/nginx/ssl/x.crt" },
  allows: ["observe"],
  cannotImitate: [],
};

/** A run as the suite makes it; `clean`: with the reporter that is under test. */
const project = (executable: string, clean: boolean) =>
  inlineProject({
    "playwright.config.ts": `
      const clean = [${path("reports/clean-reporter.ts")}, { secrets: "private/secrets", outDir: "run/attached" }];
      export default { workers: 2, fullyParallel: true, outputDir: "private/artifacts", use: { run: "run", privateFolder: "private", trace: "on",
          screenshot: "on", launchOptions: { executablePath: ${JSON.stringify(executable)}, args: ["--no-sandbox"] } },
        reporter: [...(${clean} ? [clean] : []), [${path("reports/tests-reporter.ts")}, { outDir: "run" }],
          ["allure-playwright", { resultsDir: "run/allure-results" }], ["json", { outputFile: "run/report.json" }]] };`,
    "a.spec.ts": `
      import { readFileSync, writeFileSync } from "node:fs";
      import { chromium } from "@playwright/test";
      import { expect, holds, test } from ${path("specs/test.ts")};
      import { secret } from ${path("fixtures/evidence/redact.ts")};
      // They stand in no source, as sources are shown at a failure.
      const canaries = JSON.parse(readFileSync("private/canaries.json", "utf8"));
      const checks = [{ level: "behaves", ok: true, expected: "typed", found: "typed", where: "here" }];
      for (const name of ["password", "token", "answer"]) test("uses the " + name, async ({ target }, info) => {
        const value = secret(canaries[name]);
        const browser = await chromium.launch({ executablePath: ${JSON.stringify(executable)}, args: ["--no-sandbox"] });
        const page = await browser.newPage();
        await page.setContent("<input><p></p>");
        await page.locator("input").fill(value);
        await page.locator("p").evaluate((element, text) => { element.textContent = text; }, value);
        await page.locator("input").fill("no secret of " + target.name);
        console.log("printed " + value.slice(0, 7)); process.stdout.write(value); console.error(JSON.stringify({ value }));
        await info.attach("body " + value, { body: Buffer.from(value).toString("base64"), contentType: "text/plain" });
        const file = info.outputPath(value.replaceAll("/", "") + ".bin");
        writeFileSync(file, Buffer.concat([Buffer.from([0, 255]), Buffer.from(value)]));
        await info.attach("a file", { path: file });
        await test.step("a step of " + value, async () => {
          expect.soft(await page.locator("p").textContent(), "shows " + value).toBe("something else");
          await expect.soft(page.locator("p")).toHaveText("nothing", { timeout: 1 });
        });
        if (process.env.HANGS) { process.stderr.write("under way\\n"); await new Promise(() => setInterval(() => {}, 1000)); }
        await browser.close();
        await holds(checks);
        throw new Error("the end of " + value);
      });`,
  });

const all = Object.entries(canaries).map(([name, value]) => ({ name, value }));
const found = (dir: string) => new Set(scanForSecrets(dir, all).map(({ secret }) => secret));

function prepared(executable: string, clean: boolean) {
  const inline = project(executable, clean);
  for (const name of ["run", "private"]) mkdirSync(join(inline.dir, name));
  writeFileSync(join(inline.dir, "private", "canaries.json"), JSON.stringify(canaries));
  writeFileSync(join(inline.dir, "run", "inventory.json"), JSON.stringify({ targets: { box: inventory } }));
  return { inline, run: join(inline.dir, "run"), own: join(inline.dir, "private") };
}

test("without the first reporter every canary is in what a run wrote, so that the search is seen to find them", async ({
  browserPrograms,
}) => {
  const { inline, run } = prepared(browserPrograms.executable, false);
  using _ = inline;
  const { code, output } = await inline.run([...playwright]);
  expect(code, output).toBe(1);
  expect(found(run)).toEqual(new Set(Object.keys(canaries)));
});

test("with it, no byte of the run has a canary: steps, errors, output, attachments, recordings", async ({
  browserPrograms,
}) => {
  const { inline, run, own } = prepared(browserPrograms.executable, true);
  using _ = inline;
  const { code, output } = await inline.run([...playwright]);
  expect(code, output).toBe(1);
  expect(scanForSecrets(run, all), "in the run").toEqual([]);
  const kept = secretsFolder(own);
  expect(keptSecrets(kept).toSorted()).toEqual(Object.values(canaries).toSorted());
  const modes = readdirSync(kept).map((name) => (statSync(join(kept, name)).mode & 0o777).toString(8));
  expect(new Set(modes), "readable only by its owner").toEqual(new Set(["600"]));
  const results = readdirSync(join(run, "allure-results")).filter((name) => name.endsWith("-result.json"));
  const text = results.map((name) => readFileSync(join(run, "allure-results", name), "utf8")).join();
  expect(text).toContain('Fill \\"[redacted]\\"');
  expect(text, "what is no secret stays").toContain("no secret of box");
});

for (const signal of ["SIGINT", "SIGKILL"] as const)
  test(`nor has a run that ${signal} ends`, async ({ browserPrograms }) => {
    const { inline, run } = prepared(browserPrograms.executable, true);
    using _ = inline;
    writeFileSync(join(inline.dir, "hangs.mjs"), "process.env.HANGS = '1';");
    const hanging = ["--import", join(inline.dir, "hangs.mjs"), ...playwright];
    const { code, output } = await inline.run(hanging, { text: "under way", signal });
    expect(code, output).not.toBe(0);
    expect(scanForSecrets(run, all)).toEqual([]);
  });
