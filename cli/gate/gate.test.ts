// The gate as a user runs it: twenty changes of one line, each with its verdict and its place.
import { execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { removeAtExit } from "../../fixtures/remove-at-exit.ts";
import { judgedTargets, type RunTarget } from "../../reports/run/run.ts";
import { project } from "../run/child.ts";
import { changes, changesTable } from "./changes.ts";
import { writePlannedSample } from "./planned-tree.ts";

const tree = "usr/local/phoenix_hypervisor";
const cli = join(import.meta.dirname, "../main.ts");
let folder: string;
let base: string;

test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gate-"));
  removeAtExit(folder);
  base = join(folder, "base");
  writePlannedSample(base);
});

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const gate = (...args: string[]) => gateWith({}, ...args);

function gateWith(environment: Record<string, string>, ...args: string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...environment };
    const child = spawn(process.execPath, [cli, "gate", ...args], {
      ...{ stdio: ["ignore", "pipe", "pipe"], env, cwd: environment.PWD },
    });
    const said = { out: "", err: "" };
    child.stdout.on("data", (piece) => (said.out += piece));
    child.stderr.on("data", (piece) => (said.err += piece));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...said }));
  });
}

/** The tree's result in the document that `--json` prints. */
const resultIn = (out: string) => judgedTargets(JSON.parse(out))[0] as RunTarget;

/** The base with one line changed. */
function changed(name: string, { file, from, to }: (typeof changes)[number]): { path: string; line: number } {
  const path = join(folder, name);
  cpSync(base, path, { recursive: true });
  const text = readFileSync(join(path, tree, file), "utf8");
  expect(text.split(from), `${from} is once in ${file}`).toHaveLength(2);
  writeFileSync(
    join(path, tree, file),
    text.replace(from, () => to),
  );
  return { path, line: text.slice(0, text.indexOf(from)).split("\n").length };
}

test("twenty changes, half of them harmless", () => {
  expect(changes).toHaveLength(20);
  expect(changes.filter(({ breaks }) => breaks === undefined)).toHaveLength(10);
});

for (const [index, change] of changes.entries()) {
  test(`${change.what}: ${change.breaks ?? "nothing is newly broken"}`, async () => {
    const { path, line } = changed(String(index), change);
    const { code, out } = await gate("--tree", path, "--base", base, "--json");
    const { findings, verdict } = resultIn(out);
    const news = findings?.filter(({ change: how }) => how === "new");
    if (change.breaks === undefined) {
      expect(news).toEqual([]);
      expect([verdict, code]).toEqual(["pass", 0]);
      return;
    }
    expect([verdict, code]).toEqual(["fail", 1]);
    const place = { file: `${tree}/${change.file}`, line: change.line ?? line };
    expect(news).toContainEqual(expect.objectContaining({ rule: change.breaks, ...place }));
  });
}

test("our sample tree without the plan fails each literal requirement that can be judged from files", async () => {
  const { code, out } = await gate("--tree", join(import.meta.dirname, "../../fixtures/phoenix"), "--json");
  expect(code).toBe(1);
  const { findings } = resultIn(out);
  for (const id of ["STO-001", "GWY-001", "FWL-001", "AUT-001"])
    expect(findings).toContainEqual(expect.objectContaining({ rule: id, change: "found" }));
});

test("a tree that is its own base has no new findings, and the old ones are listed", async () => {
  const { code, out } = await gate("--tree", base, "--base", base, "--json");
  expect(code).toBe(0);
  const { findings } = resultIn(out);
  expect(findings?.length).toBeGreaterThan(0);
  expect(new Set(findings?.map(({ change }) => change))).toEqual(new Set(["left"]));
});

test("paths are relative to the root of the repository, wherever the tree is in it", async () => {
  const inside = join(folder, "repository", "some", "where");
  cpSync(base, inside, { recursive: true });
  const git = (...args: string[]) => execFileSync("git", ["-C", join(folder, "repository"), ...args]);
  git("init", "--quiet");
  git("add", ".");
  const author = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.invalid"];
  git(...author, "commit", "--quiet", "--message", "the tree");
  const file = join(inside, tree, "etc/phoenix_vm_configs.json");
  writeFileSync(file, readFileSync(file, "utf8").replace("data/1001", "data/8001"));
  // Neither a folder of this name nor an @ makes it something else than a commit.
  mkdirSync(join(folder, "elsewhere", "stable@1"), { recursive: true });
  git("branch", "stable@1");
  const { out, code } = await gateWith(
    { PWD: join(folder, "elsewhere") },
    ...["--tree", inside, "--base", "stable@1", "--json"],
  );
  const { findings } = resultIn(out);
  expect([code, findings?.find(({ change }) => change === "new")]).toEqual([
    1,
    expect.objectContaining({ rule: "STO-001", file: `some/where/${tree}/etc/phoenix_vm_configs.json` }),
  ]);
});

test("a check that can't be run is no pass: the judge says so, and the command does not start", async () => {
  // Of the system's programs there is only the one that reads a tree: no bash, no shellcheck.
  const bin = join(folder, "bin");
  mkdirSync(bin);
  symlinkSync(execFileSync("sh", ["-c", "command -v tar"], { encoding: "utf8" }).trim(), join(bin, "tar"));
  const archive = join(folder, "tree.tar");
  execFileSync("tar", ["-C", base, "-cf", archive, tree]);
  const judge = join(project, "specs", "static", "main.ts");
  const input = JSON.stringify({ tree: archive });
  const out = execFileSync(process.execPath, [judge], { input, encoding: "utf8", env: { PATH: bin } });
  const { unknown } = JSON.parse(out).tree as { unknown: { rule: string }[] };
  expect(unknown.map(({ rule }) => rule)).toEqual(expect.arrayContaining(["bash", "shellcheck", "nginx"]));
  const { code, err } = await gateWith({ PATH: bin }, "--tree", base, "--base", base, "--json");
  expect([code, err.split("\n")[0]]).toEqual([
    3,
    expect.stringMatching(/`gate` needs.*bash, shellcheck.* missing/),
  ]);
});

test("a folder that is not a tree is refused, with what to type next", async () => {
  const { code, err } = await gate("--tree", folder);
  expect(code).toBe(3);
  expect(err).toContain("Not a Phoenix tree");
  const other = await gate("--tree", base, "--base", "no-such-commit");
  expect([other.code, other.err.includes("no-such-commit")]).toEqual([3, true]);
});

test("report files are written to the given paths", async () => {
  const place = (name: string) => join(folder, name);
  const { path } = changed("outputs", changes[0] as (typeof changes)[number]);
  const wanted = { junit: "junit.xml", sarif: "gate.sarif", markdown: "gate.md", json: "gate.json" };
  const args = Object.entries(wanted).flatMap(([form, name]) => ["--format", `${form}=${place(name)}`]);
  await gate("--tree", path, "--base", base, ...args);
  for (const name of Object.values(wanted)) expect(readFileSync(place(name), "utf8")).toContain("STO-001");
  const refused = await gate("--tree", path, "--format", `junit=${join(folder, "no/such/folder.xml")}`);
  expect([refused.code, existsSync(join(folder, "no"))]).toEqual([3, false]);
  const unknown = await gate("--tree", path, "--format", "html=x.html");
  expect([unknown.code, unknown.err]).toEqual([
    3,
    expect.stringContaining("NAME or NAME=FILE with one of json, junit,"),
  ]);
});

test("docs/gate-changes.md has this list", () => {
  expect(readFileSync(join(import.meta.dirname, "../../docs/gate-changes.md"), "utf8")).toContain(
    changesTable(),
  );
});
