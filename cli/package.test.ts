// The npm package: packed from this checkout, installed in a folder that is not one, and run from another.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";

const project = join(import.meta.dirname, "..");
let folder: string;
let packages: string;
let user: string;
const env = () => ({ ...process.env, XDG_CACHE_HOME: join(folder, "cache") });

test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "a package-"));
  packages = join(folder, "node_modules");
  user = join(folder, "user");
  for (const name of [user, join(packages, "phoenix-acceptance")]) mkdirSync(name, { recursive: true });
  const [packed = ""] = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
    ...{ cwd: project, encoding: "utf8" },
  }).split("\n");
  execFileSync("tar", [
    "-xzf",
    join(folder, packed),
    "--strip-components=1",
    "-C",
    join(packages, "phoenix-acceptance"),
  ]);
  link();
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What npm would install beside it, but for `without`. */
function link(without?: string): void {
  for (const name of readdirSync(join(project, "node_modules")).filter((one) => !one.startsWith(".")))
    if (name !== without) symlinkSync(join(project, "node_modules", name), join(packages, name));
}

function run(...args: string[]) {
  const program = join(packages, "phoenix-acceptance/cli/phoenix-acceptance");
  return spawnSync(program, args, { ...{ cwd: user, env: env(), encoding: "utf8", timeout: 60_000 } });
}

test("the installed command runs from any folder, is called by its own name, and leaves nothing there", () => {
  const { status, stdout, stderr } = run("help", "verify");
  expect(stderr).toBe("");
  expect(stdout).toContain("Usage: phoenix-acceptance verify [options]");
  expect(status).toBe(0);
  expect(readdirSync(user)).toEqual([]);
  expect(readdirSync(join(folder, "cache/phoenix-acceptance/packages"))).toHaveLength(1);
});

test("files are found from the user's folder, and the next command is one that they can type", () => {
  const { status, stderr } = run("verify", "--inventory", "targets.json");
  expect(stderr).toContain("targets.json");
  expect(status).toBe(3);
  expect(run("test")).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("phoenix-acceptance accept"),
  });
});

test("a dependency that npm did not install is named", () => {
  for (const name of readdirSync(packages)) if (name !== "phoenix-acceptance") rmSync(join(packages, name));
  rmSync(join(folder, "cache"), { recursive: true });
  link("ajv");
  const { status, stderr } = run("--help");
  expect(stderr).toMatch(/packages of npm are missing: ajv \d/);
  expect(status).toBe(3);
});
