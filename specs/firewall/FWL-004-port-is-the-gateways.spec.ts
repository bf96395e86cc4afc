// FWL-004. The docker host accepts Portainer's port from the gateway; a guest with no rule is refused.
// 1. the tree declares it, its firewall file says so  2. all switches are on  3. the gateway connects  4. a guest without a rule and the hypervisor do not, though both reach the gateway
import { type Deployment, upstreamOf } from "../../fixtures/deployment/deployment.ts";
import * as faults from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { trial } from "../trials/shared.ts";
import { gatewayAlone } from "./claims/docker-host.ts";
import { reachableFrom, those, triesOf } from "./trials/reachability.ts";

const triesAt = (deployment: Deployment) => triesOf(deployment, [deployment.portainer.port]);

test(
  "FWL-004 only the gateway reaches Portainer's port",
  requirement("FWL-004"),
  async ({ evidence, trialContext, deployment }) => {
    const written = gatewayAlone(evidence);
    if (written.some(({ ok }) => !ok)) return holds(written);
    await holds([...written, ...those(await trial(trialContext, "reachability"), triesAt(deployment))]);
  },
);

test(
  "FWL-004 is refuted by a rule that accepts every source",
  control("FWL-004"),
  async ({ brokenWhile, freshEvidence, target, hypervisor, deployment }) => {
    await brokenWhile(faults.machineForAll, async () => {
      await refuted(gatewayAlone(await freshEvidence()), `${deployment.portainer.port} open to any source`);
      const tried = await reachableFrom(target, hypervisor, triesAt(deployment));
      await refuted(tried, `a guest without a rule to ${upstreamOf(deployment)}`);
    });
  },
);

test(
  "FWL-004 is refuted by a docker host that refuses every source",
  control("FWL-004", "F43"),
  async ({ brokenWhile, freshEvidence, target, hypervisor, deployment }) => {
    await brokenWhile(faults.machineShut, async () => {
      await refuted(gatewayAlone(await freshEvidence()), `${deployment.portainer.port} open to no source`);
      const tried = await reachableFrom(target, hypervisor, triesAt(deployment));
      await refuted(tried, `the gateway to ${upstreamOf(deployment)}`);
    });
  },
);

test("FWL-004 is refuted by a card without firewall=1", control("FWL-004", "F41"), async ({ broken }) => {
  await refuted(gatewayAlone(await broken(faults.machineCardOpen)), "net0 with firewall=1");
});

test("FWL-004 is refuted by a declared network", control("FWL-004"), async ({ broken }) => {
  const declared = gatewayAlone(await broken(faults.machineDeclaredForAll));
  await refuted(declared.slice(0, 2), "open to");
});
