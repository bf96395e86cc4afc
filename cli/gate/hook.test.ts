// The gate in a git hook: the hook's own repository, index and object store do not reach the repository that is judged.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { writePlannedSample } from "./planned-tree.ts";

const treeRoot = "usr/local/phoenix_hypervisor";
let folder: string;

test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hooks-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A repository of the sample tree after the plan, with some files changed, in one commit. */
function repository(name: string, changed: Readonly<Record<string, string>> = {}): string {
  const path = join(folder, name);
  writePlannedSample(path);
  for (const [file, text] of Object.entries(changed)) writeFileSync(join(path, file), text);
  const author = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.invalid"];
  for (const args of [
    ["init", "--quiet"],
    ["add", "--all"],
    ["commit", "--quiet", "--message", "one"],
  ])
    execFileSync("git", ["-C", path, ...author, ...args]);
  return path;
}

for (const variables of [
  (other: string) => ({ GIT_DIR: join(other, ".git") }),
  (other: string) => ({
    GIT_DIR: join(other, ".git"),
    GIT_WORK_TREE: other,
    GIT_INDEX_FILE: join(other, ".git/index"),
  }),
  (other: string) => ({
    GIT_OBJECT_DIRECTORY: join(other, ".git/objects"),
    GIT_COMMON_DIR: join(other, ".git"),
  }),
])
  test(`the gate judges the repository that it is given: ${Object.keys(variables("")).join(", ")} of a hook`, () => {
    const good = repository("good");
    const bad = repository("bad", { [`${treeRoot}/etc/phoenix_vm_configs.json`]: "{" });
    const main = join(import.meta.dirname, "../main.ts");
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [main, "gate", "--tree", `${bad}@HEAD`, "--base", `${good}@HEAD`, "--json"],
      { encoding: "utf8", env: { ...process.env, ...variables(good) } },
    );
    expect(status, stderr).toBe(1);
    expect(JSON.parse(stdout).targets[0].findings).toContainEqual(
      expect.objectContaining({ rule: "json", change: "new" }),
    );
  });
