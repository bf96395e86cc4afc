// ACC-001. The Portainer UI loads in a browser at its own name through the gateway.
// The browser trusts only the authority that the target names, so a wrong certificate stops the page from loading.
import { noScripts, otherCertificate } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { answersAtAll, pageOpens } from "./claims/page.ts";

test(
  "ACC-001 the Portainer page opens in a browser",
  requirement("ACC-001"),
  async ({ evidence, target, visitor }) => {
    const answers = answersAtAll(evidence);
    if (!answers.ok) return holds([answers]);
    await holds([answers, ...(await pageOpens(target, visitor))]);
  },
);

test(
  "ACC-001 is refuted by an untrusted certificate",
  control("ACC-001"),
  async ({ brokenWhile, target, visitor }) => {
    const checks = await brokenWhile(otherCertificate, () => pageOpens(target, visitor));
    await refuted(checks, "ERR_CERT_AUTHORITY_INVALID");
  },
);

test(
  "ACC-001 is refuted by a gateway whose policy stops the page's scripts, in the browser's own words",
  control("ACC-001"),
  async ({ brokenWhile, target, visitor }) => {
    const checks = await brokenWhile(noScripts, () => pageOpens(target, visitor, 4_000));
    await refuted(checks, "Content Security Policy");
  },
);
