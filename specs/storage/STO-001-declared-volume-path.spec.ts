// STO-001. The docker host's declared NFS volume path is its own.
import { foreignVolumeOf } from "../../fixtures/deployment/neighbours.ts";
import { foreignVolumePath } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { declaredVolumePath } from "./claims/volume.ts";

test(
  "STO-001 the tree gives the docker host its own volume path",
  requirement("STO-001"),
  async ({ evidence }) => {
    await holds(declaredVolumePath(evidence));
  },
);

test(
  "STO-001 is refuted by another guest's volume path",
  control("STO-001", "F09"),
  async ({ broken, deployment }) => {
    const checks = declaredVolumePath(await broken(foreignVolumePath));
    await refuted(checks, foreignVolumeOf(deployment));
  },
);
