// The claim about stacks on a sample: every stack on the volume runs.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { type Bad, expectSeen, resultOf } from "../../testing/claim-result.ts";
import { container, sample, treeFile } from "../../testing/evidence-builder.ts";
import { everyStackRuns } from "./stacks.ts";

const json = (value: object) => JSON.stringify(value);

const bad: readonly Bad[] = [
  [
    "no discovery",
    { hypervisor: { [treeFile("bin/vm_features/feature_install_docker.sh")]: "# docker-compose.yml up\n" } },
    "fail",
    "no search",
  ],
  [
    "a stack that stopped",
    {
      "docker-host": {
        containers: json({ ...container, State: { ...container.State, Running: false, Status: "exited" } }),
      },
    },
    "fail",
    "portainer is exited",
  ],
  ["no container", { "docker-host": { containers: "" } }, "fail", "no container of this stack"],
  ["no stack", { "docker-host": { "list stacks": "" } }, "fail", "a compose file"],
  [
    "no Docker",
    { "docker-host": { "docker active": { code: 3, out: "inactive\n" }, containers: { code: 127 } } },
    "fail",
    "inactive",
  ],
  [
    "a stack that is not YAML",
    { "docker-host": { "file /persistent-storage/portainer/docker-compose.yml": "a: [" } },
    "fail",
    "no YAML",
  ],
  [
    "containers that could not be listed",
    { "docker-host": { containers: { code: 1, err: "permission denied" } } },
    "unknown",
    "permission denied",
  ],
];

test("everyStackRuns holds on a healthy target", () => {
  expect(resultOf(everyStackRuns)).toMatch(/^pass/);
});

for (const state of bad)
  test(`everyStackRuns reads ${state[2]} with ${state[0]}`, () => expectSeen(everyStackRuns, state));

const stack = "file /persistent-storage/portainer/docker-compose.yml";
const ran = (service: string, Status: string) =>
  json({
    ...container,
    ...{
      Name: `/${service}`,
      State: { ...container.State, Running: Status === "running", Status },
    },
    Compose: { ...container.Compose, Service: service },
  });
const states = (text: string, ...containers: string[]) => {
  const { checks } = judge(
    everyStackRuns,
    sample({ "docker-host": { [stack]: text, containers: containers.join("\n") } }),
  );
  return checks
    .filter(({ expected }) => expected.startsWith("service "))
    .map(({ ok, found }) => `${ok ? "ok" : "not ok"}: ${found}`);
};
const board = (rest: string, owners: string) =>
  `services:\n  board:\n    image: x\n    ${rest}\n  owners:\n    ${owners}\n`;

for (const [what, text] of [
  ["of a profile", board("init: true", "image: x\n    profiles: [debug]")],
  ["that is scaled to none", board("init: true", "image: x\n    scale: 0")],
  ["that is deployed without a replica", board("init: true", "image: x\n    deploy: { replicas: 0 }")],
] as const)
  test(`everyStackRuns asks for no container of a service ${what}`, () =>
    expect(states(text, ran("board", "running"))).toEqual(["ok: board is running"]));

test("everyStackRuns can't tell of a stack whose other files were not read", () => {
  const { verdict, reason } = judge(
    everyStackRuns,
    sample({ "docker-host": { [stack]: "include: [more/x.yaml]\n" } }),
  );
  expect([verdict, reason]).toEqual([
    "unknown",
    expect.stringContaining("/persistent-storage/portainer/more/x.yaml was not looked at"),
  ]);
});
