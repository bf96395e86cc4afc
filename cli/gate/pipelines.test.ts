// The ready-made pipelines: they are well-formed, and each of their commands runs.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { writePlannedSample } from "./planned-tree.ts";

const project = join(import.meta.dirname, "../..");
const pipelines = join(project, "docs/pipelines");
const read = (name: string) => readFileSync(join(pipelines, name), "utf8");
let folder: string;

test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pipelines-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

const steps = {
  type: "array",
  minItems: 1,
  items: {
    type: "object",
    additionalProperties: false,
    oneOf: [{ required: ["uses"] }, { required: ["run"] }],
    properties: {
      ...{
        name: { type: "string" },
        if: { type: "string" },
        uses: { type: "string", pattern: "^[\\w-]+/[\\w/-]+@v\\d+$" },
      },
      ...{
        shell: { const: "node {0}" },
        run: { type: "string" },
        with: { type: "object" },
        env: { type: "object" },
        "working-directory": { type: "string" },
      },
    },
  },
};
const workflow = new Ajv({ strict: false }).compile({
  type: "object",
  required: ["on", "jobs"],
  properties: {
    jobs: {
      type: "object",
      minProperties: 1,
      additionalProperties: {
        type: "object",
        required: ["runs-on", "steps"],
        properties: { steps, "timeout-minutes": { type: "integer" } },
      },
    },
  },
});

/** Every gate command in a pipeline, with its arguments. */
function gateCommands(text: string): string[] {
  return [...text.matchAll(/npm run (?:--silent )?phoenix -- (gate .*)$/gm)].map(
    ([, command = ""]) => command,
  );
}

test("the workflow that verifies has its required shape", () => {
  const actions: unknown = parse(read("verify-github-actions.yml"));
  expect(workflow(actions) ? [] : workflow.errors).toEqual([]);
});

for (const [name, variables] of [
  ["verify-github-actions.yml", (part: number) => ({ PART: `${part}`, PARTS: "2" })],
  ["verify-gitlab-ci.yml", (part: number) => ({ CI_NODE_INDEX: `${part}`, CI_NODE_TOTAL: "2" })],
] as const)
  test(`${name} judges every target of an inventory in two parts, and merges them`, async () => {
    const [verify = "", merge = "", ...more] = read(name)
      .split("\n")
      .flatMap((line) => line.split(/npm run --silent phoenix -- (?=verify)/)[1] ?? []);
    expect(more).toEqual([]);
    const suite = join(folder, "suite");
    for (const made of [suite, join(folder, "inventory"), join(folder, "parts")]) mkdirSync(made);
    const ssh = { host: "127.0.0.1", port: 1, user: "root", agent: true, hostKey: "ssh-ed25519 AAAA" };
    const trust = { gatewayFile: "/etc/nginx/ssl/portainer.crt" };
    const entry = {
      ssh,
      tree: "/usr/local/phoenix_hypervisor",
      url: "https://portainer.phoenix.local",
      trust,
      allows: ["observe"],
    };
    for (const at of ["inventory/targets.yaml", "targets.yaml"])
      writeFileSync(join(folder, at), JSON.stringify({ targets: { a: entry, b: entry, c: entry } }));
    const run = (command: string, env: object) => {
      const child = spawn("sh", ["-c", `${process.execPath} ${join(project, "cli/main.ts")} ${command}`], {
        ...{ cwd: suite, env: { ...process.env, ...env, SSH_AUTH_SOCK: "" } },
      });
      let out = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (out += text));
      return new Promise<{ code: number | null; out: string }>((resolve) =>
        child.once("close", (code) => resolve({ code, out })),
      );
    };
    // No target can be reached: each part says so of its own.
    const parts = await Promise.all([1, 2].map((part) => run(verify, variables(part))));
    const codes = parts.map(({ code }) => code);
    expect(readdirSync(join(folder, "parts")).toSorted()).toEqual(["1.json", "2.json"]);
    const merged = await run(merge, {});
    expect(merged.out.match(/^[abc] +\d/gm), merged.out).toHaveLength(3);
    expect(codes, JSON.stringify(parts)).toEqual([merged.code, merged.code]);
    expect(merged.code).toBeGreaterThan(1);
  });

test("the GitHub workflow has its required shape, and each GitLab job has a script", () => {
  const actions: unknown = parse(read("github-actions.yml"));
  expect(workflow(actions) ? [] : workflow.errors).toEqual([]);
  const { stages, ...jobs } = parse(read("gitlab-ci.yml")) as Record<
    string,
    { script?: string[]; extends?: string }
  >;
  expect(stages).toEqual(["gate"]);
  const run = Object.entries(jobs).filter(([name]) => !name.startsWith("."));
  expect(run.map(([name]) => name)).toEqual(["gate", "nightly"]);
  for (const [, job] of run) expect(job.script?.length).toBeGreaterThan(0);
});

for (const name of ["github-actions.yml", "gitlab-ci.yml"]) {
  test(`the gate of ${name} runs as it is written`, () => {
    const repository = join(folder, "tree");
    commitSample(repository);
    // The suite is beside the tree, as in the pipeline.
    const suite = join(folder, "suite");
    mkdirSync(suite);
    const [command] = gateCommands(read(name));
    const line = `${process.execPath} ${join(project, "cli/main.ts")} ${command}`;
    const variables = { BASE: "HEAD", CI_PROJECT_DIR: repository, CI_MERGE_REQUEST_DIFF_BASE_SHA: "HEAD" };
    const ran = spawnSync("sh", ["-c", line], {
      cwd: suite,
      env: { ...process.env, ...variables },
      encoding: "utf8",
    });
    expect([ran.status, ran.stderr.replaceAll(/^\(.*\n/gm, "")]).toEqual([0, ""]);
    for (const file of ["gate.xml", "gate.sarif", "gate.md"])
      expect(existsSync(join(folder, file))).toBe(true);
    // The nightly gate needs an engine, so only its arguments are checked.
    expect(gateCommands(read(name)).at(1)).toMatch(/--full --format junit=\S+ --format markdown=\S+$/);
  });
}

test("the workflow uploads only new findings", () => {
  const { jobs } = parse(read("github-actions.yml")) as {
    jobs: { gate: { steps: { shell?: string; run?: string; with?: { sarif_file?: string } }[] } };
  };
  const script = jobs.gate.steps.find(({ shell }) => shell)?.run ?? "";
  const results = ["new", "unchanged", "absent"].map((baselineState) => ({ baselineState }));
  writeFileSync(join(folder, "gate.sarif"), JSON.stringify({ runs: [{ results }] }));
  // As the runner does it: the file has no extension.
  writeFileSync(join(folder, "script"), script);
  execFileSync(process.execPath, ["script"], { cwd: folder });
  const upload = jobs.gate.steps.find((step) => step.with?.sarif_file)?.with?.sarif_file ?? "";
  expect(JSON.parse(readFileSync(join(folder, upload), "utf8"))).toEqual({
    runs: [{ results: [{ baselineState: "new" }] }],
  });
});

test("the pre-commit framework's sample names the hook", () => {
  const [hook] = parse(read("pre-commit-hooks.yaml")) as Record<string, unknown>[];
  expect(hook).toMatchObject({ language: "script", pass_filenames: false, always_run: true });
  expect(existsSync(join(project, String(hook?.entry)))).toBe(true);
});

/** A repository with the hook, and an `npm` that writes down its arguments and ends with the given code. */
function hooked() {
  const repository = join(folder, "a tree");
  const git = commitSample(repository);
  const suite = join(folder, "the suite");
  const bin = join(folder, "bin");
  for (const made of [suite, bin]) mkdirSync(made);
  writeFileSync(join(suite, "package.json"), "{}");
  const note = `#!/bin/sh
printf '%s\\n' "$@" > "$NOTES/argv"
env > "$NOTES/env"
for word; do case $word in "$TMPDIR"/*) cp -R "$word" "$NOTES/staged"; printf '%s' "$word" > "$NOTES/place" ;; esac; done
if [ "$CODE" = TERM ]; then kill -TERM "$(cat "$NOTES/hook")"; fi
exit "$CODE"
`;
  writeFileSync(join(bin, "npm"), note, { mode: 0o755 });
  git("config", "phoenix.acceptance", suite);
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  const run = (code: string, cwd = repository, more: Record<string, string> = {}) => {
    rmSync(join(folder, "staged"), { recursive: true, force: true });
    const words = 'echo $$ > "$NOTES/hook"; exec sh "$0"';
    return spawnSync("sh", ["-c", words, join(pipelines, "pre-commit")], {
      cwd,
      encoding: "utf8",
      env: {
        ...process.env,
        ...{ PATH: `${bin}:${process.env.PATH}`, NOTES: folder, TMPDIR: temporary, CODE: code, ...more },
      },
    });
  };
  const noted = (name: string) => readFileSync(join(folder, name), "utf8");
  return { repository, suite, git, run, noted, temporary };
}

test("the hook judges the index against HEAD, passes on every exit code, and cleans up", () => {
  const { repository, git, run, noted, temporary } = hooked();
  const file = join(repository, "a file");
  writeFileSync(file, "staged");
  git("add", "-A");
  writeFileSync(file, "not staged");
  writeFileSync(join(repository, "unknown to git"), "x");
  for (const code of [0, 1, 2, 3, 4, 70]) {
    const { status, stderr } = run(`${code}`);
    expect(status).toBe(code);
    expect(stderr.includes("is unknown")).toBe(code === 2);
    expect(stderr.includes("--no-verify")).toBe(code !== 0);
  }
  expect(noted("argv").split("\n").slice(0, -1)).toEqual([
    ...["run", "--silent", "phoenix", "--", "gate", "--tree", noted("place")],
    ...["--base", `${repository}@HEAD`],
  ]);
  expect(noted("staged/a file")).toBe("staged");
  expect(existsSync(join(folder, "staged/unknown to git"))).toBe(false);
  expect(run("TERM").status).toBe(143);
  expect(readdirSync(temporary)).toEqual([]);
});

test("the hook judges a first commit without a base, and hides this repository's index from the suite", () => {
  const { repository, git, run, noted } = hooked();
  git("checkout", "--quiet", "--orphan", "first");
  const index = join(repository, ".git/index");
  expect(run("0", repository, { GIT_INDEX_FILE: index, GIT_DIR: join(repository, ".git") }).status).toBe(0);
  expect(noted("argv")).not.toContain("--base");
  expect(noted("env")).not.toMatch(/^GIT_(INDEX_FILE|DIR)=/m);
});

test("the hook reports a missing suite, with an exit code of its own", () => {
  const { git, run, suite } = hooked();
  git("config", "phoenix.acceptance", join(folder, "nowhere"));
  expect(run("0")).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("is not the folder of a suite"),
  });
  git("config", "phoenix.acceptance", "~/the suite");
  expect(run("0", undefined, { HOME: join(suite, "..") }).status).toBe(0);
});

function commitSample(repository: string): (...args: string[]) => string {
  writePlannedSample(repository);
  const git = (...args: string[]) => execFileSync("git", ["-C", repository, ...args], { encoding: "utf8" });
  git("init", "--quiet");
  git("config", "user.email", "a@b.c");
  git("config", "user.name", "a");
  git("add", "-A");
  git("commit", "--quiet", "-m", "a tree");
  return git;
}

test("the hook judges only what is staged, and passes on the exit code", () => {
  const repository = join(folder, "tree");
  const git = commitSample(repository);
  const hook = join(repository, ".git/hooks/pre-commit");
  cpSync(join(pipelines, "pre-commit"), hook);
  chmodSync(hook, 0o755);
  const vms = join(repository, "usr/local/phoenix_hypervisor/etc/phoenix_vm_configs.json");
  const healthy = readFileSync(vms, "utf8");
  const commit = () => {
    const ran = spawnSync("git", ["-C", repository, "commit", "--quiet", "--allow-empty", "-m", "x"], {
      encoding: "utf8",
    });
    return { code: ran.status, said: ran.stdout + ran.stderr };
  };
  // Without a configured suite nothing passes.
  expect(commit()).toMatchObject({ code: 1, said: expect.stringContaining("git config phoenix.acceptance") });
  git("config", "phoenix.acceptance", suiteWithout());
  writeFileSync(vms, healthy.replace("/1001", "/8001"));
  git("add", "-A");
  writeFileSync(vms, healthy);
  expect(commit()).toMatchObject({ code: 1, said: expect.stringContaining("STO-001") });
  git("add", "-A");
  writeFileSync(vms, healthy.replace("/1001", "/8001"));
  expect(commit()).toMatchObject({ code: 0, said: expect.stringContaining("Nothing is newly broken") });
});

/** A suite whose `npm run phoenix` runs this command line without the set-up, which has its own tests. */
function suiteWithout(): string {
  const suite = join(folder, "suite");
  mkdirSync(suite);
  const phoenix = `${process.execPath} ${join(project, "cli/main.ts")}`;
  writeFileSync(join(suite, "package.json"), JSON.stringify({ name: "suite", scripts: { phoenix } }));
  return suite;
}
