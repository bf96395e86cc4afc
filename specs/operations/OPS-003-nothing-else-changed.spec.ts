// OPS-003. Nothing changed outside what the plan may change, by the evidence from before the plan and after it.
// allowed-changes.ts lists what may change; everything else must be as it was, to the byte.
import { strayGuestOf } from "../../fixtures/deployment/neighbours.ts";
import * as faults from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { nothingElseChanged } from "./claims/blast-radius.ts";

test("OPS-003 nothing else changed", requirement("OPS-003"), async ({ evidence, earlier }) => {
  await holds(nothingElseChanged(earlier(), evidence));
});

test("OPS-003 is refuted by another guest's file", control("OPS-003"), async ({ broken, freshEvidence }) => {
  const checks = nothingElseChanged(await freshEvidence(), await broken(faults.otherGuestsConf));
  await refuted(checks, "/etc/pve/lxc/900.conf: removed");
});

test(
  "OPS-003 is refuted by another guest changed in a file of the plan",
  control("OPS-003"),
  async ({ broken, freshEvidence }) => {
    const checks = nothingElseChanged(await freshEvidence(), await broken(faults.otherGuestsDeclaration));
    await refuted(checks, "/lxc_configs/900/cores");
  },
);

test(
  "OPS-003 is refuted by a renamed server",
  control("OPS-003"),
  async ({ broken, freshEvidence, deployment }) => {
    const checks = nothingElseChanged(await freshEvidence(), await broken(faults.otherVhostGone));
    await refuted(checks, `sites-available/${deployment.gateway.site}: removed`);
  },
);

test("OPS-003 is refuted by another password", control("OPS-003"), async ({ broken, freshEvidence }) => {
  const checks = nothingElseChanged(await freshEvidence(), await broken(faults.otherRootPassword));
  await refuted(checks, "/etc/shadow: sha256");
});

test("OPS-003 is refuted by a changed script", control("OPS-003"), async ({ broken, freshEvidence }) => {
  const checks = nothingElseChanged(await freshEvidence(), await broken(faults.strayTreeFile));
  await refuted(checks, "hypervisor-manager.sh: sha256");
});

test(
  "OPS-003 is refuted by a firewall file of another guest",
  control("OPS-003"),
  async ({ broken, freshEvidence, deployment }) => {
    const checks = nothingElseChanged(await freshEvidence(), await broken(faults.strayFirewallFile));
    await refuted(checks, `/etc/pve/firewall/${strayGuestOf(deployment)}.fw: new`);
  },
);

test("OPS-003 is refuted by a changed mode", control("OPS-003"), async ({ broken, freshEvidence }) => {
  const checks = nothingElseChanged(await freshEvidence(), await broken(faults.changedTreeMode));
  await refuted(checks, "phoenix-cli: mode");
});
