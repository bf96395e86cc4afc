// The claim about stacks on a sample: every stack on the volume runs.
import { expect, test } from "@playwright/test";
import { type Bad, expectSeen, resultOf } from "../../testing/claim-result.ts";
import { container, treeFile } from "../../testing/evidence-builder.ts";
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
