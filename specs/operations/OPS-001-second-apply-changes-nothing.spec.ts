// OPS-001. Applying twice changes nothing the second time.
// 1. the command exits with 0  2. it plans no change  3. every byte, mode and time is as before
import { join } from "node:path";
import { changedMode } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { nothingChanged, nothingPlanned } from "./claims/changes.ts";

test(
  "OPS-001 a second apply changes nothing",
  requirement("OPS-001"),
  async ({ phoenix, freshEvidence, run, record, once, parallelTrials }) => {
    test.setTimeout(600_000);
    // When trials run in parallel, all earlier ones have ended once the re-apply has run, so its evidence can serve here.
    const before = await (parallelTrials
      ? once("evidence after a re-apply", freshEvidence)
      : freshEvidence());
    const answered = await phoenix(
      "apply",
      ...record.choice,
      "--yes",
      "--json",
      "--record",
      join(run, "again", "record.json"),
    );
    const after = await once("evidence after a second apply", freshEvidence);
    await holds([...nothingPlanned(answered), ...nothingChanged(before, after)]);
  },
);

test("OPS-001 is refuted by a changed file mode", control("OPS-001"), async ({ broken, freshEvidence }) => {
  const before = await freshEvidence();
  await refuted(nothingChanged(before, await broken(changedMode)), "phoenix_vm_configs.json");
});
