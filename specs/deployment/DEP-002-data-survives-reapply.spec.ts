// DEP-002. A re-apply keeps the data directory untouched.
// The copy on the volume is made to differ, so that there is something to apply.
// 1. apply ends with 0  2. the directory is copied anew  3. the data directory, its database and files are the same  4. the same instance answers
import { join } from "node:path";
import { alteredComposeFile, during, replacedDirectory } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../../fixtures/index.ts";
import { endedWell } from "../operations/claims.ts";
import { directoryDelivered } from "./claims.ts";
import { dataUntouched } from "./data.ts";

test(
  "DEP-002 the portainer directory is copied again beside untouched data",
  requirement("DEP-002"),
  async ({ need, phoenix, freshEvidence, hypervisor, target, run, record }) => {
    test.setTimeout(300_000);
    need("apply");
    const before = await freshEvidence();
    const to = join(run, "reapply", "record.json");
    const again = ["apply", ...record.choice, "--only", "DEP-001", "--yes", "--record", to];
    const { answered, after } = await during(alteredComposeFile(target), hypervisor, async () => ({
      answered: await phoenix(...again),
      after: await freshEvidence(),
    }));
    const copied = directoryDelivered(after).map((check) => ({ ...check, link: "behaves" as const }));
    await holds([...endedWell(again.join(" "), answered), ...copied, ...dataUntouched(before, after)]);
  },
);

test(
  "DEP-002 is refuted by a directory that was replaced as a whole",
  control("DEP-002"),
  async ({ broken, freshEvidence }) => {
    const before = await freshEvidence();
    const checks = dataUntouched(before, await broken(replacedDirectory));
    await refuted(checks.slice(0, 1), "portainer_data");
    await refuted(checks.slice(1, 2), "portainer.db");
    await refuted(checks.slice(-1), "instance ");
  },
);
