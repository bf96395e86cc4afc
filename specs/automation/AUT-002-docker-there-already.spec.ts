// AUT-002. The docker feature starts the stacks when docker was installed already.
// 1. docker runs before the feature  2. the feature exits with 0  3. a stack that was not running before runs
import { earlyExit } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { trial } from "../trials/shared.ts";
import { startsWithDockerThere, withStrays } from "./trials/stacks.ts";

test(
  "AUT-002 the feature starts a stack when docker already runs",
  requirement("AUT-002"),
  async ({ trialContext }) => {
    test.setTimeout(300_000);
    await holds(startsWithDockerThere(await trial(trialContext, "strays")));
  },
);

test(
  "AUT-002 is refuted by a feature that exits early when docker already runs",
  control("AUT-002", "F51"),
  async ({ brokenWhile, target, hypervisor }) => {
    const seen = await brokenWhile(earlyExit, () => withStrays(target, hypervisor));
    await refuted(startsWithDockerThere(seen), "no container");
  },
);
