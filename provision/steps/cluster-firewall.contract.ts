// On a stand-in whose cluster has policy DROP and a switch that is off: switching it on alone cuts NFS off, the plan does not.
import { test as base, expect } from "@playwright/test";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { startStandIn } from "../../fixtures/standin/standin.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import { rulesInForce } from "../../fixtures/target/pve-firewall.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { readFacts } from "../facts.ts";
import { clusterFirewall } from "../files.ts";
import { makePlan } from "../plan.ts";
import { steps } from "./index.ts";

const test = base.extend<object, { engineHost: string; image: string; scratch: string }>({
  engineHost: ["", { option: true, scope: "worker" }],
  image: ["", { option: true, scope: "worker" }],
  scratch: ["", { option: true, scope: "worker" }],
});

const { hypervisor: host, gateway, dockerHost } = defaultDeployment;

/** What connections to the hypervisor meet: `gateway 2049: opens`, one line for each. */
async function arrivals(hypervisor: Hypervisor): Promise<string[]> {
  const { out } = await hypervisor.script(
    `for port in 2049 111 5000; do
      to="true < /dev/tcp/$1/$port"
      if pct exec "$2" -- timeout 1 bash -c "$to" 2>/dev/null; then echo "gateway $port: opens"; else echo "gateway $port: cut"; fi
      case $(qm guest exec "$3" -- timeout 1 bash -c "$to") in
        *'"exitcode"'*' 0,'*) echo "docker host $port: opens" ;;
        *) echo "docker host $port: cut" ;;
      esac
    done`,
    [host.address, String(gateway.ctid), String(dockerHost.vmid)],
  );
  return out.trim().split("\n");
}

async function writeCluster(hypervisor: Hypervisor, text: string): Promise<void> {
  const script = `cat > ${clusterFirewall} <<'END'\n${text}END\npve-firewall start\n${rulesInForce}`;
  const { code, err } = await hypervisor.script(script);
  expect(`${code} ${err}`).toBe("0 ");
}

test("a cluster with policy DROP is switched on without cutting the guests off the hypervisor", async ({
  engineHost,
  image,
  scratch,
}) => {
  await using standIn = await startStandIn({
    ...{ host: engineHost, image, tree: readTree(undefined), deployment: defaultDeployment },
    home: `${scratch}/cluster-firewall`,
  });
  await using hypervisor = await connect(standIn.target);
  const before = "[OPTIONS]\nenable: 0\npolicy_in: DROP\n";
  await writeCluster(hypervisor, before);
  const all = await arrivals(hypervisor);
  expect(all).toHaveLength(6);
  expect(all.filter((line) => !line.endsWith(": opens"))).toEqual([]);

  await writeCluster(hypervisor, before.replace("enable: 0", "enable: 1"));
  expect((await arrivals(hypervisor)).filter((line) => !line.endsWith(": cut"))).toEqual([]);

  await writeCluster(hypervisor, before);
  const options = { target: "stand-in", literal: false, without: [], only: ["firewall-switches"] };
  const plan = makePlan(await readFacts(hypervisor, standIn.target), steps, options);
  const [write] = plan.steps.flatMap(({ changes }) => changes);
  if (write?.does !== "write-file") throw new Error("the plan writes no file");
  expect(write.after).toContain("policy_in: DROP");
  await writeCluster(hypervisor, write.after);
  expect((await arrivals(hypervisor)).filter((line) => !line.endsWith(": opens"))).toEqual([]);
});
