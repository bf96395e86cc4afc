// The claim about stacks on a sample: every stack on the volume runs.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { type Bad, expectSeen, resultOf } from "../../testing/claim-result.ts";
import { container, sample, treeFile } from "../../testing/evidence-builder.ts";
import { everyStackRuns } from "./stacks.ts";

const json = (value: object) => JSON.stringify(value);

const stack = "file /persistent-storage/portainer/docker-compose.yml";
/** The sample's container in another state; what is read at the sample's time. */
const changed = (State: object, more: object = {}) => ({
  ...container,
  ...more,
  State: { ...container.State, ...State },
});
const ended = { Running: false, Status: "exited", Pid: 0 };
const helper = (more: object) => ({
  ...container,
  ...more,
  Id: "b".repeat(64),
  Name: "/owners",
  Published: {},
  Config: { Image: "busybox", User: "" },
  Compose: { ...container.Compose, Service: "owners" },
});
const two = "services:\n  portainer: {image: x}\n  owners: {image: y}\n";
const withHelper = (more: object) => ({
  "docker-host": { [stack]: two, containers: `${json(container)}\n${json(helper(more))}` },
});
const noPolicy = {
  HostConfig: { ...container.HostConfig, RestartPolicy: { Name: "no", MaximumRetryCount: 0 } },
};
const always = {
  HostConfig: { ...container.HostConfig, RestartPolicy: { Name: "always", MaximumRetryCount: 0 } },
};

const good: readonly (readonly [string, Parameters<typeof resultOf>[1]])[] = [
  [
    "a service that ended well and is not to run again",
    withHelper({ ...noPolicy, State: { ...container.State, ...ended, ExitCode: 0 } }),
  ],
  [
    "a container that was restarted once, long ago",
    {
      "docker-host": {
        containers: json(changed({ StartedAt: "2025-10-31T23:00:00Z" }, { RestartCount: 7 })),
      },
    },
  ],
  [
    "a service of a profile",
    {
      "docker-host": {
        [stack]: "services:\n  portainer: {image: x}\n  debug: {image: y, profiles: [debug]}\n",
      },
    },
  ],
  [
    "a service that is to run no time",
    {
      "docker-host": {
        [stack]: "services:\n  portainer: {image: x}\n  spare: {image: y, deploy: {replicas: 0}}\n",
      },
    },
  ],
];
for (const [what, changes] of good)
  test(`everyStackRuns holds with ${what}`, () => expect(resultOf(everyStackRuns, changes)).toMatch(/^pass/));

const bad: readonly Bad[] = [
  [
    "a container that keeps ending",
    {
      "docker-host": {
        containers: json(changed({ StartedAt: "2025-10-31T23:59:48Z" }, { RestartCount: 5 })),
        "last words": `${container.Id} bye\n`,
      },
    },
    "fail",
    "portainer keeps ending: it runs for 12 s, after 5 restarts; its last line: bye",
  ],
  [
    "a container that ended at once",
    {
      "docker-host": {
        containers: json(changed({ ...ended, ExitCode: 1 }, { RestartCount: 3 })),
        "last words": `${container.Id} unknown long flag --trusted\n`,
      },
    },
    "fail",
    "portainer is exited with exit code 1, after 3 restarts; its last line: unknown long flag --trusted",
  ],
  [
    "a container between two restarts",
    { "docker-host": { containers: json(changed({ ...ended, Status: "restarting", ExitCode: 137 })) } },
    "fail",
    "portainer is restarting with exit code 137",
  ],
  [
    "a container whose port is taken",
    {
      "docker-host": {
        containers: json(
          changed({ ...ended, Status: "created", ExitCode: 128, Error: "port is already allocated" }),
        ),
      },
    },
    "fail",
    "portainer is created: port is already allocated",
  ],
  [
    "a published service that ended well",
    { "docker-host": { containers: json(changed({ ...ended, ExitCode: 0 }, noPolicy)) } },
    "fail",
    "portainer is exited with exit code 0",
  ],
  [
    "a helper that failed",
    withHelper({ ...noPolicy, State: { ...container.State, ...ended, ExitCode: 2 } }),
    "fail",
    "owners is exited with exit code 2",
  ],
  [
    "a helper that ended well and is to run always",
    withHelper({ ...always, State: { ...container.State, ...ended, ExitCode: 0 } }),
    "fail",
    "owners is exited with exit code 0",
  ],
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
  [
    "Docker that is active and whose question failed",
    { "docker-host": { "docker active": { code: 1, out: "active\n" } } },
    "unknown",
    "never does with this exit code",
  ],
  [
    "a machine that runs, by the words of an error",
    { hypervisor: { "qm status": { code: 2, out: "", err: "status: running\n" } } },
    "fail",
    "status: running",
  ],
];

test("everyStackRuns holds on a healthy target", () => {
  expect(resultOf(everyStackRuns)).toMatch(/^pass/);
});

for (const state of bad)
  test(`everyStackRuns reads ${state[2]} with ${state[0]}`, () => expectSeen(everyStackRuns, state));

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
