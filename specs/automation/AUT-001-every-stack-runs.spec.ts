// AUT-001. The docker feature starts every compose file in the volume's root.
import { idleStack } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../../fixtures/index.ts";
import { everyStackRuns } from "./claims.ts";

test("AUT-001 every stack on the volume runs", requirement("AUT-001"), async ({ evidence }) => {
  await holds(everyStackRuns(evidence));
});

test(
  "AUT-001 is refuted by a stack on the volume that nobody started",
  control("AUT-001"),
  async ({ broken }) => {
    await refuted(everyStackRuns(await broken(idleStack)), "no container of this stack");
  },
);
