// The claim that a volume belongs to one guest, on a sample.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { resultOf } from "../../testing/claim-result.ts";
import { lxcs, sample, treeFile, vms } from "../../testing/evidence-builder.ts";
import { volumesOfTheirOwn } from "./shared.ts";

const vmFile = treeFile("etc/phoenix_vm_configs.json");
const lxcFile = treeFile("etc/phoenix_lxc_configs.json");
const volume = "/quickOS/vm-persistent-data/1001";
/** The sample's VMs with one more. */
const vm = (volumes: object[]) => ({
  [vmFile]: vms.replace('{ "vmid": 9000 }', `{ "vmid": 1002, "volumes": ${JSON.stringify(volumes)} }`),
});
const container = (...paths: string[]) => ({
  [lxcFile]: lxcs.replace(
    '"101": {',
    `"101": { "mount_points": ${JSON.stringify(paths.map((host_path) => ({ host_path })))},`,
  ),
});

test("volumes of their own: healthy", () => {
  expect(judge(volumesOfTheirOwn, sample())).toMatchObject({
    verdict: "pass",
    checks: [{ level: "declared" }],
  });
});

for (const [what, changes, words] of [
  ["the same path", vm([{ path: volume }]), `VM 1002 declares ${volume}`],
  [
    "the same path in another spelling",
    vm([{ path: `/quickOS/../quickOS//vm-persistent-data/1001/` }]),
    "VM 1002",
  ],
  ["a directory inside", vm([{ path: `${volume}/data` }]), `VM 1002 declares ${volume}/data`],
  ["a directory above", vm([{ path: "/quickOS/vm-persistent-data" }]), "belongs to VM 1002 alone"],
  ["the same path by the server's name", vm([{ path: volume, server: "pve" }]), "VM 1002"],
  ["a container that binds it", container(volume), `LXC 101 declares ${volume}`],
  ["a container that binds it by Proxmox's own path", container(`/mnt/pve${volume}/data`), "LXC 101"],
  [
    "a VM that is declared twice",
    { [vmFile]: vms.replace('"vms": [', `"vms": [{ "vmid": 1001, "volumes": [{ "path": "${volume}" }] },`) },
    "VM 1001 declares",
  ],
  ["no volume at all", { [vmFile]: '{ "vms": [] }' }, "a volume with a path"],
  ["no file of VMs", { [vmFile]: { code: 44 } }, "no such file"],
  ["no file of containers", { [lxcFile]: { code: 44 } }, "no such file"],
] as const)
  test(`volumes of their own: refuted by ${what}`, () => {
    const said = resultOf(volumesOfTheirOwn, { hypervisor: changes });
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

for (const [what, changes] of [
  ["a path that only starts with the same text", vm([{ path: `${volume}0` }])],
  ["the same path on another server", vm([{ path: volume, server: "10.0.0.14" }])],
  [
    "a second volume of the same VM inside the first",
    { [vmFile]: vms.replace('{ "type"', `{ "path": "${volume}/certs" }, { "type"`) },
  ],
  [
    "a directory that two containers share",
    {
      [lxcFile]:
        '{ "lxc_configs": { "101": { "mount_points": [{ "host_path": "/a" }] }, "102": { "mount_points": [{ "host_path": "/a" }] } } }',
    },
  ],
] as const)
  test(`volumes of their own: not refuted by ${what}`, () => {
    expect(resultOf(volumesOfTheirOwn, { hypervisor: changes })).toMatch(/^pass/);
  });

test("volumes of their own: unknown when a file is not JSON", () => {
  expect(resultOf(volumesOfTheirOwn, { hypervisor: { [lxcFile]: "{" } })).toMatch(/^unknown/);
});
