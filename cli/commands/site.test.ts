// The command `site`: what it writes if a document can't be read.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { writeTwoTargets } from "../../reports/site/sample-nights.ts";
import { site } from "./site.ts";

const words = (markup: string) => markup.replaceAll(/<[^>]*>/g, "");

test("a document that is half written is left out and named: the rest is built, its target has no result, and the exit code is 2", () => {
  const runs = writeTwoTargets(test.info().outputPath("runs"));
  const out = test.info().outputPath("site");
  let printed = "";
  const make = () => site({ runs: [runs], out, print: (text) => (printed += text) });
  expect(make()).toBe(0);
  const file = join(runs, "prod", "2026-03-02T02-00-00Z", "run.json");
  const whole = readFileSync(file, "utf8");
  writeFileSync(file, whole.slice(0, whole.length / 2));
  printed = "";
  expect(make()).toBe(2);
  expect(printed).toContain(`Left out, since they can't be read:\n    ${file}\n`);
  expect(printed).toMatch(/Next:\n {4}ls -l /);
  const index = words(readFileSync(join(out, "index.html"), "utf8"));
  expect(index).toContain(
    "1 document of runs can't be read, and is left out:prod/2026-03-02T02-00-00Z/run.json: ",
  );
  expect(index).not.toContain(runs);
  expect(index).toContain(
    "! no resultits document can&#39;t be read: prod/2026-03-02T02-00-00Z/run.json. The result before it, of 2026-03-01 02:00 UTC: ✓ pass",
  );
  const prod = words(readFileSync(join(out, "targets", "prod.html"), "utf8"));
  expect(prod).toContain("prod: ! no result");
  expect(prod).toContain(
    "bring prod/2026-03-02T02-00-00Z/run.json back from a copy, or judge the target again:",
  );
  expect(words(readFileSync(join(out, "targets", "edge.html"), "utf8"))).toContain("edge: ✓ pass");
  writeFileSync(file, whole);
  expect(make(), "it is read again").toBe(0);
});
