// DAT-001. A user made in the browser is there after the container restarts.
// 1. the restart succeeded  2. the container started anew  3. old sessions are refused  4. same instance  5. the user's row is there
import { dataInMemory } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../../fixtures/index.ts";
import { answersAtAll } from "../access/claims.ts";
import { userSurvivesRestart } from "./restart.ts";

test(
  "DAT-001 a user made in the browser survives a restart",
  requirement("DAT-001"),
  async ({ evidence, need, target, portainer, hypervisor }) => {
    need("restart-container");
    const answers = answersAtAll(evidence);
    if (!answers.ok) return holds([answers]);
    await holds(await userSurvivesRestart(target, portainer, hypervisor));
  },
);

test(
  "DAT-001 is refuted by a Portainer that keeps its data in memory",
  control("DAT-001"),
  async ({ brokenWhile, target, portainer, hypervisor }) => {
    const checks = await brokenWhile(dataInMemory, () => userSurvivesRestart(target, portainer, hypervisor));
    await refuted(checks, "first-setup");
  },
);
