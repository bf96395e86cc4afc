// DEP-001. The portainer directory stands at the volume's path, byte for byte.
import { alteredComposeFile, composeFileGone } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { directoryDelivered } from "./claims/directory.ts";

test(
  "DEP-001 the portainer directory stands on the volume as it is in the tree",
  requirement("DEP-001"),
  async ({ evidence }) => {
    await holds(directoryDelivered(evidence));
  },
);

test("DEP-001 is refuted by one changed byte on the volume", control("DEP-001"), async ({ broken }) => {
  await refuted(directoryDelivered(await broken(alteredComposeFile)), "docker-compose.yml");
});

test(
  "DEP-001 is refuted by a compose file that never came",
  control("DEP-001", "F59"),
  async ({ broken }) => {
    await refuted(directoryDelivered(await broken(composeFileGone)), "nothing");
  },
);
