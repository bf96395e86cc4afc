// Further instances of each kind of container that was read wrongly once: ended, restarted, one of several.
import { expect, test } from "@playwright/test";
import { resultOf } from "../../testing/claim-result.ts";
import { container } from "../../testing/evidence-builder.ts";
import { everyStackRuns } from "./stacks.ts";

const stack = "file /persistent-storage/portainer/docker-compose.yml";
const two = "services:\n  portainer:\n    image: x\n    deploy: { replicas: 2 }\n";
const withHelper = "services:\n  portainer: { image: x }\n  owners: { image: y, restart: 'no' }\n";
const exited = { Status: "exited", Running: false, Pid: 0 };
const portainer = (state: object, more: object = {}) => ({
  ...container,
  ...more,
  State: { ...container.State, ...state },
});
const second = (state: object, more: object = {}) => ({
  ...portainer(state, more),
  Id: "b".repeat(64),
  Name: "/portainer-portainer-2",
});
const owners = (state: object, policy: string | undefined, more: object = {}) => ({
  ...portainer({ ...exited, ...state }, more),
  ...{ Id: "c".repeat(64), Name: "/owners", Published: {}, Config: { Image: "busybox", User: "" } },
  Compose: { ...container.Compose, Service: "owners" },
  HostConfig: {
    ...container.HostConfig,
    ...(policy !== undefined && { RestartPolicy: { Name: policy } }),
  },
});
const ofRun = { Compose: { ...container.Compose, OneOff: "True" } };
const ofStack = { Compose: { ...container.Compose, OneOff: "False" } };
const older = { Compose: { ...container.Compose, Project: "older" } };

type Row = readonly [what: string, verdict: "pass" | "fail", containers: readonly object[], file?: string];
const rows: readonly Row[] = [
  // Several containers of one service.
  ["two containers of two", "pass", [container, second({})], two],
  ["one container of two", "fail", [container], two],
  ["a second container that ended", "fail", [container, second({ ...exited, ExitCode: 1 })], two],
  [
    "a second container that keeps ending",
    "fail",
    [container, second({ StartedAt: "2025-10-31T23:59:50Z" }, { RestartCount: 9 })],
    two,
  ],
  ["one more than declared, which ended", "fail", [container, second({ ...exited, ExitCode: 1 })]],
  [
    "an ended container of compose run",
    "pass",
    [second({ ...exited, ExitCode: 1 }, ofRun), portainer({}, ofStack)],
  ],
  ["a container of compose run alone", "fail", [second({}, ofRun)]],
  [
    "an ended container of the project's older name",
    "pass",
    [container, second({ ...exited, ExitCode: 1 }, older)],
  ],
  // Portainer is a service, also where it publishes nothing.
  [
    "a Portainer in the host's network that ended well",
    "fail",
    [
      portainer(exited, {
        Published: {},
        HostConfig: { ...container.HostConfig, NetworkMode: "host", RestartPolicy: { Name: "no" } },
      }),
    ],
  ],
  // States.
  ["a dead container", "fail", [portainer({ ...exited, Status: "dead" })]],
  ["a paused container", "fail", [portainer({ Status: "paused" })]],
  ["a container that is being removed", "fail", [portainer({ ...exited, Status: "removing" })]],
  ["a health check that has not answered yet", "pass", [portainer({ Health: "starting" })]],
  ["an unhealthy container", "fail", [portainer({ Health: "unhealthy" })]],
  [
    "a container that was restarted once, just now",
    "pass",
    [portainer({ StartedAt: "2025-10-31T23:59:50Z" }, { RestartCount: 1 })],
  ],
  [
    "a container that was restarted three times within a minute",
    "fail",
    [portainer({ StartedAt: "2025-10-31T23:59:00Z" }, { RestartCount: 3 })],
  ],
  // Services that end.
  ["a helper that ended", "pass", [container, owners({}, "no")], withHelper],
  ["a helper without a policy that ended", "pass", [container, owners({}, undefined)], withHelper],
  ["a helper with an empty policy that ended", "pass", [container, owners({}, "")], withHelper],
  [
    "a helper that is to run after a failure, and ended well",
    "pass",
    [container, owners({}, "on-failure")],
    withHelper,
  ],
  [
    "a helper that ended well at its third try",
    "pass",
    [container, owners({}, "on-failure", { RestartCount: 2 })],
    withHelper,
  ],
  [
    "a helper that is to run until it is stopped",
    "fail",
    [container, owners({}, "unless-stopped")],
    withHelper,
  ],
  ["a helper that failed", "fail", [container, owners({ ExitCode: 3 }, "no")], withHelper],
  ["a helper that was not started", "fail", [container, owners({ Status: "created" }, "no")], withHelper],
  [
    "a helper that still runs",
    "pass",
    [container, owners({ Status: "running", Running: true, Pid: 7 }, "no")],
    withHelper,
  ],
];
for (const [what, verdict, containers, file] of rows)
  test(`instances: everyStackRuns reads ${verdict} with ${what}`, () => {
    const said = resultOf(everyStackRuns, {
      "docker-host": {
        containers: containers.map((one) => JSON.stringify(one)).join("\n"),
        ...(file !== undefined && { [stack]: file }),
      },
    });
    expect(said.slice(0, said.indexOf(":")), said).toBe(verdict);
  });

test("instances: the container that does not run is named, and how many are there", () => {
  const said = (...containers: object[]) =>
    resultOf(everyStackRuns, {
      "docker-host": { [stack]: two, containers: containers.map((one) => JSON.stringify(one)).join("\n") },
    });
  expect(said(container, second({ ...exited, ExitCode: 1 }))).toContain(
    "portainer-portainer-2 is exited with exit code 1",
  );
  expect(said(container)).toContain("portainer is running; 1 of 2 containers are there");
});

test("instances: the next step is one for the container's state", () => {
  const next = (state: object, policy?: string) => {
    const HostConfig = { ...container.HostConfig, ...(policy && { RestartPolicy: { Name: policy } }) };
    const containers = JSON.stringify(portainer(state, { HostConfig }));
    return /"next":"([^"]*)"/.exec(resultOf(everyStackRuns, { "docker-host": { containers } }))?.[1];
  };
  expect(next({ Status: "paused" })).toBe("docker unpause portainer");
  expect(next(exited, "unless-stopped"), "somebody stopped it").toBe("docker start portainer");
  expect(next({ ...exited, ExitCode: 1 })).toBe("docker logs portainer");
  expect(next({ ...exited, Status: "created" })).toBe("docker logs portainer");
  expect(next({ Health: "unhealthy" })).toContain("State.Health.Log");
});
