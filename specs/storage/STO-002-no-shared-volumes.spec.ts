// STO-002. No two guests declare the same volume path, nor one inside the other's.
import { portainerDirectoryOf } from "../../fixtures/deployment/deployment.ts";
import { volumeInsideAnother, volumeOfTwo } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { volumesOfTheirOwn } from "./claims/shared.ts";

test("STO-002 every volume belongs to one guest", requirement("STO-002"), async ({ evidence }) => {
  await holds(volumesOfTheirOwn(evidence));
});

test(
  "STO-002 is refuted by a VM that declares the docker host's path",
  control("STO-002", "F09"),
  async ({ broken, deployment }) => {
    const checks = volumesOfTheirOwn(await broken(volumeOfTwo));
    await refuted(checks, `VM 9000 declares ${deployment.volume.path}`);
  },
);

test(
  "STO-002 is refuted by a container that binds a directory inside the docker host's volume",
  control("STO-002"),
  async ({ broken, deployment }) => {
    const checks = volumesOfTheirOwn(await broken(volumeInsideAnother));
    const path = portainerDirectoryOf(deployment);
    await refuted(checks, `LXC ${deployment.gateway.ctid} declares ${path}`);
  },
);
