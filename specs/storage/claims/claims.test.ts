// Claims about volumes on a sample: green where it is healthy, red for the right reason, unknown where nobody can tell.
import { expect, test } from "@playwright/test";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type Claim, judge } from "../../../fixtures/judgement.ts";
import { lxcs, sample, treeFile, vms } from "../../testing/evidence-builder.ts";
import { exportForRoot } from "./export.ts";
import { volumesOfTheirOwn } from "./shared.ts";

const vmFile = treeFile("etc/phoenix_vm_configs.json");
const lxcFile = treeFile("etc/phoenix_lxc_configs.json");
const volume = "/quickOS/vm-persistent-data/1001";
const told = (claim: Claim<Evidence>, changes: Parameters<typeof sample>[0]) => {
  const { verdict, checks, reason } = judge(claim, sample(changes));
  return `${verdict}: ${JSON.stringify([reason, checks.filter(({ ok }) => !ok)])}`;
};
/** The sample's machines with one more, and its containers with what 101 binds from the hypervisor. */
const machine = (volumes: object[]) => ({
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
  ["the same path", machine([{ path: volume }]), `VM 1002 declares ${volume}`],
  [
    "the same path in another spelling",
    machine([{ path: `/quickOS/../quickOS//vm-persistent-data/1001/` }]),
    "VM 1002",
  ],
  ["a directory inside", machine([{ path: `${volume}/data` }]), `VM 1002 declares ${volume}/data`],
  ["a directory above", machine([{ path: "/quickOS/vm-persistent-data" }]), "is VM 1002's alone"],
  ["the same path by the server's name", machine([{ path: volume, server: "pve" }]), "VM 1002"],
  ["a container that binds it", container(volume), `LXC 101 declares ${volume}`],
  ["a container that binds it by Proxmox's own path", container(`/mnt/pve${volume}/data`), "LXC 101"],
  [
    "a machine that is declared twice",
    { [vmFile]: vms.replace('"vms": [', `"vms": [{ "vmid": 1001, "volumes": [{ "path": "${volume}" }] },`) },
    "VM 1001 declares",
  ],
  ["no volume at all", { [vmFile]: '{ "vms": [] }' }, "a volume with a path"],
  ["no file of machines", { [vmFile]: { code: 44 } }, "no such file"],
  ["no file of containers", { [lxcFile]: { code: 44 } }, "no such file"],
] as const)
  test(`volumes of their own: refuted by ${what}`, () => {
    const said = told(volumesOfTheirOwn, { hypervisor: changes });
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

for (const [what, changes] of [
  ["a neighbour whose name only begins alike", machine([{ path: `${volume}0` }])],
  ["the same path on another server", machine([{ path: volume, server: "10.0.0.14" }])],
  [
    "a second volume of the same machine inside the first",
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
    expect(told(volumesOfTheirOwn, { hypervisor: changes })).toMatch(/^pass/);
  });

test("volumes of their own: unknown where a file is no JSON", () => {
  expect(told(volumesOfTheirOwn, { hypervisor: { [lxcFile]: "{" } })).toMatch(/^unknown/);
});

const files = "file /etc/exports";
const table = "file /var/lib/nfs/etab";
const row = "/quickOS/vm-persistent-data 10.0.0.0/24(rw,no_root_squash)\n";

test("an export for root: healthy, in the files and in the server's table", () => {
  const { verdict, checks } = judge(exportForRoot, sample());
  expect(verdict).toBe("pass");
  expect(checks.map(({ level }) => level)).toEqual(["delivered", "live"]);
});

test("an export for root: a file of /etc/exports.d counts as well", () => {
  const more = { [files]: "", "file /etc/exports.d/phoenix.exports": row };
  expect(judge(exportForRoot, sample({ hypervisor: more }))).toMatchObject({
    verdict: "pass",
    checks: [{ where: "/etc/exports.d/phoenix.exports:1" }, {}],
  });
});

for (const [what, where] of [
  ["the files", files],
  ["the server's table", table],
] as const)
  for (const [fault, text, words] of [
    ["squashed root", row.replace("no_root", "root"), "/24(rw,root_squash)"],
    ["squashed root by default", row.replace(",no_root_squash", ""), "/24(rw)"],
    ["everybody squashed", row.replace(")", ",all_squash)"), "all_squash"],
    ["a read-only export", row.replace("rw", "ro"), "/24(ro,"],
    ["another network", row.replace("10.0.0.0", "10.0.1.0"), "to 10.0.1.0/24"],
    ["another directory", row.replace("persistent", "other"), "no export of it"],
    ["no export", "", "no export of it"],
    [
      "a nearer export for the machine alone",
      `${row}/quickOS/vm-persistent-data/1001 10.0.0.101(ro)\n`,
      "10.0.0.101(ro)",
    ],
    [
      "clients that a comma joins",
      row.replace(" ", " 10.0.0.101,"),
      "one client named 10.0.0.101,10.0.0.0/24",
    ],
    ["a blank before the options", row.replace("(", " ("), "10.0.0.0/24()"],
  ] as const)
    test(`an export for root: refuted by ${fault} in ${what}`, () => {
      const said = told(exportForRoot, { hypervisor: { [where]: text } });
      expect(said).toMatch(/^fail/);
      expect(said).toContain(words);
    });

test("an export for root: refuted without the server's table, unknown where a line can't be read", () => {
  expect(told(exportForRoot, { hypervisor: { [table]: { code: 44 } } })).toMatch(/^fail.*no such file/);
  expect(told(exportForRoot, { hypervisor: { [files]: "no-path x(rw)" } })).toMatch(/^unknown/);
});
