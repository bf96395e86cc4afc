// STO-005. The hypervisor exports the volume to the docker host with options under which root there can create and chown.
// 1. the tree, the exports files and the server's table say so  2. root creates a file, owns it, runs chown; the owner changed
import { declaredRootSquash, joinedClients, rootSquashed } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { trial } from "../trials/shared.ts";
import { exportForRoot } from "./claims/export.ts";
import { rootOwns } from "./trials/volume.ts";

test(
  "STO-005 root on the docker host is root on its volume",
  requirement("STO-005"),
  async ({ evidence, trialContext }) => {
    const exported = exportForRoot(evidence);
    if (exported.some(({ ok }) => !ok)) return holds(exported);
    await holds([...exported, ...(await trial(trialContext, "owners"))]);
  },
);

test("STO-005 is refuted by clients joined by a comma", control("STO-005", "F13"), async ({ broken }) => {
  await refuted(exportForRoot(await broken(joinedClients)), "one client named ");
});

test("STO-005 is refuted by a declared root squash", control("STO-005"), async ({ broken }) => {
  await refuted(exportForRoot(await broken(declaredRootSquash)).slice(0, 1), ",root_squash");
});

test(
  "STO-005 is refuted by an export that squashes root",
  control("STO-005"),
  async ({ brokenWhile, freshEvidence, target, hypervisor }) => {
    await brokenWhile(rootSquashed, async () => {
      const checks = exportForRoot(await freshEvidence());
      await refuted(checks.slice(1, 2), ",root_squash");
      await refuted(checks.slice(2), ",root_squash");
      await refuted(await rootOwns(target, hypervisor), "Operation not permitted");
    });
  },
);
