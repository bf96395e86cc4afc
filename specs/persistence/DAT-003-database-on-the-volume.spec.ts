// DAT-003. Portainer's database is on the hypervisor's path, and it is the one in use.
import { dataOnLocalVolume } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { databaseOnTheVolume } from "./claims/database.ts";

test(
  "DAT-003 Portainer's open database is the one on the volume",
  requirement("DAT-003"),
  async ({ evidence }) => {
    await holds(databaseOnTheVolume(evidence));
  },
);

test("DAT-003 is refuted by data in a local Docker volume", control("DAT-003", "F15"), async ({ broken }) => {
  await refuted(databaseOnTheVolume(await broken(dataOnLocalVolume)), "(volume)");
});
