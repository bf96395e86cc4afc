// Text that a spec types into a page appears in its results. Workers pass on their secrets, and these are removed.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { test } from "../fixtures/browser/test.ts";
import { keptSecrets, secretsFolder } from "../fixtures/evidence/kept-secrets.ts";
import { inlineProject, playwright } from "./inline.ts";
import { removeSecrets, scanForSecrets } from "./secrets.ts";

const path = (name: string) => JSON.stringify(join(import.meta.dirname, "..", name));
const typed = { user: "Tr1cky&pass'word-of-a-user", token: "0123456789abcdef".repeat(4) };

const inventory = (home: string) => ({
  kind: "stand-in",
  ssh: { host: "h", port: 22, user: "root", privateKeyFile: "/nowhere/key", hostKey: "ssh-ed25519 AAAA" },
  tree: "/usr/local/phoenix_hypervisor",
  url: "https://portainer.phoenix.local",
  resolve: {},
  trust: { gatewayFile: "/etc/nginx/ssl/x.crt" },
  allows: ["observe"],
  cannotImitate: [],
  adminPasswordFile: join(home, "portainer-admin-password"),
});

const project = (executable: string) =>
  inlineProject({
    "playwright.config.ts": `
      export default { workers: 2, fullyParallel: true, reporter: [["allure-playwright", { resultsDir: "run/allure-results" }]],
        use: { run: "run" } };`,
    "a.spec.ts": `
      import { chromium } from "@playwright/test";
      import { holds, test } from ${path("specs/test.ts")};
      import { secret } from ${path("fixtures/evidence/redact.ts")};
      for (const [name, value] of Object.entries(${JSON.stringify(typed)})) {
        test("types a " + name, async ({ target }) => {
          const browser = await chromium.launch({ executablePath: ${JSON.stringify(executable)}, args: ["--no-sandbox"] });
          const page = await browser.newPage();
          await page.setContent("<input>");
          await page.locator("input").fill(secret(value));
          await page.locator("input").fill("no secret of " + target.name);
          await browser.close();
          await holds([{ level: "behaves", ok: true, expected: "typed", found: "typed", where: "here" }]);
        });
      }`,
  });

test("a secret that a worker typed is in the results, is passed on, and is removed", async ({
  browserPrograms,
}) => {
  using inline = project(browserPrograms.executable);
  const home = join(inline.dir, "home");
  const run = join(inline.dir, "run");
  mkdirSync(run);
  const target = inventory(home);
  writeFileSync(join(run, "inventory.json"), JSON.stringify({ targets: { box: target } }));
  const { code, output } = await inline.run([...playwright]);
  expect(code, output).toBe(0);

  const every = Object.entries(typed).map(([name, value]) => ({ name, value }));
  const leaking = scanForSecrets(run, every).map(({ secret }) => secret);
  expect(new Set(leaking), "before: the typed text is in the results").toEqual(new Set(Object.keys(typed)));

  const folder = secretsFolder(target) ?? "";
  expect(keptSecrets(folder).toSorted()).toEqual(Object.values(typed).toSorted());
  const modes = readdirSync(folder).map((name) => (statSync(join(folder, name)).mode & 0o777).toString(8));
  expect(modes, "one file per worker, readable only by its owner").toEqual(["600", "600"]);

  removeSecrets(
    run,
    keptSecrets(folder).map((value) => ({ name: "typed", value })),
  );
  expect(scanForSecrets(run, every), "after").toEqual([]);
  const results = readdirSync(join(run, "allure-results")).filter((name) => name.endsWith("-result.json"));
  const text = results.map((name) => readFileSync(join(run, "allure-results", name), "utf8")).join();
  expect(text).toContain('Fill \\"[redacted]\\"');
  expect(text, "what is no secret stays").toContain("no secret of box");
});
