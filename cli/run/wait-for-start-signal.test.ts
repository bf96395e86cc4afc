// A test runner that starts early, under the real Playwright: it judges after the signal, and nothing without it.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { inlineProject, playwright } from "../../reports/inline.ts";
import { startSignal } from "./wait-for-start-signal.ts";

const early = JSON.stringify(join(import.meta.dirname, "wait-for-start-signal.ts"));
const files = {
  "playwright.config.ts": `export default { globalSetup: ${early}, workers: 1, reporter: "list" };`,
  "a.spec.ts": 'import { test } from "@playwright/test"; test("judged", () => {});',
};
function run(input: string) {
  using project = inlineProject(files);
  const { status, stdout, stderr } = spawnSync(process.execPath, playwright, {
    ...{ cwd: project.dir, input, encoding: "utf8" },
  });
  return { status, output: `${stdout}${stderr}` };
}

test("after the signal, the loaded tests run", () => {
  const { status, output } = run(startSignal);
  expect(output).toContain("1 passed");
  expect(status).toBe(0);
});

for (const input of ["", "jud"])
  test(`without the signal nothing is judged, and the run does not pass: ${JSON.stringify(input)}`, () => {
    const { status, output } = run(input);
    expect(output).toContain("the run ended before there was anything to judge");
    expect(output).not.toContain("passed");
    expect(status).not.toBe(0);
  });
