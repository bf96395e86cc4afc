// The blast radius claim on sample evidence: allowed changes pass, and any other change is named at its level.
import { expect, test } from "@playwright/test";
import { known } from "../../../fixtures/evidence/fact.ts";
import { judge } from "../../../fixtures/judgement.ts";
import {
  type Changes,
  conf,
  dockerHost,
  entry,
  evidenceAt,
  gateway,
  hypervisor,
  text,
} from "../../testing/before-and-after.ts";
import { nothingElseChanged } from "./blast-radius.ts";

const tree = "/usr/local/phoenix_hypervisor";
const before = evidenceAt("2025-11-01T00:00:00.000Z");
const after = (changes?: Changes) => evidenceAt("2025-11-01T00:01:00.000Z", changes);
const judged = (changes?: Changes) => judge((now) => nothingElseChanged(before, now), after(changes));
const host = hypervisor["list host"];

test("equal evidence: nothing changed, and every level has a check", () => {
  const { verdict, checks } = judged();
  expect(verdict).toBe("pass");
  expect(new Set(checks.map(({ level }) => level))).toEqual(new Set(["declared", "delivered", "live"]));
});

test("one set of evidence cannot be compared", () => {
  expect(judge((now) => nothingElseChanged(now, now), before)).toMatchObject({ verdict: "unknown" });
});

for (const [what, changes] of [
  [
    "the tree's own configuration",
    {
      hypervisor: {
        "list tree": `${hypervisor["list tree"]}${entry(`${tree}/bin/managers/guest-firewall.sh`)}`,
      },
    },
  ],
  [
    "the gateway's configuration",
    {
      hypervisor: {
        "list host": host.replace(
          "root 1700000000.5 10 7\0\0/etc/pve/lxc/101",
          "root 1800000000.5 10 7\0\0/etc/pve/lxc/101",
        ),
      },
    },
  ],
  [
    "a new snapshot of the template",
    { hypervisor: { "sums host": `${"b".repeat(64)}  ${conf}\0`, [`file ${conf}`]: text(2048, 2) } },
  ],
  [
    "what Proxmox itself writes",
    { hypervisor: { "list host": host.replace(entry("/etc/pve/.version"), "") } },
  ],
  [
    "the plan's directory",
    {
      hypervisor: {
        "list volumes":
          hypervisor["list volumes"] + entry("/quickOS/vm-persistent-data/1001", "d 777 a:a 1.5 1 1"),
      },
    },
  ],
  [
    "a data file's time",
    { hypervisor: { "list volumes": hypervisor["list volumes"].replace("1.5", "2.5") } },
  ],
  [
    "the mount table",
    {
      "docker-host": {
        "list etc": dockerHost["list etc"].replace("10 7\0\0/etc/fstab", "99 7\0\0/etc/fstab"),
        "file /etc/fstab": `LABEL=root / ext4 defaults 0 1\n10.0.0.13:/other /persistent-storage nfs defaults 0 0\n`,
      },
    },
  ],
] as [string, Changes][]) {
  test(`within reach: ${what}`, () => expect(judged(changes).verdict).toBe("pass"));
}

for (const [level, what, changes, words] of [
  [
    "declared",
    "another file of the tree",
    { hypervisor: { "list tree": `${hypervisor["list tree"]}${entry(`${tree}/bin/x`)}` } },
    "/bin/x: new",
  ],
  [
    "declared",
    "a mode",
    { hypervisor: { "list tree": hypervisor["list tree"].replace("644", "666") } },
    "mode 666, was 644",
  ],
  [
    "delivered",
    "a guest's memory",
    { hypervisor: { "sums host": `${"b".repeat(64)}  ${conf}\0`, [`file ${conf}`]: text(512, 1) } },
    '900.conf: removed "memory: 2048"',
  ],
  [
    "delivered",
    "exports written again",
    {
      hypervisor: {
        "list host": host.replace("1700000000.5 10 7\0\0/etc/exports", "1800000000.5 10 7\0\0/etc/exports"),
      },
    },
    "/etc/exports: mtime",
  ],
  [
    "delivered",
    "a new file",
    { hypervisor: { "list host": host + entry("/etc/pve/firewall/102.fw") } },
    "102.fw: new",
  ],
  [
    "delivered",
    "another guest's volume gone",
    { hypervisor: { "list volumes": entry("/quickOS/vm-persistent-data/9", "d 777 a:a 1.5 1 1") } },
    "8001: gone",
  ],
  [
    "live",
    "a guest that stopped",
    { hypervisor: { guests: hypervisor.guests.replace("101 running", "101 stopped") } },
    "101 stopped, was running",
  ],
  [
    "live",
    "a missing guest",
    { hypervisor: { guests: hypervisor.guests.replace(" 1001 Dr running 8192 32.00 4711\n", "") } },
    "1001 gone",
  ],
  [
    "live",
    "a file in the gateway",
    {
      gateway: { "list etc": gateway["list etc"].replace("10 7\0\0/etc/hostname", "11 7\0\0/etc/hostname") },
    },
    "/etc/hostname: size 11",
  ],
  [
    "live",
    "an owner in the docker host",
    { "docker-host": { "list etc": dockerHost["list etc"].replace("root:root", "a:a") } },
    "owner a:a",
  ],
] as [string, string, Changes, string][]) {
  test(`not allowed, ${level}: ${what}`, () => {
    const { verdict, checks } = judged(changes);
    expect(verdict).toBe("fail");
    const failing = checks.filter(({ ok }) => !ok);
    expect(failing.map((check) => check.level)).toEqual([level]);
    expect(failing[0]?.found).toContain(words);
  });
}

/** A file with other bytes before and after, and its place in a listing. */
const changedText = (place: "hypervisor" | "gateway" | "docker-host", listing: string, path: string) => {
  const at = (text: string, digest: string, meta?: string): Changes => ({
    [place]: {
      [`list ${listing}`]: entry(path, meta),
      [`sums ${listing}`]: `${digest.repeat(64)}  ${path}\0`,
      [`file ${path}`]: text,
    },
  });
  return (was: string, is: string, meta?: string) =>
    judge(
      (now) => nothingElseChanged(evidenceAt("2025-11-01T00:00:00.000Z", at(was, "a")), now),
      after(at(is, "b", meta)),
    );
};

const vms = (other: object[], path: string) =>
  JSON.stringify({ vms: [...other, { vmid: 1001, volumes: [{ type: "nfs", path }] }] });
const lxcs = (firewall: object, other: object) =>
  JSON.stringify({ lxc_configs: { 101: { firewall }, ...other } });
const vmFile = `${tree}/etc/phoenix_vm_configs.json`;
const lxcFile = `${tree}/etc/phoenix_lxc_configs.json`;
const script = `${tree}/bin/managers/lxc-manager.sh`;
const cluster = "/etc/pve/firewall/cluster.fw";
const hosts = "127.0.0.1 localhost\n10.0.0.9 portainer.phoenix.local files\n";

const liveSite = "/etc/nginx/sites-available/vllm_gateway";
const n8n = "server {\n    listen 80;\n    server_name n8n.phoenix.local;\n}\n";
const chat = "server {\n    listen 80;\n    server_name chat.phoenix.local;\n}\n";
const old =
  "upstream chat { server 10.0.0.150:8000; }\nupstream portainer_service { server 10.0.0.99:9443; }\n";
const own = `map $http_upgrade $portainer_connection {
    default upgrade;
}
server {
    listen 443 ssl;
    server_name portainer.phoenix.local;
    location / { proxy_pass https://portainer_service; }
}
`;
const moved = old.replace("10.0.0.99", "10.0.0.101");

for (const [what, place, listing, path, was, is, words] of [
  [
    "another service's server gone from the live site",
    "gateway",
    "etc",
    liveSite,
    old + n8n + chat,
    moved + chat + own,
    'removed "server_name n8n.phoenix.local;"',
  ],
  [
    "another service's address in the live site",
    "gateway",
    "etc",
    liveSite,
    old + n8n,
    moved.replace("150", "151") + n8n + own,
    'removed "upstream chat',
  ],
  [
    "a new server for every name",
    "gateway",
    "etc",
    liveSite,
    old + n8n,
    `${moved}${n8n}${own}server { listen 80 default_server; }\n`,
    'added "server { listen 80 default_server; }"',
  ],
  [
    "a new server of another name too",
    "gateway",
    "etc",
    liveSite,
    old,
    moved + own.replace("server_name ", "server_name chat.phoenix.local "),
    'added "server { listen 443 ssl; server_name chat',
  ],
  [
    "a directive added to another service's server",
    "gateway",
    "etc",
    liveSite,
    old + n8n,
    moved + n8n.replace("80;", "80;\n    deny all;") + own,
    'added "server { listen 80; deny all;',
  ],
  [
    "a directive for every server",
    "gateway",
    "etc",
    liveSite,
    old,
    `${moved}client_max_body_size 1k;\n${own}`,
    'added "client_max_body_size 1k;"',
  ],
  [
    "another order of the other servers",
    "gateway",
    "etc",
    liveSite,
    old + n8n + chat,
    moved + chat + n8n + own,
    "n8n.phoenix.local",
  ],
  [
    "another site of the gateway",
    "gateway",
    "etc",
    "/etc/nginx/sites-available/n8n_proxy",
    n8n,
    `${n8n}deny all;\n`,
    'n8n_proxy: added "deny all;"',
  ],
  [
    "another script of the gateway",
    "gateway",
    "etc",
    "/etc/nginx/scripts/http.js",
    "a\n",
    "b\n",
    'http.js: removed "a"',
  ],
  [
    "another site that is served",
    "gateway",
    "etc",
    "/etc/nginx/sites-enabled/n8n",
    n8n,
    chat,
    "sites-enabled/n8n: removed",
  ],
  [
    "another service's certificate",
    "gateway",
    "etc",
    "/etc/nginx/ssl/chat.phoenix.local.crt",
    "a",
    "b",
    "chat.phoenix.local.crt: sha256",
  ],
  [
    "another certificate beside Portainer's",
    "gateway",
    "etc",
    "/etc/nginx/ssl/portainer.phoenix.local.ca",
    "a",
    "b",
    "portainer.phoenix.local.ca: sha256",
  ],
  [
    "another machine gone",
    "hypervisor",
    "tree",
    vmFile,
    vms([{ vmid: 9000 }], "/a"),
    vms([], "/b"),
    "/vms/9000",
  ],
  [
    "another volume's type",
    "hypervisor",
    "tree",
    vmFile,
    vms([], "/a"),
    vms([], "/b").replace("nfs", "zfs"),
    "volumes/0/type",
  ],
  [
    "another container's firewall",
    "hypervisor",
    "tree",
    lxcFile,
    lxcs({}, { 900: {} }),
    lxcs({ rules: [] }, { 900: { firewall: {} } }),
    "/lxc_configs/900/firewall",
  ],
  ["a line of a manager gone", "hypervisor", "tree", script, "a\nb\n", "a\nhook\n", 'removed "b"'],
  [
    "a rule of the cluster's firewall gone",
    "hypervisor",
    "host",
    cluster,
    "[RULES]\nIN DROP -p tcp -dport 22\n",
    "[OPTIONS]\nenable: 1\n[RULES]\n",
    'removed "IN DROP',
  ],
  [
    "an option of the cluster's firewall",
    "hypervisor",
    "host",
    cluster,
    "[OPTIONS]\nebtables: 1\n",
    "[OPTIONS]\nenable: 1\nebtables: 0\n",
    'removed "ebtables: 1"',
  ],
  [
    "a disk of the gateway",
    "hypervisor",
    "host",
    "/etc/pve/lxc/101.conf",
    "rootfs: a:1\nmemory: 1\n",
    "rootfs: b:1\nmemory: 2\n",
    'removed "rootfs: a:1"',
  ],
  [
    "another name in /etc/hosts",
    "hypervisor",
    "host",
    "/etc/hosts",
    hosts,
    "10.0.0.153 portainer.phoenix.local\n10.0.0.9 files\n",
    'removed "127.0.0.1 localhost"',
  ],
  [
    "a name beside Portainer's",
    "gateway",
    "etc",
    "/etc/hosts",
    hosts,
    hosts.replace("10.0.0.9", "10.0.0.153"),
    'removed "10.0.0.9 files"',
  ],
  [
    "another service's address",
    "hypervisor",
    "tree",
    `${tree}/etc/nginx/sites-available/vllm_gateway`,
    "upstream other { server 10.0.0.1:8000; }\nupstream portainer_service { server 10.0.0.99:9443; }\n",
    "upstream other { server 10.0.0.2:8000; }\nupstream portainer_service { server 10.0.0.101:9443; }\n",
    'removed "upstream other',
  ],
  [
    "another mount",
    "docker-host",
    "etc",
    "/etc/fstab",
    "a /a ext4 defaults 0 1\n",
    "b /a ext4 defaults 0 1\n",
    'removed "a /a',
  ],
] as const)
  test(`within a file that the plan changes, not allowed: ${what}`, () => {
    const { verdict, checks } = changedText(place, listing, path)(was, is);
    expect(verdict).toBe("fail");
    expect(
      checks
        .filter(({ ok }) => !ok)
        .map(({ found }) => found)
        .join(),
    ).toContain(words);
  });

for (const [what, place, listing, path, was, is] of [
  [
    "the volume's path and the machine's firewall",
    "hypervisor",
    "tree",
    vmFile,
    vms([{ vmid: 9000 }], "/a"),
    vms([{ vmid: 9000 }], "/b").replace('"vmid":1001', '"vmid":1001,"firewall":{}'),
  ],
  [
    "the gateway's rules",
    "hypervisor",
    "tree",
    lxcFile,
    lxcs({}, { 900: {} }),
    lxcs({ rules: [1] }, { 900: {} }),
  ],
  [
    "how a manager looks for an option of LXC",
    "hypervisor",
    "tree",
    script,
    '    grep -qF "$option" "$conf_file" || echo "$option" >> "$conf_file"\n',
    '    grep -qxF -e "$option" -e "$(sed x <<< "$option")" "$conf_file" || echo "$option" >> "$conf_file"\n',
  ],
  ["a hook in a manager", "hypervisor", "tree", script, "a\nb\n", "a\nhook\nb\n"],
  ["Portainer's address and servers", "gateway", "etc", liveSite, `${old}-\n${n8n}`, moved + n8n + own],
  [
    "the scheme that Portainer is asked with",
    ...(["gateway", "etc", liveSite] as const),
    `${old}server {\n  location /portainer/ {\n    proxy_pass http://portainer_service/;\n  }\n}\n`,
    `${moved}server {\n  location /portainer/ {\n    proxy_pass https://portainer_service/;\n  }\n}\n${own}`,
  ],
  ["Portainer's certificate", "gateway", "etc", "/etc/nginx/ssl/portainer.phoenix.local.crt", "a", "b"],
  [
    "the cluster's switch, and a rule that lets in",
    "hypervisor",
    "host",
    cluster,
    "[RULES]\nIN DROP\n",
    "[OPTIONS]\nenable: 1\npolicy_in: ACCEPT\n\n[RULES]\n# kept\nIN ACCEPT -p tcp\nIN DROP\n",
  ],
  [
    "the gateway's card",
    "hypervisor",
    "host",
    "/etc/pve/lxc/101.conf",
    "net0: a\nlxc.mount.auto:sys:rw\n",
    "net0: a,firewall=1\nlxc.mount.auto: sys:rw\n",
  ],
  [
    "Portainer's name",
    "hypervisor",
    "host",
    "/etc/hosts",
    hosts,
    "127.0.0.1 localhost\n10.0.0.9 files\n10.0.0.153 portainer.phoenix.local\n",
  ],
] as const)
  test(`within a file that the plan changes, allowed: ${what}`, () => {
    const { verdict, checks } = changedText(place, listing, path)(was, is);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(verdict).toBe("pass");
  });

for (const [what, meta, words] of [
  ["set-id", "f 4644 root:root 1700000000.5 10 7", "mode 4644, was 644"],
  ["an owner", "f 644 a:root 1700000000.5 10 7", "owner a:root"],
  ["a type", "l 644 root:root 1700000000.5 10 7", "type l"],
] as const)
  test(`a file that the plan changes keeps its attributes: ${what}`, () => {
    const { verdict, checks } = changedText("hypervisor", "tree", script)("a\n", "a\nb\n", meta);
    expect(verdict).toBe("fail");
    expect(
      checks
        .filter(({ ok }) => !ok)
        .map(({ found }) => found)
        .join(),
    ).toContain(words);
  });

const key = "/etc/nginx/ssl/portainer.phoenix.local.key";
for (const [what, mode, owner, words] of [
  ["the mode that the plan gives it", "600", "root", undefined],
  ["a mode that others may read", "640", "root", "mode 640, was 644"],
  ["another owner", "600", "www-data", "owner www-data:root"],
] as const)
  test(`the key of Portainer's certificate with ${what}`, () => {
    const { checks } = changedText("gateway", "etc", key)("a", "b", `f ${mode} ${owner}:root 1.5 1 7`);
    const found = checks.flatMap((one) => (one.ok ? [] : [one.found]));
    expect(found).toEqual(words === undefined ? [] : [expect.stringContaining(words)]);
  });

test("a link that serves another site, and the link of another site that is gone", () => {
  const enabled = (links: Record<string, string>) => ({
    gateway: {
      "list etc":
        gateway["list etc"] +
        Object.entries(links)
          .map(([name, to]) => `l 777 root:root 1.5 1 1\0${to}\0/etc/nginx/sites-enabled/${name}\0`)
          .join(""),
    },
  });
  const was = evidenceAt(
    "2025-11-01T00:00:00.000Z",
    enabled({ vllm_gateway: "../a", n8n: "../n", default: "../d" }),
  );
  const found = (links: Record<string, string>) => {
    const { checks } = judge((now) => nothingElseChanged(was, now), after(enabled(links)));
    return checks.flatMap((one) => (one.ok ? [] : [one.found])).join();
  };
  expect(found({ vllm_gateway: "../a", n8n: "../n" }), "nginx's own default site may go").toBe("");
  expect(found({ vllm_gateway: "../b", n8n: "../n" })).toContain("sites-enabled/vllm_gateway: link");
  expect(found({ vllm_gateway: "../a" })).toContain("sites-enabled/n8n: gone");
});

test("a file that the plan changes may not disappear", () => {
  const { verdict, checks } = judged({ gateway: { "list etc": entry("/etc/hostname") } });
  expect(verdict).toBe("fail");
  expect(checks.find(({ ok }) => !ok)?.found).toContain("sites-available/vllm_gateway: gone");
});

test("a file of which other bytes are known, and whose text shows no difference, is unknown", () => {
  expect(changedText("hypervisor", "tree", script)("a\n", "a\n").verdict).toBe("unknown");
});

test("a file that the plan changes is compared by its text when its digest is missing", () => {
  const at = (text: string): Changes => ({
    hypervisor: { "list tree": entry(vmFile), "sums tree": { out: "" }, [`file ${vmFile}`]: text },
  });
  const was = evidenceAt("2025-11-01T00:00:00.000Z", at(vms([{ vmid: 9000 }], "/a")));
  const now = (text: string) => judge((is) => nothingElseChanged(was, is), after(at(text)));
  expect(now(vms([{ vmid: 7000 }], "/a")).verdict).toBe("fail");
  expect(now(vms([{ vmid: 9000 }], "/b")).verdict).toBe("pass");
  expect(now(vms([{ vmid: 9000 }], "/a")).verdict).toBe("unknown");
});

test("secret files are compared by their digests", () => {
  const shadow = (digest: string): Changes => ({
    "docker-host": {
      "list etc": `${dockerHost["list etc"]}${entry("/etc/shadow")}`,
      "sums etc": `${digest.repeat(64)}  /etc/shadow\0`,
    },
  });
  const was = evidenceAt("2025-11-01T00:00:00.000Z", shadow("a"));
  const on = (digest: string) => judge((now) => nothingElseChanged(was, now), after(shadow(digest)));
  expect(on("a").verdict).toBe("pass");
  expect(on("b").checks.find(({ ok }) => !ok)?.found).toContain("/etc/shadow: sha256");
});

const wholeSums = known(evidenceAt("2025-11-01T00:00:00.000Z").output("gateway", "sums etc"));

for (const [what, sums] of [
  ["timed out", { code: 124 }],
  ["came whole from a program that failed", { code: 1, out: wholeSums }],
  ["came whole from a program that was killed", { code: 143, out: wholeSums }],
  ["are empty", { out: "" }],
  ["were never asked for", undefined],
] as const)
  test(`digests that ${what} make a comparison unknown, not equal`, () => {
    expect(judged({ gateway: { "sums etc": sums } })).toMatchObject({ verdict: "unknown" });
    const was = evidenceAt("2025-11-01T00:00:00.000Z", { gateway: { "sums etc": sums } });
    expect(judge((now) => nothingElseChanged(was, now), after())).toMatchObject({ verdict: "unknown" });
  });

for (const [what, changes, verdict] of [
  ["a truncated listing", { gateway: { "list etc": "f 644" } }, "unknown"],
  ["guests that could not be listed", { hypervisor: { guests: { code: 1, err: "no" } } }, "unknown"],
  ["a table of guests in another shape", { hypervisor: { guests: "101 what\n" } }, "unknown"],
  ["a gateway that does not run", { hypervisor: { "pct status": "status: stopped\n" } }, "fail"],
] as [string, Changes, string][]) {
  test(`${what} is ${verdict}`, () => expect(judged(changes).verdict).toBe(verdict));
}

/** The tree's entries of both guests, and how Proxmox shows what Phoenix has set from them. */
const declaring = {
  "file /usr/local/phoenix_hypervisor/etc/phoenix_lxc_configs.json": JSON.stringify({
    lxc_configs: {
      101: {
        ...{ memory_mb: 4096, cores: 4, start_at_boot: true, boot_order: 1, unprivileged: true },
        ...{ mac_address: "52:54:00:67:89:B3", network_config: { bridge: "vmbr0", ip: "10.0.0.153/24" } },
      },
    },
  }),
  "file /usr/local/phoenix_hypervisor/etc/phoenix_vm_configs.json": JSON.stringify({
    vms: [{ vmid: 1001, memory_mb: 8192, cores: 4, start_at_boot: true, boot_order: 2 }],
  }),
} as const;
const ofGateway = `cores: 2\nmemory: 4096\nnet0: name=eth0,bridge=vmbr0,ip=10.0.0.153/24,hwaddr=52:54:00:67:89:b3,type=veth\nonboot: 1\nstartup: order=1,up=5,down=5\nunprivileged: 1\n`;
const ofMachine = `cores: 4\nmemory: 8192\nnet0: virtio=AA:BB:CC:00:11:22,bridge=vmbr0\nonboot: 1\nstartup: order=2,up=10\n`;

function guestChanged(id: number, was: string, from: string | RegExp, to: string) {
  const path = `/etc/pve/${id === 101 ? "lxc" : "qemu-server"}/${id}.conf`;
  const files = (one: string, digest: string): Changes => ({
    hypervisor: {
      ...{ ...declaring, "list host": entry(path) + entry("/etc/exports"), [`file ${path}`]: one },
      "sums host": `${digest.repeat(64)}  ${path}\0`,
    },
  });
  const is = was.replace(from, to);
  expect(is).not.toBe(was);
  const old = evidenceAt("2025-11-01T00:00:00.000Z", files(was, "a"));
  const { verdict, checks } = judge((now) => nothingElseChanged(old, now), after(files(is, "b")));
  return [verdict, ...checks.filter(({ ok }) => !ok).map(({ found }) => found)].join(" ");
}

for (const [id, from, to, words] of [
  [101, "onboot: 1", "onboot: 0", "onboot is 0, start_at_boot is declared as true"],
  [101, "order=1", "order=9", "startup is order=9,up=5,down=5, boot_order is declared as 1"],
  [101, "unprivileged: 1", "unprivileged: 0", "unprivileged is 0"],
  [101, "153/24", "154/24", "net0 ip is 10.0.0.154/24, was 10.0.0.153/24"],
  [101, "type=veth", "type=veth,link_down=1", "net0 link_down is 1, was not set"],
  [101, "89:b3", "89:b4", "net0 hwaddr"],
  [101, "onboot", "net1: name=eth1,bridge=vmbr1\nonboot", "net1 name is eth1"],
  [1001, "onboot: 1\n", "", "onboot is not set"],
  [1001, /startup.*\n/, "", "startup is not set, boot_order is declared as 2"],
  [1001, "8192", "2048", "memory is 2048, memory_mb is declared as 8192"],
  [1001, "AA:BB", "AA:BC", "net0 virtio is AA:BC:CC:00:11:22"],
  [1001, "virtio=", "e1000=", "net0 e1000"],
  [1001, "vmbr0", "vmbr1", "net0 bridge is vmbr1, was vmbr0"],
  [1001, "onboot", "net1: virtio=CC:DD,bridge=vmbr0\nonboot", "net1 virtio"],
] as const)
  test(`a guest's settings are those of the tree: ${id}, ${words}`, () => {
    const said = guestChanged(id, id === 101 ? ofGateway : ofMachine, from, to);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

for (const [id, from, to] of [
  [101, "bridge=vmbr0", "bridge=vmbr0,firewall=1"],
  [101, "cores: 2", "cores: 4"],
  [101, ",hwaddr=52:54:00:67:89:b3,type=veth", ",hwaddr=52:54:00:67:89:B3,type=veth"],
  [101, "up=5,down=5", "up=7"],
  [101, "onboot", "features: nesting=1\nonboot"],
  [1001, "bridge=vmbr0", "bridge=vmbr0,firewall=1"],
  [1001, "onboot", "boot: order=scsi0;net0\nonboot"],
] as const)
  test(`a guest's settings are those of the tree: ${id} may have ${to}`, () =>
    expect(guestChanged(id, id === 101 ? ofGateway : ofMachine, from, to)).toBe("pass"));
