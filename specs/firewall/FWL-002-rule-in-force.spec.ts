// FWL-002. The rule is in the guest's own firewall file as it was declared, and all three switches are on.
import * as faults from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { ruleInForce } from "./claims/gateway-rule.ts";

test("FWL-002 the gateway's outbound rule is in force", requirement("FWL-002"), async ({ evidence }) => {
  await holds(ruleInForce(evidence));
});

test(
  "FWL-002 is refuted by the same rule with direction IN",
  control("FWL-002"),
  async ({ broken, deployment }) => {
    const checks = ruleInForce(await broken(faults.ruleTurnedInward));
    await refuted(
      checks,
      `IN ACCEPT -dest ${deployment.dockerHost.address} -p tcp -dport ${deployment.portainer.port}`,
    );
  },
);

test(
  "FWL-002 is refuted by a firewall file without the rule",
  control("FWL-002", "F39"),
  async ({ broken }) => {
    await refuted(ruleInForce(await broken(faults.ruleGone)), "no such rule among");
  },
);

test(
  "FWL-002 is refuted by the rule in the cluster's firewall file",
  control("FWL-002", "F42"),
  async ({ broken }) => {
    await refuted(ruleInForce(await broken(faults.ruleInClusterFile)), "no such rule among");
  },
);

test("FWL-002 is refuted by a cluster switch that is off", control("FWL-002", "F46"), async ({ broken }) => {
  await refuted(ruleInForce(await broken(faults.clusterSwitchOff)), "cluster.fw");
});

test(
  "FWL-002 is refuted by a network interface without firewall=1",
  control("FWL-002", "F41"),
  async ({ broken, deployment }) => {
    const checks = ruleInForce(await broken(faults.interfaceSwitchOff));
    await refuted(checks, `/etc/pve/lxc/${deployment.gateway.ctid}.conf`);
  },
);

test(
  "FWL-002 is refuted by a stopped firewall service",
  control("FWL-002", "F40", "F46"),
  async ({ broken }) => {
    await refuted(ruleInForce(await broken(faults.firewallStopped)), "Status: ");
  },
);
