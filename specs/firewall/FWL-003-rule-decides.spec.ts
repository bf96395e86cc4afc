// FWL-003. While outbound traffic is denied, the gateway reaches Portainer by its rule, and nothing else.
// 1. the rule is in force  2. before the denial the gateway reaches both  3. during it, only Portainer  4. after it, both again

import { upstreamOf } from "../../fixtures/deployment/deployment.ts";
import { ruleGone } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { trial } from "../trials/shared.ts";
import { ruleInForce } from "./claims/gateway-rule.ts";
import { ruleDecides } from "./trials/gateway-rule.ts";

test(
  "FWL-003 the rule alone lets the gateway reach Portainer",
  requirement("FWL-003"),
  async ({ evidence, trialContext }) => {
    const unfit = ruleInForce(evidence).filter(({ ok }) => !ok);
    if (unfit.length > 0) return holds(unfit);
    await holds(await trial(trialContext, "denial"));
  },
);

test(
  "FWL-003 is refuted by a firewall file without the rule",
  control("FWL-003", "F39"),
  async ({ brokenWhile, target, hypervisor, deployment }) => {
    const checks = await brokenWhile(ruleGone, () => ruleDecides(target, hypervisor));
    await refuted(checks, `${upstreamOf(deployment)} while outbound traffic is denied`);
  },
);
