// The npm package: packed from this checkout, installed in a folder that is not one, and run from another.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
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

test("doctor lists what the installed tool needs: nothing that only tests of the checkout do", () => {
  const { items } = JSON.parse(run("doctor", "--json").stdout) as { items: { name: string }[] };
  const names = items.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["node", "Chromium", "shellcheck", "nginx"]));
  expect(names.filter((name) => ["fish", "zsh", "tcsh", "visudo", "sshd", "jq"].includes(name))).toEqual([]);
});

test("the image's steps and the documentation are the same commands, and the tool knows each of them", () => {
  const read = (name: string) => readFileSync(join(project, name), "utf8");
  const { name, bin } = JSON.parse(read("package.json")) as { name: string; bin: Record<string, string> };
  const [tool = ""] = Object.keys(bin);
  const image = read("docs/pipelines/Dockerfile").replaceAll(/\\\n\s*/g, "");
  const page = read("docs/package.md");
  expect(image).toMatch(new RegExp(`^ENTRYPOINT \\["${tool}"\\]$`, "m"));
  // The package that `npm pack` writes is what is copied and installed.
  expect(image).toMatch(new RegExp(`^COPY ${name}-\\*\\.tgz /tmp/$`, "m"));
  expect(image).toMatch(
    new RegExp(`^RUN npm install --global [^&]*/tmp/${name}-\\*\\.tgz && ${tool} doctor --install && `, "m"),
  );
  expect(page).toContain(`npx ${tool} doctor --install`);
  expect(page).toContain(`docker build --file docs/pipelines/Dockerfile --tag ${tool} .`);
  const typed = [...page.matchAll(new RegExp(`^(?:npx|docker run .*) ${tool} (\\S.*)$`, "gm"))].map(
    ([, words = ""]) => words,
  );
  expect(typed.length).toBeGreaterThan(4);
  for (const words of typed) {
    const [command = "", ...rest] = words.replace(/\s+#.*/, "").split(" ");
    const { status, stdout } = run("help", command);
    expect(status, words).toBe(0);
    for (const option of rest.filter((word) => word.startsWith("--")))
      expect(stdout, words).toContain(` ${option}`);
  }
});

test("a dependency that npm did not install is named", () => {
  for (const name of readdirSync(packages)) if (name !== "phoenix-acceptance") rmSync(join(packages, name));
  rmSync(join(folder, "cache"), { recursive: true });
  link("ajv");
  const { status, stderr } = run("--help");
  expect(stderr).toMatch(/packages of npm are missing: ajv \d/);
  expect(status).toBe(3);
});
