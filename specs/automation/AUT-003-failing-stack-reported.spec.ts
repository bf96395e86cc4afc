// AUT-003. A stack that fails makes the feature fail, and the feature says which.
// 1. the feature does not exit with 0 when a stack can't start  2. one of its error lines names the stack
import { swallowedFailure } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { trial } from "../trials/shared.ts";
import { reportsTheBroken, withBroken } from "./trials/stacks.ts";

test(
  "AUT-003 a stack that can't start makes the feature fail and name it",
  requirement("AUT-003"),
  async ({ trialContext }) => {
    test.setTimeout(300_000);
    await holds(reportsTheBroken(await trial(trialContext, "broken")));
  },
);

test(
  "AUT-003 is refuted by a feature that swallows the failure",
  control("AUT-003", "F52"),
  async ({ brokenWhile, target, hypervisor }) => {
    const seen = await brokenWhile(swallowedFailure, () => withBroken(target, hypervisor));
    await refuted(reportsTheBroken(seen), "not 0");
  },
);
