// FWL-003. With outbound traffic denied, the gateway reaches Portainer by its rule, and nothing that no rule allows.
// 1. the rule is in force  2. without the denial the gateway reaches both  3. with it, Portainer alone  4. afterwards both again

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
