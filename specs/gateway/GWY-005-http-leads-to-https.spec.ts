// GWY-005. http on Portainer's name redirects to https, on the same name, with path and query kept.
import { urlOf } from "../../fixtures/deployment/deployment.ts";
import { redirectToStart } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { leadsToHttps } from "./claims/redirect.ts";

test("GWY-005 http redirects to https", requirement("GWY-005"), async ({ evidence }) => {
  await holds(leadsToHttps(evidence));
});

test(
  "GWY-005 is refuted by a temporary redirect that drops path and query",
  control("GWY-005"),
  async ({ broken, deployment }) => {
    const checks = leadsToHttps(await broken(redirectToStart));
    await refuted(checks, "302 https://$host/");
    await refuted(checks, `302 to ${urlOf(deployment)}/`);
  },
);
