// DEP-003. The compose file declares what the plan needs: its port published, data on the volume, no new privileges, a pinned image.
import { dataOnLocalVolume, movingTag, plainPortOnly } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { fitComposeFile } from "./claims/compose.ts";

test(
  "DEP-003 the compose file, its copy and the container meet the plan",
  requirement("DEP-003"),
  async ({ evidence }) => {
    await holds(fitComposeFile(evidence));
  },
);

test("DEP-003 is refuted by a moving tag", control("DEP-003", "F30"), async ({ broken }) => {
  await refuted(fitComposeFile(await broken(movingTag)), "portainer/portainer-ce:latest");
});

test(
  "DEP-003 is refuted by a file that publishes only the plain-HTTP port",
  control("DEP-003", "F29"),
  async ({ broken }) => {
    await refuted(fitComposeFile(await broken(plainPortOnly)), "9000:9000");
  },
);

test("DEP-003 is refuted by data in a local Docker volume", control("DEP-003", "F15"), async ({ broken }) => {
  await refuted(fitComposeFile(await broken(dataOnLocalVolume)), "fault-data:/data (volume)");
});
