// FWL-002. The rule stands in the guest's own firewall file as it was declared, and all three switches are on.
import { ruleTurnedInward } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../../fixtures/index.ts";
import { ruleInForce } from "./claims.ts";

test("FWL-002 the gateway's outbound rule is in force", requirement("FWL-002"), async ({ evidence }) => {
  await holds(ruleInForce(evidence));
});

test(
  "FWL-002 is refuted by the same rule with its direction turned",
  control("FWL-002"),
  async ({ broken }) => {
    await refuted(ruleInForce(await broken(ruleTurnedInward)), "IN ACCEPT to 10.0.0.101:9443");
  },
);
