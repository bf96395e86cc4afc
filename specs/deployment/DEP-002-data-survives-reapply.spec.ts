// DEP-002. A re-apply keeps the data directory untouched.
// 1. apply ends with 0  2. it copied the directory anew  3. the data directory, its database and files are the same
// 4. the same instance of Portainer answers
import { replacedDirectory } from "../../fixtures/faults/index.ts";
import { portainerAnswers } from "../../fixtures/portainer/status.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { dataUntouched } from "./claims/data.ts";
import { directoryAppliedAgain } from "./trials/reapply.ts";

test(
  "DEP-002 the portainer directory is copied again beside untouched data",
  requirement("DEP-002"),
  async ({ client, phoenix, once, freshEvidence, hypervisor, target, record }) => {
    test.setTimeout(300_000);
    await portainerAnswers(client); // one that still starts makes files of its own
    const before = await freshEvidence();
    const applied = await directoryAppliedAgain(target, hypervisor, phoenix, record);
    const after = await once("look after a re-apply", freshEvidence);
    await holds([...applied, ...dataUntouched(before, after)]);
  },
);

test(
  "DEP-002 is refuted by a directory that was replaced as a whole",
  control("DEP-002", "F18"),
  async ({ broken, freshEvidence }) => {
    const before = await freshEvidence();
    const checks = dataUntouched(before, await broken(replacedDirectory));
    await refuted(checks.slice(0, 1), "portainer_data");
    await refuted(checks.slice(1, 2), "portainer.db");
    await refuted(checks.slice(-1), "instance ");
  },
);
