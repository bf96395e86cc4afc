// The ready-made pipelines: well-formed, and each command of theirs that runs the gate is one that the gate takes.
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
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

/** Every command that runs the gate, with its words. */
function gateCommands(text: string): string[] {
  return [...text.matchAll(/npm run (?:--silent )?phoenix -- (gate .*)$/gm)].map(
    ([, command = ""]) => command,
  );
}

test("the workflow is one, and the GitLab pipeline's jobs have scripts", () => {
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
    // The suite lies where the pipeline puts it: beside the tree.
    const suite = join(folder, "suite");
    mkdirSync(suite);
    const [command] = gateCommands(read(name));
    const line = `${process.execPath} ${join(project, "provision/cli.ts")} ${command}`;
    const variables = { BASE: "HEAD", CI_PROJECT_DIR: repository, CI_MERGE_REQUEST_DIFF_BASE_SHA: "HEAD" };
    const ran = spawnSync("sh", ["-c", line], {
      cwd: suite,
      env: { ...process.env, ...variables },
      encoding: "utf8",
    });
    expect([ran.status, ran.stderr.replaceAll(/^\(.*\n/gm, "")]).toEqual([0, ""]);
    for (const file of ["gate.xml", "gate.sarif", "gate.md"])
      expect(existsSync(join(folder, file))).toBe(true);
    // The nightly one needs an engine: its words are tried as far as the command line takes them.
    expect(gateCommands(read(name)).at(1)).toMatch(/--full --junit \S+ --markdown \S+$/);
  });
}

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

test("the hook gates what is staged and nothing else, and hands the exit code on", () => {
  const repository = join(folder, "tree");
  const git = commitSample(repository);
  const hook = join(repository, ".git/hooks/pre-commit");
  cpSync(join(pipelines, "pre-commit"), hook);
  chmodSync(hook, 0o755);
  const vms = join(repository, "usr/local/phoenix_hypervisor/etc/phoenix_vm_configs.json");
  const sound = readFileSync(vms, "utf8");
  const commit = () => {
    const ran = spawnSync("git", ["-C", repository, "commit", "--quiet", "--allow-empty", "-m", "x"], {
      encoding: "utf8",
    });
    return { code: ran.status, said: ran.stdout + ran.stderr };
  };
  // Without knowing where the suite is, nothing passes.
  expect(commit()).toMatchObject({ code: 1, said: expect.stringContaining("git config phoenix.acceptance") });
  git("config", "phoenix.acceptance", suiteWithout());
  writeFileSync(vms, sound.replace("/1001", "/8001"));
  git("add", "-A");
  writeFileSync(vms, sound);
  expect(commit()).toMatchObject({ code: 1, said: expect.stringContaining("STO-001") });
  git("add", "-A");
  writeFileSync(vms, sound.replace("/1001", "/8001"));
  expect(commit()).toMatchObject({ code: 0, said: expect.stringContaining("Nothing is newly broken") });
});

/** A suite whose `npm run phoenix` is this one's command line without its set-up, which other tests are about. */
function suiteWithout(): string {
  const suite = join(folder, "suite");
  mkdirSync(suite);
  const phoenix = `${process.execPath} ${join(project, "provision/cli.ts")}`;
  writeFileSync(join(suite, "package.json"), JSON.stringify({ name: "suite", scripts: { phoenix } }));
  return suite;
}
