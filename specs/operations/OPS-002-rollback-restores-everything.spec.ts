// OPS-002. Rolling back restores every byte and mode; data that was made meanwhile stays where it is.
// It runs last: it takes away what the other specs judge.
import { join } from "node:path";
import { readEvidence } from "../../fixtures/evidence/collect.ts";
import { changedMode } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { allRestored, endedWell } from "./claims/changes.ts";

test(
  "OPS-002 is refuted by a file whose mode changed",
  control("OPS-002"),
  async ({ broken, freshEvidence }) => {
    const before = await freshEvidence();
    await refuted(allRestored(before, await broken(changedMode)), "phoenix_vm_configs.json");
  },
);

test(
  "OPS-002 a rollback restores every byte and mode",
  requirement("OPS-002"),
  async ({ phoenix, freshEvidence, run }) => {
    test.setTimeout(600_000);
    const before = readEvidence(join(run, "before", "evidence.json"));
    const answered = await phoenix("rollback", "--yes", "--json");
    await holds([...endedWell("rollback", answered), ...allRestored(before, await freshEvidence())]);
  },
);
