// DEP-002. A re-apply keeps the data directory untouched.
// 1. apply exits with 0  2. it copied the directory again  3. the data directory, its database and files are the same
// 4. the same Portainer instance answers
// It is compared with the evidence of this phase, and with that from before the plan if Portainer had data then: what a trial
// or the plan itself has swapped before this test begins counts too.
import { renamedDataDirectory, replacedDirectory } from "../../fixtures/faults/index.ts";
import { portainerAnswers } from "../../fixtures/portainer/status.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { dataUntouched, hadData } from "./claims/data.ts";
import { directoryAppliedAgain } from "./trials/reapply.ts";

test(
  "DEP-002 copying the portainer directory again leaves its data alone",
  requirement("DEP-002"),
  async ({ client, phoenix, once, freshEvidence, hypervisor, target, record, evidence, earlierRun }) => {
    test.setTimeout(300_000);
    await portainerAnswers(client);
    const applied = await directoryAppliedAgain(target, hypervisor, phoenix, record);
    const after = await once("evidence after a re-apply", freshEvidence);
    const before = earlierRun && hadData(earlierRun.before) ? dataUntouched(earlierRun.before, after) : [];
    await holds([...before, ...applied, ...dataUntouched(evidence, after)]);
  },
);

test(
  "DEP-002 is refuted by a replaced directory",
  control("DEP-002", "F18"),
  async ({ broken, freshEvidence }) => {
    const before = await freshEvidence();
    const checks = dataUntouched(before, await broken(replacedDirectory));
    await refuted(checks.slice(0, 1), "portainer_data");
    await refuted(checks.slice(1, 2), "portainer.db");
    await refuted(checks.slice(-1), "instance ");
  },
);

test(
  "DEP-002 is refuted by a data directory that a change of the compose file renamed",
  control("DEP-002"),
  async ({ broken, evidence }) => {
    const checks = dataUntouched(evidence, await broken(renamedDataDirectory));
    await refuted(checks.slice(-1), "instance ");
  },
);
