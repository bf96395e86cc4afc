// Which tests a Playwright command takes: what takes the plan back is a part of a run, and of nothing else.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { register } from "../../specs/register/register.ts";
import { project } from "./child.ts";
import { lastOf } from "./test-runner.ts";

const playwright = join(project, "node_modules", "@playwright", "test", "cli.js");
const storage = "specs/storage/STO-001-declared-volume-path.spec.ts";
const rollback = "OPS-002 a rollback restores every byte and mode";

/** The listed tests, as `[project] … title`. */
function listed(args: readonly string[], last = ""): string[] {
  const { stdout, stderr, status } = spawnSync(process.execPath, [playwright, "test", "--list", ...args], {
    ...{ cwd: project, encoding: "utf8" },
    env: { ...process.env, PHOENIX_LAST: last, PHOENIX_RUN: "", TEST_WORKER_INDEX: undefined },
  });
  expect(status, stdout + stderr).toBe(0);
  return stdout.split("\n").filter((line) => line.includes(" › "));
}
const rollbacks = (lines: readonly string[]) => lines.filter((line) => line.includes(rollback));

test("one spec file brings nothing but its own tests", () => {
  const lines = listed([storage]);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => !line.includes("STO-001"))).toEqual([]);
});

test("a spec that acts brings no rollback, by file or by project", () => {
  expect(rollbacks(listed(["specs/storage"]))).toEqual([]);
  expect(rollbacks(listed(["--project=act", "--project=judge", "--project=controls"]))).toEqual([]);
});

for (const last of ["after", "any"])
  test(`a run asks for it, and gets it once: ${last}`, () => {
    const lines = listed(["--project=judge", "--project=act", "--project=last"], last);
    expect(rollbacks(lines)).toHaveLength(1);
    expect(lines.filter((line) => /\[(judge|act|last)\]/.test(line))).toHaveLength(register.length);
  });

test("a run that judges some requirements brings no rollback unless it is one of them: a teardown ignores --grep", () => {
  const few = ["DEP-002-", "STO-004-", "--grep", "@(DEP-002|STO-004)\\b.*@requirement\\b"];
  const act = ["--project=judge", "--project=act"];
  const withhold: string[] = [];
  const only = ["DEP-002", "STO-004"];
  expect(rollbacks(listed([...few, ...act], "after")), "what Playwright does with a teardown").toHaveLength(
    1,
  );
  expect(rollbacks(listed([...few, ...act], lastOf({ projects: ["judge", "act"], only, withhold })))).toEqual(
    [],
  );
  const asked = ["OPS-002-", "--grep", "@(OPS-002)\\b.*@requirement\\b", "--project=last"];
  const lines = listed(asked, lastOf({ projects: ["last"], only: ["OPS-002"], withhold }));
  expect(lines).toEqual(rollbacks(lines));
  expect(lines).toHaveLength(1);
});
