// DEP-001. The portainer directory is at the volume's path, byte for byte as in the tree.
import { alteredComposeFile, composeFileGone } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { directoryDelivered } from "./claims/directory.ts";

test(
  "DEP-001 the portainer directory on the volume matches the tree",
  requirement("DEP-001"),
  async ({ evidence }) => {
    await holds(directoryDelivered(evidence));
  },
);

test("DEP-001 is refuted by one changed byte on the volume", control("DEP-001"), async ({ broken }) => {
  await refuted(directoryDelivered(await broken(alteredComposeFile)), "docker-compose.yml");
});

test("DEP-001 is refuted by a missing compose file", control("DEP-001", "F59"), async ({ broken }) => {
  await refuted(directoryDelivered(await broken(composeFileGone)), "nothing");
});
