// DAT-002. The object survives a new container, a re-apply, a reboot and a kill; each disruption is proved to have happened.
import * as faults from "../../fixtures/faults/index.ts";
import { canSignIn } from "../access/claims/sign-in.ts";
import { type BrokenWhile, control, holds, refuted, requirement, test } from "../test.ts";
import { sharedSecondRun } from "../trials/second-run.ts";
import { type Disruption, kill, livesThrough, reboot, recreate, survives } from "./trials/disruptions.ts";
import { makeObject, present, type Stage } from "./trials/object.ts";

test(
  "DAT-002 a user made in the browser survives the other disruptions",
  requirement("DAT-002"),
  async ({ evidence, once, target, hypervisor, portainer, api, phoenix, freshEvidence, run }) => {
    test.setTimeout(600_000);
    const before = canSignIn(evidence);
    if (before.some(({ ok }) => !ok)) return holds(before);
    const stage: Stage = { target, hypervisor, portainer, api };
    const made = await once("object", () => makeObject(stage));
    if (made.checks.some(({ ok }) => !ok)) return holds(made.checks);
    const second = await sharedSecondRun({ once, phoenix, freshEvidence, run });
    const checks = [...made.checks, ...second.ran, ...(await present(stage, made, "after the second run"))];
    for (const disruption of [recreate, reboot, kill])
      checks.push(...(await survives(stage, disruption, made)));
    await holds(checks);
  },
);

type Given = { brokenWhile: BrokenWhile } & Stage;
const fake =
  (fault: faults.FaultOf, disruption: Disruption, words: string) =>
  async ({ brokenWhile, target, hypervisor, portainer, api }: Given) => {
    const stage: Stage = { target, hypervisor, portainer, api };
    await refuted(await brokenWhile(fault, () => livesThrough(stage, disruption)), words);
  };
const lost = (disruption: Disruption) => `/api/users after ${disruption.name}`;

test(
  "DAT-002 is refuted by data in the container's own layer",
  control("DAT-002", "F15"),
  fake(faults.dataInTheContainer, recreate, "a database that changes when the user is created"),
);
test(
  "DAT-002 is refuted by data in an anonymous volume",
  control("DAT-002", "F15"),
  fake(faults.dataInNamelessVolume, recreate, lost(recreate)),
);
test(
  "DAT-002 is refuted by a database that is recreated at every start",
  control("DAT-002", "F18"),
  fake(faults.databaseMadeAnew, kill, "Invalid credentials"),
);
test(
  "DAT-002 is refuted by data on the docker host's own disk",
  control("DAT-002", "F11"),
  fake(faults.dataOnTheMachine, reboot, lost(reboot)),
);
test(
  "DAT-002 is refuted by data on another guest's path",
  control("DAT-002", "F09"),
  fake(faults.dataOnForeignPath, reboot, lost(reboot)),
);
