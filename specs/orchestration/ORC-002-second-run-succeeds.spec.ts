// ORC-002. A second run of phoenix-cli succeeds, in the guests too, and changes nothing.
// An object is made before it, so that the persistence specs can check that it survived without a third run.
import { oldMountEntry, optionsAppendedAgain, templateStarts } from "../../fixtures/faults/index.ts";
import { canSignIn } from "../access/claims/sign-in.ts";
import { makeObject } from "../persistence/trials/object.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { secondRun, secondRunChangedNothing, sharedSecondRun } from "../trials/second-run.ts";

test(
  "ORC-002 a second run succeeds and changes nothing",
  requirement("ORC-002"),
  async ({ evidence, once, phoenix, freshEvidence, run, target, hypervisor, portainer, api }) => {
    test.setTimeout(600_000);
    if (canSignIn(evidence).every(({ ok }) => ok))
      await once("object", () => makeObject({ target, hypervisor, portainer, api }));
    const { ran, changed } = await sharedSecondRun({ once, phoenix, freshEvidence, run });
    await holds([...ran, ...changed]);
  },
);

test(
  "ORC-002 is refuted by a tree that starts the template again",
  control("ORC-002", "F55"),
  async ({ brokenWhile, phoenix, freshEvidence, run }) => {
    test.setTimeout(120_000);
    const { ran } = await brokenWhile(templateStarts, () => secondRun({ phoenix, freshEvidence, run }));
    await refuted(ran, "you can't start a vm if it's a template");
  },
);

test(
  "ORC-002 is refuted by options of LXC that each run appends again",
  control("ORC-002"),
  async ({ brokenWhile, phoenix, freshEvidence, run, deployment }) => {
    test.setTimeout(120_000);
    const again = () => secondRun({ phoenix, freshEvidence, run });
    const { changed } = await brokenWhile(optionsAppendedAgain, again);
    await refuted(changed, `/etc/pve/lxc/${deployment.gateway.ctid}.conf: sha256`);
  },
);

test(
  "ORC-002 is refuted by an extra mount entry",
  control("ORC-002", "F10"),
  async ({ broken, freshEvidence }) => {
    const before = await freshEvidence();
    await refuted(secondRunChangedNothing(before, await broken(oldMountEntry)), "/etc/fstab: sha256");
  },
);
