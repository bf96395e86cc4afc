// ACC-001. The Portainer UI loads in a browser at https://portainer.phoenix.local through the gateway.
// The browser trusts what the target says is to be trusted, and nothing else: a wrong certificate is no page.
import { otherCertificate } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { answersAtAll, pageOpens } from "./claims/page.ts";

test(
  "ACC-001 the Portainer page opens in a browser",
  requirement("ACC-001"),
  async ({ evidence, target, portainer }) => {
    const answers = answersAtAll(evidence);
    if (!answers.ok) return holds([answers]);
    await holds([answers, ...(await pageOpens(target, portainer))]);
  },
);

test(
  "ACC-001 is refuted by a certificate that nobody trusts",
  control("ACC-001"),
  async ({ brokenWhile, target, portainer }) => {
    const checks = await brokenWhile(otherCertificate, () => pageOpens(target, portainer));
    await refuted(checks, "ERR_CERT_AUTHORITY_INVALID");
  },
);
