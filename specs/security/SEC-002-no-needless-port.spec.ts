// SEC-002. Portainer's ports answer only where the plan needs them.
// 1. the docker host's firewall blocks the other ports  2. it is on  3. the gateway listens on none of them  4. no connection succeeds
import { upstreamOf } from "../../fixtures/deployment/deployment.ts";
import { machineForAll, needlessPortsOpen } from "../../fixtures/faults/index.ts";
import { reachableFrom, triesOf } from "../firewall/trials/reachability.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { trial } from "../trials/shared.ts";
import { needlessPortsShut, portsOf } from "./claims/ports.ts";

test(
  "SEC-002 no one reaches a port that the plan does not need",
  requirement("SEC-002"),
  async ({ evidence, trialContext }) => {
    const shut = needlessPortsShut(evidence);
    if (shut.some(({ ok }) => !ok)) return holds(shut);
    await holds([...shut, ...(await trial(trialContext, "reachability"))]);
  },
);

test(
  "SEC-002 is refuted by open ports that the plan does not need",
  control("SEC-002"),
  async ({ broken }) => {
    await refuted(needlessPortsShut(await broken(needlessPortsOpen)), "9001 open to any source");
  },
);

test(
  "SEC-002 is refuted by a port that a guest without a rule can reach",
  control("SEC-002"),
  async ({ brokenWhile, evidence, target, hypervisor, deployment }) => {
    const tries = triesOf(deployment, portsOf(evidence));
    const checks = await brokenWhile(machineForAll, () => reachableFrom(target, hypervisor, tries));
    await refuted(checks, `a guest without a rule to ${upstreamOf(deployment)}`);
  },
);
