// ACC-004. An administrator exists, can sign in through the gateway in the browser, and the first-setup window cannot lock the service.
// 1. Portainer has an administrator, so no first-setup window is open  2. it shows its sign-in page  3. the session is valid
import { dataInMemory, movedCookie, nobodyClaimsIt } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { canSignIn, claimed, signsIn } from "./claims/sign-in.ts";

test(
  "ACC-004 the administrator signs in",
  requirement("ACC-004"),
  async ({ evidence, target, portainer }) => {
    const before = canSignIn(evidence);
    if (before.some(({ ok }) => !ok)) return holds(before);
    await holds([...before, ...(await signsIn(portainer, target.url))]);
  },
);

test(
  "ACC-004 is refuted by a Portainer without an administrator",
  control("ACC-004", "F23"),
  async ({ brokenWhile, freshEvidence, target, portainer }) => {
    await brokenWhile(dataInMemory, async () => {
      await refuted([claimed(await freshEvidence())], "no administrator: the first visitor can become one");
      await refuted(await signsIn(portainer, target.url), "first-setup");
    });
  },
);

test(
  "ACC-004 is refuted by a Portainer that has locked itself (stand-in only)",
  control("ACC-004", "F22"),
  async ({ brokenWhile, freshEvidence, target, portainer }) => {
    await brokenWhile(nobodyClaimsIt, async () => {
      await refuted([claimed(await freshEvidence())], "no administrator was created in time");
      await refuted(await signsIn(portainer, target.url), "locked");
    });
  },
);

test(
  "ACC-004 is refuted by a gateway that moves the session cookie",
  control("ACC-004"),
  async ({ brokenWhile, target, portainer }) => {
    const checks = await brokenWhile(movedCookie, () => signsIn(portainer, target.url));
    await refuted(checks, "the cookie portainer_api_key is not sent");
  },
);
