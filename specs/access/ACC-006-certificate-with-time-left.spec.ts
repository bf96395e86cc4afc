// ACC-006. The served certificate stays valid for 30 days or more.
import { certificateNearItsEnd } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { staysValid } from "./claims/certificate.ts";

test("ACC-006 the certificate does not expire soon", requirement("ACC-006"), async ({ evidence }) => {
  await holds(staysValid(evidence));
});

test("ACC-006 is refuted by a certificate that expires soon", control("ACC-006"), async ({ broken }) => {
  await refuted(staysValid(await broken(certificateNearItsEnd)), "8 days, until");
});
