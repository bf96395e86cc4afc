// FWL-001. The gateway declares the outbound rule to Portainer.
import { otherPortOf } from "../../fixtures/deployment/neighbours.ts";
import { otherDeclaredPort } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { declaredRule } from "./claims/gateway-rule.ts";

test(
  "FWL-001 the tree declares the gateway's outbound rule",
  requirement("FWL-001"),
  async ({ evidence }) => {
    await holds(declaredRule(evidence));
  },
);

test(
  "FWL-001 is refuted by a declared rule for another port",
  control("FWL-001"),
  async ({ broken, deployment }) => {
    const checks = declaredRule(await broken(otherDeclaredPort));
    await refuted(checks, `"port":"${otherPortOf(deployment)}"`);
  },
);
