// ACC-005. The local docker environment is listed as up, and a websocket upgrade passes the gateway.
import { noLocalEnvironment, noUpgradeHeaders } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../../fixtures/index.ts";
import { answersAtAll } from "./claims.ts";
import { claimed, dockerManaged } from "./sign-in.ts";

test(
  "ACC-005 Portainer manages the machine's Docker",
  requirement("ACC-005"),
  async ({ evidence, target, api, client }) => {
    const before = [answersAtAll(evidence), claimed(evidence)];
    if (before.some(({ ok }) => !ok)) return holds(before);
    await holds([...before, ...(await dockerManaged(api, client, target.url))]);
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
