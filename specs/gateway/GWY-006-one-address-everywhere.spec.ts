// GWY-006. Every copy of Portainer's address in the tree agrees with the docker host's declared address.
import { declaredElsewhere, staleCopy } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { oneAddress } from "./claims/addresses.ts";

test("GWY-006 the tree has one address for Portainer", requirement("GWY-006"), async ({ evidence }) => {
  await holds(oneAddress(evidence));
});

test(
  "GWY-006 is refuted by an old address in a file that is not served",
  control("GWY-006", "F03"),
  async ({ broken }) => {
    await refuted(oneAddress(await broken(staleCopy)), "phoenix_hypervisor_config.json");
  },
);

test(
  "GWY-006 is refuted by a docker host that declares another address",
  control("GWY-006"),
  async ({ broken, deployment }) => {
    await refuted(oneAddress(await broken(declaredElsewhere)), deployment.dockerHost.address);
  },
);
