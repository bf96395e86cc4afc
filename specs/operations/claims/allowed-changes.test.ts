// What the plan may change: each path has a task, a defect or a failure mode that needs it, and matches no more than it says.
import { expect, test } from "@playwright/test";
import { defectOf, tasks } from "../../../fixtures/deployment/plan.ts";
import { defaultDeployment } from "../../../fixtures/deployment/read.ts";
import { failureMode } from "../../register/failure-modes.ts";
import { allowedChangesOf, under, volatilePaths } from "./allowed-changes.ts";

const tree = "/usr/local/phoenix_hypervisor";
const allowed = allowedChangesOf(defaultDeployment);

test("allowed changes: each entry names a task or a defect, and matches no more than it says", () => {
  for (const { path, for: reason } of allowed) {
    if (reason.startsWith("F")) expect(failureMode(reason).id, path).toBe(reason);
    else if (reason.startsWith("P")) expect(defectOf(reason).id, path).toBe(reason);
    else
      expect(
        tasks.map(({ id }) => id),
        path,
      ).toContain(reason);
    expect(path, reason).toMatch(/^(TREE)?\/[^*]/);
  }
  const within = (path: string) => under(allowed, "hypervisor", path, tree) !== undefined;
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
  expect(under(allowed, "gateway", "/etc/nginx/sites-enabled/sub/x", tree)).toBeUndefined();
  expect(under(volatilePaths, "hypervisor", "/etc/pve/priv/lock/x", tree)).toBeDefined();
});

test("allowed changes: the directories between the volumes' root and a volume deeper below it", () => {
  const volume = { ...defaultDeployment.volume, root: "/tank/v", path: "/tank/v/vm/own" };
  const own = allowedChangesOf({ ...defaultDeployment, volume });
  const within = (path: string) => under(own, "hypervisor", path, tree) !== undefined;
  for (const path of ["/tank/v/vm", "/tank/v/vm/own", "/tank/v/vm/own/portainer"])
    expect(within(path), path).toBe(true);
  for (const path of ["/tank/v", "/tank/v/vm/other"]) expect(within(path), path).toBe(false);
});
