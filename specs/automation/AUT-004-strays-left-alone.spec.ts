// AUT-004. Stray and nested compose files are left alone.
// 1. no container of a stray stack runs  2. a run of the feature starts a stack  3. it starts none of the strays beside it
import { endlessSearch, strayRuns } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { trial } from "../trials/shared.ts";
import { nothingElseRuns } from "./claims/strays.ts";
import { leavesStraysAlone, withStrays } from "./trials/stacks.ts";

test(
  "AUT-004 the feature starts nothing but stacks",
  requirement("AUT-004"),
  async ({ evidence, trialContext }) => {
    test.setTimeout(300_000);
    const live = nothingElseRuns(evidence);
    if (live.some(({ ok }) => !ok)) return holds(live);
    await holds([...live, ...leavesStraysAlone(await trial(trialContext, "strays"))]);
  },
);

test(
  "AUT-004 is refuted by a stack that runs one level too deep",
  control("AUT-004"),
  async ({ broken, deployment }) => {
    const checks = nothingElseRuns(await broken(strayRuns));
    await refuted(checks, `${deployment.volume.mountPoint}/fault-kept/fault-copy`);
  },
);

test(
  "AUT-004 is refuted by a feature that searches at any depth",
  control("AUT-004"),
  async ({ brokenWhile, target, hypervisor, deployment }) => {
    const checks = leavesStraysAlone(await brokenWhile(endlessSearch, () => withStrays(target, hypervisor)));
    await refuted(checks.slice(0, 2), "stray-acceptance-");
    await refuted(checks.slice(2), `${deployment.volume.mountPoint}/.acceptance-`);
  },
);
