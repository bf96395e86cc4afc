// STO-001. VM 1001's declared NFS volume path is its own.
import { foreignVolumePath } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { declaredVolumePath } from "./claims/volume.ts";

test(
  "STO-001 the tree gives VM 1001 the plan's volume path",
  requirement("STO-001"),
  async ({ evidence }) => {
    await holds(declaredVolumePath(evidence));
  },
);

test(
  "STO-001 is refuted by a volume path of another guest",
  control("STO-001", "F09"),
  async ({ broken }) => {
    await refuted(declaredVolumePath(await broken(foreignVolumePath)), "/quickOS/vm-persistent-data/8001");
  },
);
