// OPS-002. Rolling back restores every byte and mode; data that was written in the meantime stays.
// It runs last, because it removes what the other specs check.
import { changedMode } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { allRestored, endedWell } from "./claims/changes.ts";

test("OPS-002 is refuted by a changed file mode", control("OPS-002"), async ({ broken, freshEvidence }) => {
  const before = await freshEvidence();
  await refuted(allRestored(before, await broken(changedMode)), "phoenix_vm_configs.json");
});

test(
  "OPS-002 a rollback restores every byte and mode",
  requirement("OPS-002"),
  async ({ phoenix, freshEvidence, earlier }) => {
    test.setTimeout(600_000);
    const before = earlier();
    const answered = await phoenix("rollback", "--yes", "--json");
    await holds([...endedWell("rollback", answered), ...allRestored(before, await freshEvidence())]);
  },
);
