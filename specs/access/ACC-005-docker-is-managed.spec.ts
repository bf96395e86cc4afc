// ACC-005. The local docker environment is listed as up, and a websocket upgrade passes the gateway.
import {
  noLocalEnvironment,
  noUpgradeHeaders,
  socketNotMounted,
  userWithoutTheSocket,
} from "../../fixtures/faults/index.ts";
import { control, expect, holds, refuted, requirement, test } from "../test.ts";
import { canSignIn, dockerManaged, socketMounted, whenAsked } from "./claims/sign-in.ts";

test(
  "ACC-005 Portainer manages the docker host's Docker",
  requirement("ACC-005"),
  async ({ evidence, target, api, client }) => {
    const before = canSignIn(evidence);
    if (before.some(({ ok }) => !ok)) return holds(before);
    await holds([...before, ...(await dockerManaged(api, client, target.url, socketMounted(evidence)))]);
  },
);

test(
  "ACC-005 is refuted by a gateway that drops the websocket upgrade",
  control("ACC-005", "F31"),
  async ({ brokenWhile, target, api, client }) => {
    const checks = await brokenWhile(noUpgradeHeaders, () => dockerManaged(api, client, target.url));
    await refuted(checks, "/api/websocket/exec");
  },
);

test(
  "ACC-005 is refuted by a Portainer without an environment",
  control("ACC-005"),
  async ({ brokenWhile, target, api, client }) => {
    const checks = await brokenWhile(noLocalEnvironment, () => dockerManaged(api, client, target.url));
    await refuted(checks, "no environment");
  },
);

test(
  "ACC-005 is refuted by a Portainer whose user cannot open Docker's socket",
  control("ACC-005", "F12"),
  async ({ brokenWhile, target, api, client }) => {
    const look = () => whenAsked(client, () => dockerManaged(api, client, target.url));
    await refuted(await brokenWhile(userWithoutTheSocket, look), "down");
  },
);

test(
  "ACC-005 is refuted by a Portainer into which Docker's socket is not mounted, and says that it has to be",
  control("ACC-005"),
  async ({ brokenWhile, target, api, client, freshEvidence }) => {
    const checks = await brokenWhile(socketNotMounted, async () => {
      const mounted = socketMounted(await freshEvidence());
      return whenAsked(client, () => dockerManaged(api, client, target.url, mounted));
    });
    await refuted(checks, "down");
    expect(checks.find(({ ok }) => !ok)?.next).toMatch(/^mount \/var\/run\/docker\.sock/);
  },
);
