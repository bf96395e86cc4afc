// The one place besides the command line that reads the environment: which run and phase is judged, with which programs.
import { join } from "node:path";
import { defineConfig, type ReporterDescription } from "@playwright/test";
import { allureOptions } from "./reports/allure-options.ts";
import { register as requirements } from "./specs/register.ts";

const { PHOENIX_RUN = "", PHOENIX_PHASE = "after", PHOENIX_TARGET = "", PHOENIX_WITHHOLD = "" } = process.env;
const { PHOENIX_ENGINE = "", PHOENIX_IMAGE = "", PHOENIX_SCRATCH = "" } = process.env;
const { PHOENIX_BROWSER = "/usr/bin/chromium", PHOENIX_CERTUTIL = "/usr/bin/certutil" } = process.env;

const phaseDir = join(PHOENIX_RUN, PHOENIX_PHASE);
const run = { phase: PHOENIX_PHASE, target: PHOENIX_TARGET };

/** Verdicts and Allure results are written for a run alone; tests of our own code only print. */
const reporter: ReporterDescription[] = [["list"]];
if (PHOENIX_RUN) {
  const register = join(import.meta.dirname, "specs/register.json");
  reporter.push(["./reports/reporter.ts", { outDir: phaseDir, register, ...run }]);
  const resultsDir = join(phaseDir, "allure-results");
  reporter.push(["allure-playwright", allureOptions({ resultsDir, register: requirements, ...run })]);
}

// What changes the target as a whole comes last, in a project of its own.
const last = /@OPS-002\b/;

export default defineConfig({
  forbidOnly: true,
  retries: 0,
  reporter,
  outputDir: PHOENIX_RUN ? join(phaseDir, "artifacts") : "test-results",
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    run: PHOENIX_RUN,
    phase: PHOENIX_PHASE,
    withhold: PHOENIX_WITHHOLD.split(",").filter(Boolean),
    browserPrograms: { executable: PHOENIX_BROWSER, certutil: PHOENIX_CERTUTIL },
    engineHost: PHOENIX_ENGINE,
    image: PHOENIX_IMAGE,
    scratch: PHOENIX_SCRATCH,
  } as object,
  projects: [
    { name: "unit", testMatch: "**/*.test.ts", fullyParallel: true },
    { name: "contract", testMatch: "**/*.contract.ts" },
    { name: "judge", testMatch: "**/*.spec.ts", grep: /@requirement\b/, grepInvert: last },
    { name: "controls", testMatch: "**/*.spec.ts", grep: /@control\b/, grepInvert: last },
    { name: "last", testMatch: "**/*.spec.ts", grep: last },
  ],
});
