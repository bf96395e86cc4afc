// Where two stand-ins are judged side by side, each requirement is judged on one of them: on none would be silence.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { register } from "./register.ts";

const cli = join(import.meta.dirname, "../node_modules/@playwright/test/cli.js");

/** The requirements whose specs Playwright would run. */
function judged(lane: string, projects: readonly string[]): string[] {
  const chosen = projects.flatMap((name) => ["--project", name]);
  const env = { ...process.env, PHOENIX_LANE: lane, PHOENIX_RUN: "" };
  const list = execFileSync(process.execPath, [cli, "test", "--list", "--reporter=list", ...chosen], {
    env,
    encoding: "utf8",
  });
  return [...list.matchAll(/› ([A-Z]{3}-\d{3}) /g)].map(([, id = ""]) => id).sort();
}

const all = register.map(({ id }) => id).sort();

test("on one stand-in all of them", () => {
  expect(judged("", ["judge", "act"])).toEqual(all);
});

test("on two each of them once", () => {
  const [first, second] = [judged("first", ["judge", "act"]), judged("second", ["act"])];
  expect([...first, ...second].sort()).toEqual(all);
  expect(second, "what undoes everything has nobody beside it that needs what it undoes").toContain(
    "OPS-002",
  );
});
