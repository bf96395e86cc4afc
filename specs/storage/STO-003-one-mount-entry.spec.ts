// STO-003. The docker host mounts its volume from the hypervisor, by one entry in fstab, and nothing else there.
import { foreignVolumeOf } from "../../fixtures/deployment/neighbours.ts";
import { foreignMountPoint, oldMountEntry } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { oneMountFromTheVolume } from "./claims/volume.ts";

test(
  "STO-003 the docker host has one mount of its own volume",
  requirement("STO-003"),
  async ({ evidence }) => {
    await holds(oneMountFromTheVolume(evidence));
  },
);

test(
  "STO-003 is refuted by an older entry that still stands in fstab",
  control("STO-003", "F10"),
  async ({ broken, deployment }) => {
    const checks = oneMountFromTheVolume(await broken(oldMountEntry));
    await refuted(checks, foreignVolumeOf(deployment));
  },
);

test("STO-003 is refuted by another mount point in the tree", control("STO-003"), async ({ broken }) => {
  await refuted(oneMountFromTheVolume(await broken(foreignMountPoint)), "/srv");
});
