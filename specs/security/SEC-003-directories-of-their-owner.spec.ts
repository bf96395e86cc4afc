// SEC-003. Portainer's files on the volume are written by their owner alone; its database and keys are read by their owner alone.
import { openDataDirectory, readableDatabase } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { ownersAlone } from "./claims/directories.ts";

test("SEC-003 Portainer's files are their owner's alone", requirement("SEC-003"), async ({ evidence }) => {
  await holds(ownersAlone(evidence));
});

test("SEC-003 is refuted by directories that everybody writes", control("SEC-003"), async ({ broken }) => {
  await refuted(ownersAlone(await broken(openDataDirectory)).slice(0, 1), ": 777");
});

test("SEC-003 is refuted by a database that everybody reads", control("SEC-003"), async ({ broken }) => {
  await refuted(ownersAlone(await broken(readableDatabase)).slice(1), ": 644");
});
