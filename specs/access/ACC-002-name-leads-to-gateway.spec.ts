// ACC-002. Portainer's name resolves to the gateway for a client, the hypervisor and the guests.
import {
  nameElsewhere,
  nameElsewhereInContainer,
  nameForgotten,
  nameFromOutside,
  renewedUnloaded,
} from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { leadsToGateway } from "./claims/names.ts";

test("ACC-002 the name resolves to the gateway", requirement("ACC-002"), async ({ evidence }) => {
  await holds(leadsToGateway(evidence));
});

test(
  "ACC-002 is refuted by a docker host that cannot resolve the name",
  control("ACC-002", "F36"),
  async ({ broken }) => {
    const checks = leadsToGateway(await broken(nameForgotten));
    await refuted(checks, "no address");
    await refuted(checks, "no answer");
  },
);

test(
  "ACC-002 is refuted by a name that resolves elsewhere on the hypervisor",
  control("ACC-002", "F36"),
  async ({ broken, deployment }) => {
    await refuted(leadsToGateway(await broken(nameElsewhere)), deployment.dockerHost.address);
  },
);

test(
  "ACC-002 is refuted by a name that resolves elsewhere in a container",
  control("ACC-002", "F36"),
  async ({ broken, deployment }) => {
    const checks = leadsToGateway(await broken(nameElsewhereInContainer));
    await refuted(checks, `portainer ${deployment.dockerHost.address}`);
  },
);

test(
  "ACC-002 is refuted by a client that gets another server's certificate",
  control("ACC-002", "F33"),
  async ({ broken }) => {
    await refuted(leadsToGateway(await broken(renewedUnloaded)), "the gateway's certificate");
  },
);

test(
  "ACC-002 is refuted by a name that a resolver outside answers",
  control("ACC-002"),
  async ({ broken }) => {
    await refuted(leadsToGateway(await broken(nameFromOutside)), "203.0.113.53");
  },
);
