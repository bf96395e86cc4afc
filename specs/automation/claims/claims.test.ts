// What a run of the docker feature shows, and what runs on the volume: green where it is healthy, red for the right reason.
import { expect, test } from "@playwright/test";
import { CannotTell } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Answer } from "../../../fixtures/evidence/fact.ts";
import { judge } from "../../../fixtures/judgement.ts";
import { container, sample, treeFile } from "../../testing/evidence-builder.ts";
import type { FeatureRun } from "../trials/feature.ts";
import { leavesStraysAlone, reportsTheBroken, startsWithDockerThere } from "../trials/stacks.ts";
import { validScript } from "./script.ts";
import { nothingElseRuns } from "./strays.ts";

const healthy: FeatureRun = {
  docker: "active",
  code: 0,
  said: "[INFO] Docker runs already.\nn ended with 0\n",
  states: new Map([["own", "running"]]),
  name: "n",
};
const seen = (changes: Partial<FeatureRun> & { state?: Record<string, string> } = {}): FeatureRun => ({
  ...healthy,
  ...changes,
  states: new Map(Object.entries(changes.state ?? { own: "running" })),
});
const failing = (checks: ReturnType<typeof startsWithDockerThere>) =>
  checks.filter(({ ok }) => !ok).map(({ where, found }) => `${where}: ${found}`);

test("docker there already: a stack that runs afterwards", () => {
  expect(failing(startsWithDockerThere(seen()))).toEqual([]);
});

for (const [what, changes, words] of [
  ["no container", { state: {} }, ["VM: /persistent-storage/n/docker-compose.yml: no container"]],
  [
    "a container that ended",
    { state: { own: "exited" } },
    ["VM: /persistent-storage/n/docker-compose.yml: exited"],
  ],
  ["a docker that was not there", { docker: "inactive" }, ["docker before the feature: inactive"]],
  [
    "a feature that failed",
    { code: 1, said: "x\n[FATAL] no user\n" },
    ["exit code of the feature: 1: [FATAL] no user"],
  ],
] as const)
  test(`docker there already: refuted by ${what}`, () => {
    expect(failing(startsWithDockerThere(seen(changes)))).toEqual(words);
  });

test("strays: none is started beside a stack that is", () => {
  expect(failing(leavesStraysAlone(seen()))).toEqual([]);
});

for (const [service, path] of [
  ["nested", "n/stray-n/docker-compose.yml"],
  ["hidden", ".n/docker-compose.yml"],
  ["backup", "n/docker-compose.yml.bak"],
] as const)
  test(`strays: refuted by one that was started: ${service}`, () => {
    expect(failing(leavesStraysAlone(seen({ state: { own: "running", [service]: "exited" } })))).toEqual([
      `VM: /persistent-storage/${path}: exited`,
    ]);
  });

test("strays: a feature that starts nothing at all proves nothing", () => {
  expect(failing(leavesStraysAlone(seen({ state: {} })))).toHaveLength(1);
});

const told = "[INFO] Starting the stack of /persistent-storage/n/docker-compose.yml\n";
const fatal = "[FATAL] The stack of /persistent-storage/n/docker-compose.yml could not be started.\n";

test("a broken stack: reported by name, with an exit code", () => {
  expect(failing(reportsTheBroken(seen({ code: 1, said: told + fatal })))).toEqual([]);
});

test("a broken stack: refuted by exit code 0", () => {
  expect(failing(reportsTheBroken(seen({ code: 0, said: told + fatal })))).toEqual([
    "exit code of the feature: 0",
  ]);
});

test("a broken stack: refuted by an error that does not say which, though the stack was mentioned before", () => {
  const said = `${told}ERROR: Volume missing declared as external, but could not be found\nn ended with 1\n`;
  expect(failing(reportsTheBroken(seen({ code: 1, said })))[0]).toMatch(/^what the feature says: /);
});

const running = (WorkingDir: string | null) =>
  sample({
    "docker-host": {
      containers: JSON.stringify({ ...container, Compose: { ...container.Compose, WorkingDir } }),
    },
  });

for (const dir of ["/persistent-storage", "/persistent-storage/portainer", "/srv/a/b/c", null])
  test(`what runs: a stack of ${dir}`, () => {
    expect(judge(nothingElseRuns, running(dir))).toMatchObject({
      verdict: "pass",
      checks: [{}, {}, { found: "none" }],
    });
  });

for (const dir of [
  "/persistent-storage/portainer/copy",
  "/persistent-storage/.kept",
  "/persistent-storage/a/b/c",
])
  test(`what runs: refuted by a stack of ${dir}`, () => {
    const { verdict, checks } = judge(nothingElseRuns, running(dir));
    expect(verdict).toBe("fail");
    expect(checks.at(-1)).toMatchObject({ found: `portainer of ${dir}`, next: "docker rm -f portainer" });
  });

test("what runs: unknown where docker was not asked", () => {
  expect(judge(nothingElseRuns, sample({ "docker-host": { containers: undefined } }))).toMatchObject({
    verdict: "unknown",
  });
});

const feature = treeFile("bin/vm_features/feature_install_docker.sh");
const written = (text: string | Partial<Answer>) => sample({ hypervisor: { [feature]: text } });
const valid = (now: string | Partial<Answer>, old: string | Partial<Answer>) =>
  judge((e: Evidence) => validScript(e, () => written(old)), written(now));

test("a valid script: healthy, also with the faults that it had before, and better than before", () => {
  expect(valid("echo a\n", "echo a\n")).toMatchObject({
    verdict: "pass",
    checks: [{}, { found: "0 remarks, none new" }],
  });
  expect(valid("echo a\n\n\ncd $1 || exit\n", "cd $1 || exit\n")).toMatchObject({ verdict: "pass" });
  expect(valid("echo a\n", "cd $1 || exit\n")).toMatchObject({ verdict: "pass" });
});

for (const [what, now, old, words] of [
  ["an open block", "if true; then\n", "true\n", "unexpected end of file"],
  ["a new remark", "cd $1 || exit\n", "true\n", "line 1: SC2086"],
  [
    "a second remark of a kind that it had",
    "cd $1 || exit\ncd $2 || exit\n",
    "cd $1 || exit\n",
    "line 2: SC2086",
  ],
  ["no script", { code: 44 }, "true\n", "no such file"],
] as const)
  test(`a valid script: refuted by ${what}`, () => {
    const { verdict, checks } = valid(now, old);
    expect(verdict).toBe("fail");
    expect(JSON.stringify(checks.filter(({ ok }) => !ok))).toContain(words);
  });

test("a valid script: unknown where nobody saw it before, but a syntax error needs no before", () => {
  const never = () => {
    throw new CannotTell("no evidence was collected");
  };
  expect(judge((e: Evidence) => validScript(e, never), written("true\n"))).toMatchObject({
    verdict: "unknown",
  });
  expect(judge((e: Evidence) => validScript(e, never), written("fi\n"))).toMatchObject({ verdict: "fail" });
});
