// DEP-002. A re-apply keeps the data directory untouched.
// 1. apply exits with 0  2. it copied the directory again  3. the data directory, its database and files are the same
// 4. the same Portainer instance answers
import { replacedDirectory } from "../../fixtures/faults/index.ts";
import { portainerAnswers } from "../../fixtures/portainer/status.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { dataUntouched } from "./claims/data.ts";
import { directoryAppliedAgain } from "./trials/reapply.ts";

test(
  "DEP-002 copying the portainer directory again leaves its data alone",
  requirement("DEP-002"),
  async ({ client, phoenix, once, freshEvidence, hypervisor, target, record }) => {
    test.setTimeout(300_000);
    await portainerAnswers(client); // a Portainer that is still starting creates files
    const before = await freshEvidence();
    const applied = await directoryAppliedAgain(target, hypervisor, phoenix, record);
    const after = await once("evidence after a re-apply", freshEvidence);
    await holds([...applied, ...dataUntouched(before, after)]);
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
