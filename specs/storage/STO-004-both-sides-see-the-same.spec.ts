// STO-004. What VM 1001 writes on its volume is seen on the hypervisor's path, and the other way round.
// 1. the machine writes  2. on the volume's file system  3. the hypervisor reads it  4. the hypervisor writes  5. the machine reads it
import { volumeNotMounted } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { trial } from "../trials/shared.ts";
import { sameFiles } from "./trials/volume.ts";

test(
  "STO-004 both sides of the volume see the same files",
  requirement("STO-004"),
  async ({ need, trialContext }) => {
    need("apply");
    await holds(await trial(trialContext, "files"));
  },
);

test(
  "STO-004 is refuted by a volume that is not mounted",
  control("STO-004", "F11"),
  async ({ brokenWhile, target, hypervisor }) => {
    const checks = await brokenWhile(volumeNotMounted, () => sameFiles(target, hypervisor));
    await refuted(checks, "No such file or directory");
    await refuted(checks, "a file on 10.0.0.13:/quickOS/vm-persistent-data/1001, over the network");
  },
);
