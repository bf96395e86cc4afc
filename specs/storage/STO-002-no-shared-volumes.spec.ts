// STO-002. No two guests declare the same volume path, nor one inside the other's.
import { volumeInsideAnother, volumeOfTwo } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { volumesOfTheirOwn } from "./claims/shared.ts";

test("STO-002 every volume belongs to one guest", requirement("STO-002"), async ({ evidence }) => {
  await holds(volumesOfTheirOwn(evidence));
});

test(
  "STO-002 is refuted by a machine that declares VM 1001's path",
  control("STO-002", "F09"),
  async ({ broken }) => {
    await refuted(
      volumesOfTheirOwn(await broken(volumeOfTwo)),
      "VM 9000 declares /quickOS/vm-persistent-data/1001",
    );
  },
);

test(
  "STO-002 is refuted by a container that sees a directory inside VM 1001's",
  control("STO-002"),
  async ({ broken }) => {
    await refuted(
      volumesOfTheirOwn(await broken(volumeInsideAnother)),
      "LXC 101 declares /quickOS/vm-persistent-data/1001/portainer",
    );
  },
);
