// Claims about the docker host's volume on a sample: declared, in fstab, and mounted.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { type Bad, expectSeen, resultOf } from "../../testing/claim-result.ts";
import { healthy, sample, treeFile, vms } from "../../testing/evidence-builder.ts";
import { declaredVolumePath, oneMountFromTheVolume } from "./volume.ts";

const fstab = String(healthy["docker-host"]["file /etc/fstab"]);
const mountinfo = "file /proc/self/mountinfo";

const declaredVolumePathBad: readonly Bad[] = [
  [
    "the path of another guest",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: vms.replace('1001"', '8001"') } },
    "fail",
    "phoenix_vm_configs.json:4:30",
  ],
  [
    "no volumes",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: '{"vms":[{"vmid":1001}]}' } },
    "fail",
    "no NFS volume",
  ],
  [
    "no VM 1001",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: '{"vms":[]}' } },
    "fail",
    "no NFS volume",
  ],
  [
    "two NFS volumes",
    {
      hypervisor: {
        [treeFile("etc/phoenix_vm_configs.json")]: vms.replace('{ "type"', '{ "type": "nfs" }, { "type"'),
      },
    },
    "fail",
    "a volume without a path",
  ],
  [
    "no file",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: { code: 44 } } },
    "fail",
    "no such file",
  ],
  ["broken JSON", { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: "{" } }, "unknown", "Not JSON"],
  [
    "an unreadable file",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: { code: 1, err: "Permission denied" } } },
    "unknown",
    "Permission denied",
  ],
];

const vmFile = treeFile("etc/phoenix_vm_configs.json");
const listed = (edit: (vm: { volumes: Record<string, string>[] }, all: object[]) => void) => {
  const all = JSON.parse(vms) as { vms: { vmid: number; volumes: Record<string, string>[] }[] };
  const own = all.vms.find(({ vmid }) => vmid === 1001);
  if (own) edit(own, all.vms);
  return { hypervisor: { [vmFile]: JSON.stringify(all, null, 1) } };
};

const ofVolume = (more: Record<string, string>) =>
  listed(({ volumes: [own] }) => own && Object.assign(own, more));
const path = "/quickOS/vm-persistent-data/1001";

for (const [what, changes, verdict, words] of [
  ["a slash at its end", ofVolume({ path: `${path}/` }), "pass", ""],
  ["a doubled slash", ofVolume({ path: `/${path}` }), "pass", ""],
  ["a dot in it", ofVolume({ path: `${path}/.` }), "pass", ""],
  ["a blank at its end", ofVolume({ path: `${path} ` }), "fail", "1001 "],
  [
    "another server",
    ofVolume({ server: "10.0.0.99" }),
    "fail",
    "/quickOS/vm-persistent-data/1001 on 10.0.0.99",
  ],
  ["its server said", ofVolume({ server: "10.0.0.13" }), "pass", ""],
  [
    "a second entry of the machine",
    listed((own, all) => all.push({ ...own, volumes: [{ type: "nfs", path: "/quickOS/other" }] })),
    "fail",
    "VM 1001 has 2 entries",
  ],
  [
    "a second entry without volumes",
    listed((_, all) => all.push({ vmid: 1001 })),
    "fail",
    "VM 1001 has 2 entries",
  ],
] as const)
  test(`declaredVolumePath reads ${verdict} with ${what}`, () => {
    const said = resultOf(declaredVolumePath, changes);
    expect(said).toMatch(new RegExp(`^${verdict}`));
    expect(said).toContain(words);
  });

test("declaredVolumePath holds on a healthy target", () => {
  expect(resultOf(declaredVolumePath)).toMatch(/^pass/);
});

for (const state of declaredVolumePathBad)
  test(`declaredVolumePath reads ${state[2]} with ${state[0]}`, () => expectSeen(declaredVolumePath, state));

for (const [what, changes, verdict, words] of [
  ["another mount point", ofVolume({ mount_point: "/srv" }), "fail", "/srv"],
  ["an empty mount point", ofVolume({ mount_point: "" }), "fail", "of VM 1001"],
  ["a directory below it", ofVolume({ mount_point: "/persistent-storage/portainer" }), "fail", "/portainer"],
  [
    "no mount point",
    listed(({ volumes: [own] }) => own && Reflect.deleteProperty(own, "mount_point")),
    "fail",
    "a volume without a mount point",
  ],
  ["no volume", listed((own) => own.volumes.splice(0)), "fail", "no NFS volume"],
  ["a volume of another type", ofVolume({ type: "virtiofs" }), "fail", "no NFS volume"],
  [
    "two volumes there",
    listed((own) =>
      own.volumes.push({ type: "nfs", path: "/quickOS/x", mount_point: "/persistent-storage/" }),
    ),
    "fail",
    "/persistent-storage, /persistent-storage/",
  ],
  ["a slash at its end", ofVolume({ mount_point: "/persistent-storage/" }), "pass", ""],
  [
    "another volume elsewhere",
    listed((own) => own.volumes.push({ type: "nfs", path: "/quickOS/x", mount_point: "/srv/certs" })),
    "pass",
    "",
  ],
  ["a list that can't be read", { hypervisor: { [vmFile]: "{" } }, "unknown", "Not JSON"],
] as const)
  test(`oneMountFromTheVolume reads ${verdict} with ${what} in the tree`, () => {
    const said = resultOf(oneMountFromTheVolume, changes);
    expect(said).toMatch(new RegExp(`^${verdict}`));
    expect(said).toContain(words);
  });

const oneMountFromTheVolumeBad: readonly Bad[] = [
  [
    "two entries",
    {
      "docker-host": {
        "file /etc/fstab": `${fstab}10.0.0.13:/quickOS/vm-persistent-data/8001 /persistent-storage/ nfs defaults 0 0\n`,
      },
    },
    "fail",
    "8001 (line 3)",
  ],
  ["no entry", { "docker-host": { "file /etc/fstab": "" } }, "fail", "no entry"],
  ["not mounted", { "docker-host": { [mountinfo]: "" } }, "fail", "nothing is mounted"],
  [
    "a local disk",
    {
      "docker-host": {
        [mountinfo]:
          "36 35 0:50 / /persistent-storage rw - ext4 10.0.0.13:/quickOS/vm-persistent-data/1001 rw\n",
      },
    },
    "fail",
    "ext4",
  ],
  [
    "a second mount on top",
    {
      "docker-host": {
        [mountinfo]: `${healthy["docker-host"][mountinfo]}37 36 0:51 / /persistent-storage rw - tmpfs none rw\n`,
      },
    },
    "fail",
    "none (tmpfs)",
  ],
  ...(
    [
      ["a trap that nothing has accessed yet", "autofs systemd-1 rw,fd=58", "unknown", "first access"],
      [
        "a part of the volume",
        "nfs4 10.0.0.13:/quickOS/vm-persistent-data/1001 rw",
        "fail",
        "only its /part",
      ],
      ["a read-only mount", "nfs4 10.0.0.13:/quickOS/vm-persistent-data/1001 ro", "fail", "read-only"],
    ] as const
  ).map(([what, mount, verdict, words]): Bad => {
    const root = words === "only its /part" ? "/part" : "/";
    return [
      what,
      { "docker-host": { [mountinfo]: `36 35 0:50 ${root} /persistent-storage rw - ${mount}\n` } },
      verdict,
      words,
    ];
  }),
  ...(
    [
      ["noauto", "nfs defaults,noauto", ", noauto"],
      ["another type", "ext4 defaults", ", type ext4"],
      ["read-only", "nfs ro", ", ro"],
    ] as const
  ).map(([what, rest, words]): Bad => {
    const text = `10.0.0.13:/quickOS/vm-persistent-data/1001 /persistent-storage ${rest} 0 0\n`;
    return [`an entry: ${what}`, { "docker-host": { "file /etc/fstab": text } }, "fail", words];
  }),
  ["a truncated mountinfo", { "docker-host": { [mountinfo]: "36 35 0:50 / /pers" } }, "unknown", "cut short"],
  ["a stopped VM", { hypervisor: { "qm status": "status: stopped\n" } }, "fail", "status: stopped"],
];

test("oneMountFromTheVolume holds on a healthy target", () => {
  expect(resultOf(oneMountFromTheVolume)).toMatch(/^pass/);
});

for (const state of oneMountFromTheVolumeBad)
  test(`oneMountFromTheVolume reads ${state[2]} with ${state[0]}`, () =>
    expectSeen(oneMountFromTheVolume, state));

test("an automount, and other spellings of the same directory, are the volume", () => {
  const own = "10.0.0.13:/quickOS/vm-persistent-data/1001";
  const trap = "39 25 0:38 / /persistent-storage rw - autofs systemd-1 rw,fd=58,timeout=0,direct\n";
  const mounted = `412 39 0:57 / /persistent-storage rw - nfs4 ${own} rw,vers=4.2\n`;
  const said = (entry: string, mounts: string) =>
    resultOf(oneMountFromTheVolume, {
      "docker-host": { "file /etc/fstab": `${entry} 0 0\n`, [mountinfo]: mounts },
    });
  const auto = `${own} /persistent-storage nfs4 noauto,x-systemd.automount`;
  expect(said(auto, trap + mounted)).toMatch(/^pass/);
  expect(said(`${own}/ /persistent-storage nfs defaults`, mounted)).toMatch(/^pass/);
  expect(said(`${own.replace(":/", "://")} /persistent-storage// nfs ro,rw`, mounted)).toMatch(/^pass/);
  expect(
    said(auto, `${mounted.replace("1001", "8001")}${trap}${mounted}`),
    "another one below the trap",
  ).toMatch(/^fail/);
});

test("a target that bridges NFS cannot imitate the file system's type; its source is checked as on any target", () => {
  const limits = { cannotImitate: [{ what: "nfs-file-system-type", reason: "NFS over FUSE" }] as const };
  const bridged = String(healthy["docker-host"][mountinfo]).replace("nfs4", "fuse.nfs-bridge");
  const judged = (text: string, on: Parameters<typeof sample>[1] = limits) => {
    const { verdict, checks } = judge(
      oneMountFromTheVolume,
      sample({ "docker-host": { [mountinfo]: text } }, on),
    );
    return [
      verdict,
      ...checks.flatMap(({ found, notImitated }) => (notImitated ? [found, notImitated] : [])),
    ];
  };
  expect(judged(bridged)).toEqual(["pass", "fuse.nfs-bridge", "NFS over FUSE"]);
  expect(judged(bridged, {})).toEqual(["fail"]);
  expect(judged(bridged.replace("1001", "8001"))[0]).toBe("fail");
  expect(judged(bridged.replace("fuse.nfs-bridge", "ext4")), "no bridge of NFS").toEqual(["fail"]);
  expect(judged(String(healthy["docker-host"][mountinfo])), "nothing is left out").toEqual(["pass"]);
});
