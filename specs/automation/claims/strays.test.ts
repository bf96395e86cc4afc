// The claim that only stacks in the volume's root run, on a sample.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { container, sample } from "../../testing/evidence-builder.ts";
import { nothingElseRuns } from "./strays.ts";

const running = (WorkingDir: string | null) =>
  sample({
    "docker-host": {
      containers: JSON.stringify({ ...container, Compose: { ...container.Compose, WorkingDir } }),
    },
  });

for (const dir of ["/persistent-storage", "/persistent-storage/portainer", "/srv/a/b/c", null])
  test(`strays: a stack in ${dir} may run`, () => {
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
  test(`strays: refuted by a stack in ${dir}`, () => {
    const { verdict, checks } = judge(nothingElseRuns, running(dir));
    expect(verdict).toBe("fail");
    expect(checks.at(-1)).toMatchObject({ found: `portainer of ${dir}`, next: "docker rm -f portainer" });
  });

test("strays: unknown without evidence from docker", () => {
  expect(judge(nothingElseRuns, sample({ "docker-host": { containers: undefined } }))).toMatchObject({
    verdict: "unknown",
  });
});
