// Further instances of each kind of fstab, of mounts and of exports that was read wrongly once.
import { expect, test } from "@playwright/test";
import { resultOf } from "../../testing/claim-result.ts";
import { healthy } from "../../testing/evidence-builder.ts";
import { exportForRoot } from "./export.ts";
import { oneMountFromTheVolume } from "./volume.ts";

const fstab = "file /etc/fstab";
const mountinfo = "file /proc/self/mountinfo";
const own = "10.0.0.13:/quickOS/vm-persistent-data/1001";
const verdictOf = (said: string) => said.slice(0, said.indexOf(":"));
const by = (host: string) => own.replace("10.0.0.13", host);
const entry = (rest: string, source = own) => `${source} /persistent-storage ${rest}\n`;
const mount = (rest: string, root = "/") => `412 39 0:57 ${root} /persistent-storage rw ${rest}\n`;

type Row = readonly [
  what: string,
  verdict: "pass" | "fail" | "unknown",
  fstab: string | undefined,
  mounts?: string,
];
const mounts: readonly Row[] = [
  ["tabs between the fields", "pass", entry("nfs defaults 0 0").replaceAll(" ", "\t")],
  ["an entry of four fields", "pass", entry("nfs4 rw")],
  ["an entry of three fields", "pass", entry("nfs4")],
  ["escaped characters", "pass", entry("nfs defaults 0 0").replaceAll("-", "\\055")],
  ["an old entry in a comment", "pass", `# ${entry("nfs defaults 0 0", by("10.0.0.9"))}${entry("nfs4")}`],
  [
    "an automount with a timeout",
    "pass",
    entry("nfs noauto,x-systemd.automount,x-systemd.idle-timeout=60 0 0"),
  ],
  ["noauto, and a unit that wants it", "pass", entry("nfs noauto,x-systemd.wanted-by=multi-user.target 0 0")],
  [
    "noauto, and a unit that requires it",
    "pass",
    entry("nfs noauto,x-systemd.required-by=docker.service 0 0"),
  ],
  [
    "noauto, and a unit that it requires itself",
    "fail",
    entry("nfs noauto,x-systemd.requires=a.service 0 0"),
  ],
  ["auto after noauto", "pass", entry("nfs noauto,auto 0 0")],
  ["noauto after auto", "fail", entry("nfs auto,noauto 0 0")],
  ["a dot in the path", "pass", entry("nfs", "10.0.0.13:/quickOS/./vm-persistent-data/1001")],
  ["two dots in the path", "pass", entry("nfs", "10.0.0.13:/quickOS/x/../vm-persistent-data/1001")],
  ["two dots that lead to another guest", "fail", entry("nfs", `${own}/../8001`)],
  ["a mount point with a slash", "pass", entry("nfs").replace("storage ", "storage/ ")],
  ["two spellings of one entry", "fail", entry("nfs") + entry("nfs4", `${own}/`)],
  ["a directory of the docker host", "fail", entry("none bind 0 0", "/srv")],
  [
    "another mount over Portainer's directory",
    "fail",
    `${entry("nfs")}tmpfs /persistent-storage/portainer/ tmpfs defaults 0 0\n`,
  ],
  [
    "another server's data below Portainer's directory",
    "fail",
    `${entry("nfs")}10.0.0.9:/data /persistent-storage/portainer/portainer_data nfs defaults 0 0\n`,
  ],
  [
    "a mount of its own for another stack",
    "pass",
    `${entry("nfs")}tmpfs /persistent-storage/portainer-cache tmpfs defaults 0 0\n`,
    `${mount(`- nfs4 ${own} rw`)}413 412 0:58 / /persistent-storage/cache rw - tmpfs tmpfs rw\n`,
  ],
  [
    "memory mounted over Portainer's data",
    "fail",
    undefined,
    `${mount(`- nfs4 ${own} rw`)}413 412 0:58 / /persistent-storage/portainer/portainer_data rw - tmpfs tmpfs rw\n`,
  ],
  ["a server of IPv6", "fail", entry("nfs", by("[fd00::13]"))],
  [
    "the server's name, mounted",
    "pass",
    entry("nfs", by("pve.lan")),
    mount(`- nfs4 ${by("pve.lan")} rw,addr=10.0.0.13`),
  ],
  [
    "another server's name, mounted",
    "fail",
    entry("nfs", by("nas.lan")),
    mount(`- nfs4 ${by("nas.lan")} rw,addr=10.0.0.14`),
  ],
  ["a server's name, and a mount by its address", "unknown", entry("nfs", by("pve.lan"))],
  [
    "a server's name, whose address is not shown",
    "unknown",
    undefined,
    mount(`- nfs4 ${by("pve.lan")} rw,vers=4.2`),
  ],
  ["a server's name, and another path", "fail", entry("nfs", "pve.lan:/srv")],
  [
    "the address of the client beside the server's",
    "fail",
    undefined,
    mount(`- nfs4 ${by("nas.lan")} rw,clientaddr=10.0.0.13,addr=10.0.0.14`),
  ],
  [
    "an automounter's own trap",
    "pass",
    undefined,
    `39 25 0:38 / /persistent-storage rw - autofs /etc/auto.direct rw,fd=6,direct\n${mount(`- nfs ${own} rw,vers=3`)}`,
  ],
  [
    "optional fields",
    "pass",
    undefined,
    mount(`shared:1 master:2 propagate_from:3 unbindable - nfs4 ${own} rw`),
  ],
  ["a source with a slash", "pass", undefined, mount(`- nfs4 ${own}/ rw`)],
  [
    "a mount that was made read-only",
    "fail",
    undefined,
    mount(`- nfs4 ${own} rw`).replace("rw -", "ro,relatime -"),
  ],
  [
    "a kernel's mount with the path escaped",
    "pass",
    undefined,
    mount(`- nfs4 ${own} rw`).replace("-storage", "\\055storage"),
  ],
  [
    "the mount point below another root alone",
    "fail",
    undefined,
    mount(`- nfs4 ${own} rw`).replace("/persistent", "/mnt/persistent"),
  ],
  ["a bind mount of the volume's subdirectory", "fail", undefined, mount(`- nfs4 ${own} rw`, "/portainer")],
  [
    "a subdirectory's mount beside it",
    "pass",
    undefined,
    `${mount(`- nfs4 ${own} rw`)}500 412 0:70 / /persistent-storage/tmp rw - tmpfs none rw\n`,
  ],
  ["the same mount twice", "fail", undefined, mount(`- nfs4 ${own} rw`) + mount(`- nfs4 ${own} rw`)],
  ["the source of another export", "fail", undefined, mount(`- nfs4 ${own}0 rw`)],
  ["a super block that is read-only", "fail", undefined, mount(`- nfs4 ${own} ro,vers=4.2`)],
  ["a directory that was removed", "fail", undefined, mount("- ext4 /dev/sda1 rw", "/1001//deleted")],
];
for (const [what, verdict, entries, kernel] of mounts)
  test(`instances: oneMountFromTheVolume reads ${verdict} with ${what}`, () => {
    const said = resultOf(oneMountFromTheVolume, {
      "docker-host": {
        [fstab]: entries ?? String(healthy["docker-host"][fstab]),
        [mountinfo]: kernel ?? String(healthy["docker-host"][mountinfo]),
      },
    });
    expect(verdictOf(said), said).toBe(verdict);
  });

const root = "/quickOS/vm-persistent-data";
const network = (options: string) => `${root} 10.0.0.0/24(${options})\n`;
const client = (name: string, options = "rw,no_root_squash") => `${root} ${name}(${options})\n`;

for (const [what, verdict, text, options] of [
  // Clients.
  ["a netgroup", "unknown", client("@vms")],
  ["a pattern of names", "unknown", client("*.phoenix.local")],
  ["a short name", "unknown", client("dr-phoenix")],
  ["a name beside the address", "pass", `${root} dr-phoenix(ro) 10.0.0.101(rw,no_root_squash)\n`],
  ["a network of one address", "pass", client("10.0.0.101/32")],
  ["every network", "pass", client("0.0.0.0/0")],
  ["every client", "pass", client("*")],
  ["a network with a long mask", "pass", client("10.0.0.0/255.255.255.0")],
  ["another address", "fail", client("10.0.0.102")],
  ["a client of Kerberos, as it was written", "fail", client("gss/krb5")],
  ["the same client twice, the first one good", "pass", network("rw,no_root_squash") + network("ro")],
  ["the same client twice, the first one bad", "fail", network("ro") + network("rw,no_root_squash")],
  // Paths.
  ["a path in quotes", "pass", network("rw,no_root_squash").replace(root, `"${root}"`)],
  ["a path with escaped characters", "pass", network("rw,no_root_squash").replaceAll("-", "\\055")],
  ["a path with a slash", "pass", network("rw,no_root_squash").replace(" ", "/ ")],
  ["a joined line", "pass", network("rw,no_root_squash").replace(" ", " \\\n  ")],
  ["its own directory", "pass", client("10.0.0.101").replace(root, `${root}/1001`)],
  ["another guest's directory", "fail", client("10.0.0.101").replace(root, `${root}/1002`)],
  // Squashing.
  ["root squashed to root", "pass", network("rw,root_squash,anonuid=0,anongid=0")],
  ["everybody squashed to root", "pass", network("rw,all_squash,anonuid=0,anongid=0")],
  ["everybody squashed to a user", "fail", network("rw,no_root_squash,all_squash,anonuid=1000")],
  [
    "everybody squashed, the last number another user's",
    "fail",
    network("rw,all_squash,anonuid=0,anonuid=99"),
  ],
  // Other servers.
  ["a referral to another server", "fail", network("rw,no_root_squash,refer=/x@10.0.0.9")],
  ["a list of other servers that have it too", "pass", network("rw,no_root_squash,replicas=/x@10.0.0.9")],
  // Security flavours, and transports.
  ["Kerberos alone", "fail", network("rw,no_root_squash,sec=krb5")],
  ["two flavours of Kerberos", "fail", network("rw,no_root_squash,sec=krb5i:krb5p")],
  ["Kerberos by default of the line", "fail", `${root} -sec=krb5 10.0.0.0/24(rw,no_root_squash)\n`],
  ["Kerberos before sys", "pass", network("rw,no_root_squash,sec=krb5:sys")],
  ["sys to read, Kerberos to write", "fail", network("no_root_squash,sec=sys,ro,sec=krb5,rw")],
  ["no flavour", "fail", network("rw,no_root_squash,sec=none")],
  ["TLS alone", "fail", network("rw,no_root_squash,xprtsec=tls")],
  ["TLS in both forms", "fail", network("rw,no_root_squash,xprtsec=tls:mtls")],
  ["TLS or none", "pass", network("rw,no_root_squash,xprtsec=none:tls")],
  [
    "TLS in the other form than the mount's",
    "fail",
    network("rw,no_root_squash,xprtsec=mtls"),
    "xprtsec=tls",
  ],
] as const)
  test(`instances: exportForRoot reads ${verdict} with ${what}`, () => {
    const said = resultOf(exportForRoot, {
      hypervisor: { "file /etc/exports": text, "file /var/lib/nfs/etab": text },
      ...(options !== undefined && { "docker-host": { [fstab]: entry(`nfs4 ${options} 0 0`) } }),
    });
    expect(verdictOf(said), said).toBe(verdict);
  });

test("instances: TLS alone is right where the docker host mounts with it", () => {
  const text = network("rw,no_root_squash,xprtsec=tls");
  const said = resultOf(exportForRoot, {
    hypervisor: { "file /etc/exports": text, "file /var/lib/nfs/etab": text },
    "docker-host": { [fstab]: entry("nfs4 xprtsec=tls 0 0") },
  });
  expect(verdictOf(said), said).toBe("pass");
});
