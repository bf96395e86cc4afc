// DAT-001. A user made in the browser is there after the container restarts.
// 1. the restart succeeded  2. the container has a new start time  3. old sessions are refused  4. same instance  5. the user is listed
import { dataInMemory } from "../../fixtures/faults/index.ts";
import { canSignIn } from "../access/claims/sign-in.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { restart, survives } from "./trials/disruptions.ts";
import { claimEmptied } from "./trials/emptied.ts";
import { makeObject, rowThere, type Stage } from "./trials/object.ts";

test(
  "DAT-001 a user made in the browser survives a restart",
  requirement("DAT-001"),
  async ({ evidence, once, target, hypervisor, portainer, api }) => {
    const before = canSignIn(evidence);
    if (before.some(({ ok }) => !ok)) return holds(before);
    const stage: Stage = { target, hypervisor, portainer, api };
    const made = await once("object", () => makeObject(stage));
    if (made.checks.some(({ ok }) => !ok)) return holds(made.checks);
    await holds([...made.checks, ...(await survives(stage, restart, made)), await rowThere(stage, made)]);
  },
);

test(
  "DAT-001 is refuted by a Portainer that keeps its data in memory",
  control("DAT-001", "F15"),
  async ({ brokenWhile, target, hypervisor, portainer, api }) => {
    const stage: Stage = { target, hypervisor, portainer, api };
    const checks = await brokenWhile(dataInMemory, async () => {
      await claimEmptied(stage);
      const made = await makeObject(stage);
      return [...(await survives(stage, restart, made)), await rowThere(stage, made)];
    });
    await refuted(checks, "first-setup");
  },
);
