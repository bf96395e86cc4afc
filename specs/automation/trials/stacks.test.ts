// Checks of a run of the docker feature: green when it did what it should, red for the right reason.
import { expect, test } from "@playwright/test";
import type { FeatureRun } from "./feature.ts";
import { leavesStraysAlone, reportsTheBroken, startsWithDockerThere } from "./stacks.ts";

const healthy: FeatureRun = {
  docker: "active",
  code: 0,
  said: "[INFO] Docker runs already.\nn ended with 0\n",
  states: new Map([["own", "running"]]),
  name: "n",
  mountPoint: "/persistent-storage",
};
const seen = (changes: Partial<FeatureRun> & { state?: Record<string, string> } = {}): FeatureRun => ({
  ...healthy,
  ...changes,
  states: new Map(Object.entries(changes.state ?? { own: "running" })),
});
const failing = (checks: ReturnType<typeof startsWithDockerThere>) =>
  checks.filter(({ ok }) => !ok).map(({ where, found }) => `${where}: ${found}`);

test("docker already runs: a stack runs afterwards", () => {
  expect(failing(startsWithDockerThere(seen()))).toEqual([]);
});

for (const [what, changes, words] of [
  ["no container", { state: {} }, ["VM: /persistent-storage/n/docker-compose.yml: no container"]],
  [
    "a container that ended",
    { state: { own: "exited" } },
    ["VM: /persistent-storage/n/docker-compose.yml: exited"],
  ],
  ["a docker that did not run", { docker: "inactive" }, ["docker before the feature: inactive"]],
  [
    "a feature that failed",
    { code: 1, said: "x\n[FATAL] no user\n" },
    ["exit code of the feature: 1: [FATAL] no user"],
  ],
] as const)
  test(`docker already runs: refuted by ${what}`, () => {
    expect(failing(startsWithDockerThere(seen(changes)))).toEqual(words);
  });

test("strays: only the stack beside them is started", () => {
  expect(failing(leavesStraysAlone(seen()))).toEqual([]);
});

for (const [service, path] of [
  ["nested", "n/stray-n/docker-compose.yml"],
  ["hidden", ".n/docker-compose.yml"],
  ["backup", "n/docker-compose.yml.bak"],
] as const)
  test(`strays: refuted by a started stray: ${service}`, () => {
    expect(failing(leavesStraysAlone(seen({ state: { own: "running", [service]: "exited" } })))).toEqual([
      `VM: /persistent-storage/${path}: exited`,
    ]);
  });

test("strays: a feature that starts nothing at all proves nothing", () => {
  expect(failing(leavesStraysAlone(seen({ state: {} })))).toHaveLength(1);
});

const info = "[INFO] Starting the stack of /persistent-storage/n/docker-compose.yml\n";
const fatal = "[FATAL] The stack of /persistent-storage/n/docker-compose.yml could not be started.\n";

test("a broken stack: reported by name, with an exit code", () => {
  expect(failing(reportsTheBroken(seen({ code: 1, said: info + fatal })))).toEqual([]);
});

test("a broken stack: refuted by exit code 0", () => {
  expect(failing(reportsTheBroken(seen({ code: 0, said: info + fatal })))).toEqual([
    "exit code of the feature: 0",
  ]);
});

test("a broken stack: refuted by an error that does not name the stack, though an earlier line does", () => {
  const said = `${info}ERROR: Volume missing declared as external, but could not be found\nn ended with 1\n`;
  expect(failing(reportsTheBroken(seen({ code: 1, said })))[0]).toMatch(/^output of the feature: /);
});
