// GWY-008. A client's requests reach Portainer's port unchanged, with forwarded headers, large uploads, upgrades and slow answers.
// An echo server takes Portainer's place for some seconds. 1. path  2. Host  3. scheme  4. client  5. a large upload, an image  6. a slow answer  7. an upgrade
// 8. methods  9. cookie
import {
  impatientGateway,
  movedCookie,
  noForwardedScheme,
  noUpgradeHeaders,
  readingOnly,
  smallUploads,
} from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { trial } from "../trials/shared.ts";
import { vhostServesPortainer } from "./claims/vhost.ts";
import { arrive } from "./trials/arrivals.ts";

test(
  "GWY-008 requests arrive at Portainer's port as they were sent",
  requirement("GWY-008"),
  async ({ evidence, trialContext }) => {
    const serves = vhostServesPortainer(evidence).filter(({ level }) => level === "behaves");
    if (serves.some(({ ok }) => !ok)) return holds(serves);
    await holds([...serves, ...(await trial(trialContext, "arrivals"))]);
  },
);

test(
  "GWY-008 is refuted by a gateway that does not forward the scheme",
  control("GWY-008"),
  async ({ brokenWhile, target, hypervisor, client }) => {
    const checks = await brokenWhile(noForwardedScheme, () => arrive(target, hypervisor, client));
    await refuted(checks, "X-Forwarded-Proto");
  },
);

test(
  "GWY-008 is refuted by limits on uploads and slow answers, refused methods and a moved cookie",
  control("GWY-008"),
  async ({ brokenWhile, target, hypervisor, client }) => {
    for (const [fault, words] of [
      [smallUploads, "/upload"],
      [impatientGateway, "504"],
      [readingOnly, "DELETE"],
      [movedCookie, "/portainer/"],
    ] as const)
      await refuted(await brokenWhile(fault, () => arrive(target, hypervisor, client)), words);
  },
);

test(
  "GWY-008 is refuted by a gateway that drops the websocket upgrade",
  control("GWY-008", "F31"),
  async ({ brokenWhile, target, hypervisor, client }) => {
    const checks = await brokenWhile(noUpgradeHeaders, () => arrive(target, hypervisor, client));
    await refuted(checks, "/api/websocket/exec");
  },
);
