// FWL-004. VM 1001 accepts 9443 from the gateway; a guest with no rule is refused.
// 1. its own file says so  2. all switches are on  3. the gateway gets in  4. a stranger and the hypervisor do not, and reach others
import { machineCardOpen, machineForAll, machineShut } from "../../fixtures/faults/index.ts";
import { plan } from "../plan.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { trial } from "../trials/shared.ts";
import { gatewayAlone } from "./claims/docker-host.ts";
import { reachableFrom, those, triesOf } from "./trials/reachability.ts";

const tries = triesOf([plan.portainer.port]);

test(
  "FWL-004 Portainer's port is the gateway's alone",
  requirement("FWL-004"),
  async ({ evidence, need, trialContext }) => {
    need("firewall-trial");
    const written = gatewayAlone(evidence);
    if (written.some(({ ok }) => !ok)) return holds(written);
    await holds([...written, ...those(await trial(trialContext, "doors"), tries)]);
  },
);

test(
  "FWL-004 is refuted by a rule that lets everybody in",
  control("FWL-004"),
  async ({ brokenWhile, freshEvidence, target, hypervisor }) => {
    await brokenWhile(machineForAll, async () => {
      await refuted(gatewayAlone(await freshEvidence()), "9443 open to anybody");
      await refuted(await reachableFrom(target, hypervisor, tries), "a stranger to 10.0.0.101:9443");
    });
  },
);

test(
  "FWL-004 is refuted by a machine that lets nobody in",
  control("FWL-004", "F43"),
  async ({ brokenWhile, freshEvidence, target, hypervisor }) => {
    await brokenWhile(machineShut, async () => {
      await refuted(gatewayAlone(await freshEvidence()), "9443 open to nobody");
      await refuted(await reachableFrom(target, hypervisor, tries), "the gateway to 10.0.0.101:9443");
    });
  },
);

test(
  "FWL-004 is refuted by a network card without its switch",
  control("FWL-004", "F41"),
  async ({ broken }) => {
    await refuted(gatewayAlone(await broken(machineCardOpen)), "net0 with firewall=1");
  },
);
