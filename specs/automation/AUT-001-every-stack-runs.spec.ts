// AUT-001. The docker feature starts every compose file in the volume's root.
import * as faults from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { everyStackRuns } from "./claims/stacks.ts";

test("AUT-001 every stack on the volume runs", requirement("AUT-001"), async ({ evidence }) => {
  await holds(everyStackRuns(evidence));
});

test(
  "AUT-001 is refuted by a stack on the volume that was not started",
  control("AUT-001"),
  async ({ broken }) => {
    await refuted(everyStackRuns(await broken(faults.idleStack)), "no container of this stack");
  },
);

test(
  "AUT-001 is refuted by a stack whose data directory is missing",
  control("AUT-001", "F16"),
  async ({ broken }) => {
    await refuted(everyStackRuns(await broken(faults.missingDevice)), "no container of this stack");
  },
);

test(
  "AUT-001 is refuted by a stack whose external volume is missing",
  control("AUT-001", "F17"),
  async ({ broken }) => {
    await refuted(everyStackRuns(await broken(faults.missingVolume)), "no container of this stack");
  },
);

test(
  "AUT-001 is refuted by a Portainer with an unknown option",
  control("AUT-001", "F21"),
  async ({ broken }) => {
    await refuted(everyStackRuns(await broken(faults.unknownOption)), "portainer is exited");
  },
);

test("AUT-001 is refuted by a Portainer in a crash loop", control("AUT-001"), async ({ broken }) => {
  await refuted(everyStackRuns(await broken(faults.crashLoop)), "restarts; its last line: no room left");
});

test(
  "AUT-001 is refuted by a health check that runs a missing program",
  control("AUT-001", "F27"),
  async ({ broken }) => {
    await refuted(everyStackRuns(await broken(faults.healthOfNothing)), "unhealthy");
  },
);

test(
  "AUT-001 is refuted by an engine that refuses its configuration",
  control("AUT-001", "F58"),
  async ({ broken }) => {
    await refuted(everyStackRuns(await broken(faults.contradictedEngine)), "inactive");
  },
);
