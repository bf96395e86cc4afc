// A test runner that was started early, under the real Playwright: it judges when it hears the word, or nothing at all.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { inlineProject, playwright } from "../../reports/inline.ts";
import { word } from "./wait-for-start-signal.ts";

const early = JSON.stringify(join(import.meta.dirname, "wait-for-start-signal.ts"));
const files = {
  "playwright.config.ts": `export default { globalSetup: ${early}, workers: 1, reporter: "list" };`,
  "a.spec.ts": 'import { test } from "@playwright/test"; test("judged", () => {});',
};
function hears(input: string) {
  using project = inlineProject(files);
  const { status, stdout, stderr } = spawnSync(process.execPath, playwright, {
    ...{ cwd: project.dir, input, encoding: "utf8" },
  });
  return { status, said: `${stdout}${stderr}` };
}

test("at the word, what was loaded is judged", () => {
  const { status, said } = hears(word);
  expect(said).toContain("1 passed");
  expect(status).toBe(0);
});

for (const input of ["", "jud"])
  test(`without it nothing is judged, and that is no pass: ${JSON.stringify(input)}`, () => {
    const { status, said } = hears(input);
    expect(said).toContain("given up before there was anything to judge");
    expect(said).not.toContain("passed");
    expect(status).not.toBe(0);
  });
