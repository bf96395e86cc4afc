// STO-004. What the docker host writes on its volume is seen on the hypervisor's path, and the other way round.
// 1. the docker host writes  2. to the volume's file system  3. the hypervisor reads it  4. the hypervisor writes  5. the docker host reads it
import { mountSourceOf } from "../../fixtures/deployment/deployment.ts";
import { volumeNotMounted } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { trial } from "../trials/shared.ts";
import { sameFiles } from "./trials/volume.ts";

test(
  "STO-004 both sides of the volume see the same files",
  requirement("STO-004"),
  async ({ trialContext }) => {
    await holds(await trial(trialContext, "files"));
  },
);

test(
  "STO-004 is refuted by a volume that is not mounted",
  control("STO-004", "F11"),
  async ({ brokenWhile, target, hypervisor, deployment }) => {
    const checks = await brokenWhile(volumeNotMounted, () => sameFiles(target, hypervisor));
    await refuted(checks, "No such file or directory");
    await refuted(checks, `a file on ${mountSourceOf(deployment)}, over the network`);
  },
);
