// What the plan may change: each path for a task, a defect or a failure mode, and no more than it says.
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../../fixtures/deployment/deployment.ts";
import { defectOf, tasks } from "../../../fixtures/deployment/plan.ts";
import { failureMode } from "../../register/failure-modes.ts";
import { reachOf, under, volatilePaths } from "./allowed-changes.ts";

const tree = "/usr/local/phoenix_hypervisor";
const reach = reachOf(defaultDeployment);

test("the reach: each entry is for a task or a defect, and matches no more than it says", () => {
  for (const { path, for: reason } of reach) {
    if (reason.startsWith("F")) expect(failureMode(reason).id, path).toBe(reason);
    else if (reason.startsWith("P")) expect(defectOf(reason).id, path).toBe(reason);
    else
      expect(
        tasks.map(({ id }) => id),
        path,
      ).toContain(reason);
    expect(path, reason).toMatch(/^(TREE)?\/[^*]/);
  }
  const within = (path: string) => under(reach, "hypervisor", path, tree) !== undefined;
  expect(within(`${tree}/etc/phoenix_vm_configs.json`)).toBe(true);
  expect(within("/etc/pve/nodes/pve/lxc/101.conf")).toBe(true);
  for (const path of [
    `${tree}/etc/phoenix_vm_configs_json`,
    "/etc/pve/lxc/102.conf",
    "/etc/pve/firewall/1010.fw",
    "/quickOS/vm-persistent-data/8001",
    `/x${tree}/etc/phoenix_vm_configs.json`,
  ])
    expect(within(path), path).toBe(false);
  expect(under(reach, "gateway", "/etc/nginx/sites-enabled/sub/x", tree)).toBeUndefined();
  expect(under(volatilePaths, "hypervisor", "/etc/pve/priv/lock/x", tree)).toBeDefined();
});

test("the reach: the directories on the way to a volume that lies deeper below the root", () => {
  const volume = { ...defaultDeployment.volume, root: "/tank/v", path: "/tank/v/vm/own" };
  const own = reachOf({ ...defaultDeployment, volume });
  const within = (path: string) => under(own, "hypervisor", path, tree) !== undefined;
  for (const path of ["/tank/v/vm", "/tank/v/vm/own", "/tank/v/vm/own/portainer"])
    expect(within(path), path).toBe(true);
  for (const path of ["/tank/v", "/tank/v/vm/other"]) expect(within(path), path).toBe(false);
});
