// Claims as pure functions: green on a healthy target, red for the right reason on each bad one, unknown where nobody can tell.
import { expect, test } from "@playwright/test";
import type { Evidence } from "../../fixtures/evidence/evidence.ts";
import { type Claim, judge } from "../../fixtures/judgement.ts";
import { everyStackRuns } from "../automation/claims/stacks.ts";
import { directoryDelivered } from "../deployment/claims/directory.ts";
import { declaredRule, ruleInForce } from "../firewall/claims/gateway-rule.ts";
import { acceptedByNginx, declaredUpstream, runningUpstream } from "../gateway/claims/upstream.ts";
import { vhostServesPortainer } from "../gateway/claims/vhost.ts";
import { databaseOnTheVolume } from "../persistence/claims/database.ts";
import { declaredVolumePath, oneMountFromTheVolume } from "../storage/claims/volume.ts";
import { container, dump, healthy, lxcs, sample, site, treeFile, vms } from "./evidence-builder.ts";

const claims: Record<string, Claim<Evidence>> = {
  declaredVolumePath,
  oneMountFromTheVolume,
  declaredUpstream,
  runningUpstream,
  acceptedByNginx,
  vhostServesPortainer,
  declaredRule,
  ruleInForce,
  directoryDelivered,
  everyStackRuns,
  databaseOnTheVolume,
};
const json = (value: object) => JSON.stringify(value);
const script = treeFile("bin/phoenix_hypervisor_lxc_101.sh");
const fw = "file /etc/pve/firewall/101.fw";
const fstab = String(healthy["docker-host"]["file /etc/fstab"]);
const mountinfo = "file /proc/self/mountinfo";

/** name, the claim, what was changed, the verdict, and words that stand in a failing check or in the reason. */
const bad: [string, keyof typeof claims, Parameters<typeof sample>[0], "fail" | "unknown", string][] = [
  [
    "the path of another guest",
    "declaredVolumePath",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: vms.replace('1001"', '8001"') } },
    "fail",
    "phoenix_vm_configs.json:4:30",
  ],
  [
    "no volumes",
    "declaredVolumePath",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: '{"vms":[{"vmid":1001}]}' } },
    "fail",
    "no NFS volume",
  ],
  [
    "no VM 1001",
    "declaredVolumePath",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: '{"vms":[]}' } },
    "fail",
    "no NFS volume",
  ],
  [
    "two NFS volumes",
    "declaredVolumePath",
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
    "declaredVolumePath",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: { code: 44 } } },
    "fail",
    "no such file",
  ],
  [
    "broken JSON",
    "declaredVolumePath",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: "{" } },
    "unknown",
    "Not JSON",
  ],
  [
    "an unreadable file",
    "declaredVolumePath",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: { code: 1, err: "Permission denied" } } },
    "unknown",
    "Permission denied",
  ],
  [
    "two entries",
    "oneMountFromTheVolume",
    {
      "docker-host": {
        "file /etc/fstab": `${fstab}10.0.0.13:/quickOS/vm-persistent-data/8001 /persistent-storage/ nfs defaults 0 0\n`,
      },
    },
    "fail",
    "8001 (line 3)",
  ],
  ["no entry", "oneMountFromTheVolume", { "docker-host": { "file /etc/fstab": "" } }, "fail", "no entry"],
  [
    "not mounted",
    "oneMountFromTheVolume",
    { "docker-host": { [mountinfo]: "" } },
    "fail",
    "nothing is mounted",
  ],
  [
    "a local disk",
    "oneMountFromTheVolume",
    {
      "docker-host": {
        [mountinfo]:
          "36 35 0:50 / /persistent-storage rw - ext4 10.0.0.13:/quickOS/vm-persistent-data/1001 rw\n",
      },
    },
    "fail",
    "(ext4)",
  ],
  [
    "a second mount on top",
    "oneMountFromTheVolume",
    {
      "docker-host": {
        [mountinfo]: `${healthy["docker-host"][mountinfo]}37 36 0:51 / /persistent-storage rw - tmpfs none rw\n`,
      },
    },
    "fail",
    "none (tmpfs)",
  ],
  [
    "a cut mountinfo",
    "oneMountFromTheVolume",
    { "docker-host": { [mountinfo]: "36 35 0:50 / /pers" } },
    "unknown",
    "cut short",
  ],
  [
    "a stopped VM",
    "oneMountFromTheVolume",
    { hypervisor: { "qm status": "status: stopped\n" } },
    "fail",
    "status: stopped",
  ],
  [
    "the old address",
    "declaredUpstream",
    {
      hypervisor: {
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace("101:9443", "99:9443"),
      },
    },
    "fail",
    "vllm_gateway:5",
  ],
  [
    "another port",
    "declaredUpstream",
    {
      hypervisor: {
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace("101:9443", "101:9000"),
      },
    },
    "fail",
    "10.0.0.101:9000",
  ],
  [
    "the address in a comment",
    "declaredUpstream",
    {
      hypervisor: {
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace(
          "server 10.0.0.101:9443;",
          "# server 10.0.0.101:9443;\n server 10.0.0.99:9443;",
        ),
      },
    },
    "fail",
    "10.0.0.99:9443",
  ],
  [
    "a second server",
    "declaredUpstream",
    {
      hypervisor: {
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace(
          "101:9443;",
          "101:9443; server 10.0.0.99:9443 backup;",
        ),
      },
    },
    "fail",
    "backup",
  ],
  [
    "no upstream",
    "declaredUpstream",
    { hypervisor: { [treeFile("etc/nginx/sites-available/vllm_gateway")]: "" } },
    "fail",
    "no upstream portainer_service",
  ],
  [
    "an unclosed block",
    "declaredUpstream",
    { hypervisor: { [treeFile("etc/nginx/sites-available/vllm_gateway")]: "upstream portainer_service {" } },
    "unknown",
    "never closed",
  ],
  [
    "a script that writes the old address",
    "runningUpstream",
    { hypervisor: { [script]: "\nupstream portainer_service { server 10.0.0.99:9443; }\n" } },
    "fail",
    "lxc_101.sh:2",
  ],
  [
    "a script that writes nothing, and a stale declared file",
    "runningUpstream",
    {
      hypervisor: {
        [script]: "#",
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace("101:9443", "99:9443"),
      },
    },
    "fail",
    "10.0.0.99:9443",
  ],
  [
    "a stale running file",
    "runningUpstream",
    { gateway: { "nginx -T": dump(site.replace("101:9443", "99:9443")) } },
    "fail",
    "sites-enabled/vllm_gateway:4",
  ],
  [
    "a change that was not loaded",
    "runningUpstream",
    { gateway: { "nginx files": "1700000095.1\0/etc/nginx/sites-enabled/vllm_gateway\0" } },
    "fail",
    "changed 2023-11-14T22:14:55",
  ],
  [
    "no worker",
    "runningUpstream",
    {
      gateway: {
        "nginx processes": String(healthy.gateway["nginx processes"]).split("\n").slice(0, 3).join("\n"),
      },
    },
    "fail",
    "no worker runs",
  ],
  [
    "a gateway that was not asked",
    "runningUpstream",
    { gateway: { "nginx -T": undefined } },
    "unknown",
    "was not asked",
  ],
  [
    "a refused declared file",
    "acceptedByNginx",
    {
      gateway: {
        "nginx -t declared": {
          code: 1,
          err: '2026/11/23 09:00:01 [emerg] 7#7: unknown directive "-" in /dev/shm/tmp.x/declared:9\nnginx: configuration file /dev/shm/tmp.x/declared test failed\n',
        },
      },
    },
    "fail",
    "sites-available/vllm_gateway:9",
  ],
  [
    "a warning about the service",
    "acceptedByNginx",
    {
      gateway: {
        "nginx -T": {
          err: 'nginx: [warn] conflicting server name "portainer.phoenix.local" on 0.0.0.0:443, ignored\n',
        },
      },
    },
    "fail",
    "conflicting server name",
  ],
  [
    "no nginx",
    "acceptedByNginx",
    { gateway: { "nginx -T": { code: 127, err: "timeout: failed to run command 'nginx'" } } },
    "fail",
    "exit code 127",
  ],
  [
    "no vhost",
    "vhostServesPortainer",
    { gateway: { "nginx -T": dump(site.replace("443 ssl http2", "80")) } },
    "fail",
    "none",
  ],
  [
    "plain http to a TLS port",
    "vhostServesPortainer",
    { gateway: { "nginx -T": dump(site.replace("https://", "http://")) } },
    "fail",
    "http://portainer_service",
  ],
  [
    "no upgrade",
    "vhostServesPortainer",
    { gateway: { "nginx -T": dump(site.replace(/.*Upgrade.*\n/, "")) } },
    "fail",
    "no Upgrade header",
  ],
  [
    "an emptied Connection header",
    "vhostServesPortainer",
    { gateway: { "nginx -T": dump(site.replace('"upgrade"', '""')) } },
    "fail",
    "Connection upgrade",
  ],
  [
    "HTTP/1.0",
    "vhostServesPortainer",
    { gateway: { "nginx -T": dump(site.replace("proxy_http_version 1.1;", "")) } },
    "fail",
    "no proxy_http_version",
  ],
  [
    "nobody on 443",
    "vhostServesPortainer",
    { gateway: { sockets: "  sl  local_address rem_address   st\n" } },
    "fail",
    "443 listening",
  ],
  [
    "a refused connection",
    "vhostServesPortainer",
    { client: { status: { code: 1, err: "connect ECONNREFUSED" } } },
    "fail",
    "connect ECONNREFUSED",
  ],
  [
    "a bad gateway",
    "vhostServesPortainer",
    { client: { status: json({ status: 502, location: "", body: "<html>" }) } },
    "fail",
    "502 <html>",
  ],
  [
    "a page that says 200 but is not Portainer",
    "vhostServesPortainer",
    { client: { status: json({ status: 200, location: "", body: "Welcome to nginx" }) } },
    "fail",
    "Welcome to nginx",
  ],
  [
    "no rules",
    "declaredRule",
    {
      hypervisor: {
        [treeFile("etc/phoenix_lxc_configs.json")]: '{"lxc_configs":{"101":{"firewall":{"enabled":true}}}}',
      },
    },
    "fail",
    "no rules",
  ],
  [
    "a port that is a number",
    "declaredRule",
    { hypervisor: { [treeFile("etc/phoenix_lxc_configs.json")]: lxcs.replace('"9443"', "9443") } },
    "fail",
    '"port":9443',
  ],
  [
    "an inbound rule",
    "declaredRule",
    { hypervisor: { [treeFile("etc/phoenix_lxc_configs.json")]: lxcs.replace('"out"', '"in"') } },
    "fail",
    '"type":"in"',
  ],
  [
    "a firewall that is off",
    "declaredRule",
    { hypervisor: { [treeFile("etc/phoenix_lxc_configs.json")]: lxcs.replace("true", "false") } },
    "fail",
    "false",
  ],
  ["no firewall file", "ruleInForce", { hypervisor: { [fw]: { code: 44 } } }, "fail", "no such file"],
  [
    "the rule turned inward",
    "ruleInForce",
    { hypervisor: { [fw]: String(healthy.hypervisor[fw]).replace("OUT", "IN") } },
    "fail",
    "IN ACCEPT to 10.0.0.101:9443",
  ],
  [
    "the rule switched off",
    "ruleInForce",
    { hypervisor: { [fw]: String(healthy.hypervisor[fw]).replace("OUT", "|OUT") } },
    "fail",
    "no such rule among",
  ],
  [
    "an earlier rule that drops",
    "ruleInForce",
    { hypervisor: { [fw]: String(healthy.hypervisor[fw]).replace("OUT", "OUT DROP\nOUT") } },
    "fail",
    "OUT DROP",
  ],
  [
    "udp",
    "ruleInForce",
    { hypervisor: { [fw]: String(healthy.hypervisor[fw]).replace("tcp", "udp") } },
    "fail",
    "no such rule among",
  ],
  [
    "a wider rule",
    "ruleInForce",
    { hypervisor: { [fw]: String(healthy.hypervisor[fw]).replace("10.0.0.101", "10.0.0.0/24") } },
    "fail",
    "10.0.0.0/24",
  ],
  [
    "the guest's switch off",
    "ruleInForce",
    { hypervisor: { [fw]: String(healthy.hypervisor[fw]).replace("enable: 1", "enable: 0") } },
    "fail",
    "101.fw:2",
  ],
  [
    "the cluster's switch off",
    "ruleInForce",
    { hypervisor: { "file /etc/pve/firewall/cluster.fw": "[OPTIONS]\n" } },
    "fail",
    "not set",
  ],
  [
    "the NIC's switch off",
    "ruleInForce",
    { hypervisor: { "file /etc/pve/lxc/101.conf": "net0: name=eth0\n\n[final]\nnet0: firewall=1\n" } },
    "fail",
    "101.conf:1",
  ],
  [
    "the service stopped",
    "ruleInForce",
    { hypervisor: { "pve-firewall status": "Status: disabled/stopped\n" } },
    "fail",
    "disabled/stopped",
  ],
  [
    "a firewall file that can't be read",
    "ruleInForce",
    { hypervisor: { [fw]: "[RULES]\nOUT ACCEPT -dport\n" } },
    "unknown",
    "has no value",
  ],
  [
    "other bytes",
    "directoryDelivered",
    {
      hypervisor: {
        "sums portainer": `${"d".repeat(64)}  /quickOS/vm-persistent-data/1001/portainer/docker-compose.yml\0`,
      },
    },
    "fail",
    "sha256 dddd",
  ],
  ["nothing delivered", "directoryDelivered", { hypervisor: { "list portainer": "" } }, "fail", "nothing"],
  ["nothing to deliver", "directoryDelivered", { hypervisor: { "list tree": "" } }, "fail", "none"],
  [
    "a cut listing",
    "directoryDelivered",
    { hypervisor: { "list tree": "f 644 root" } },
    "unknown",
    "cut off",
  ],
  [
    "no discovery",
    "everyStackRuns",
    { hypervisor: { [treeFile("bin/vm_features/feature_install_docker.sh")]: "# docker-compose.yml up\n" } },
    "fail",
    "no search",
  ],
  [
    "a stack that stopped",
    "everyStackRuns",
    {
      "docker-host": {
        containers: json({ ...container, State: { ...container.State, Running: false, Status: "exited" } }),
      },
    },
    "fail",
    "portainer is exited",
  ],
  [
    "no container",
    "everyStackRuns",
    { "docker-host": { containers: "" } },
    "fail",
    "no container of this stack",
  ],
  ["no stack", "everyStackRuns", { "docker-host": { "list stacks": "" } }, "fail", "a compose file"],
  [
    "no Docker",
    "everyStackRuns",
    { "docker-host": { "docker active": { code: 3, out: "inactive\n" }, containers: { code: 127 } } },
    "fail",
    "inactive",
  ],
  [
    "a stack that is no YAML",
    "everyStackRuns",
    { "docker-host": { "file /persistent-storage/portainer/docker-compose.yml": "a: [" } },
    "fail",
    "not readable as YAML",
  ],
  [
    "containers nobody could list",
    "everyStackRuns",
    { "docker-host": { containers: { code: 1, err: "permission denied" } } },
    "unknown",
    "permission denied",
  ],
  [
    "a local volume",
    "databaseOnTheVolume",
    {
      "docker-host": {
        containers: json({
          ...container,
          Mounts: [{ Type: "volume", Source: "/var/lib/docker/volumes/x/_data", Destination: "/data" }],
        }),
      },
    },
    "fail",
    "(volume)",
  ],
  [
    "no mount at all",
    "databaseOnTheVolume",
    { "docker-host": { containers: json({ ...container, Mounts: [] }) } },
    "fail",
    "no mount at /data",
  ],
  [
    "nothing open",
    "databaseOnTheVolume",
    { "docker-host": { "open files": "" } },
    "fail",
    "no database is open",
  ],
  [
    "another file of another size",
    "databaseOnTheVolume",
    { "docker-host": { "open files": `${container.Id}\0/data/portainer.db\0${"7 1 1"}\0` } },
    "fail",
    "(1 bytes)",
  ],
  ["no database on the hypervisor", "databaseOnTheVolume", { hypervisor: { databases: "" } }, "fail", "none"],
  [
    "nobody on 9443",
    "databaseOnTheVolume",
    { "docker-host": { containers: json({ ...container, Published: {} }) } },
    "fail",
    "one running container",
  ],
];

for (const [name, claim] of Object.entries(claims)) {
  test(`${name} holds on a healthy target`, () => {
    expect(judge(claim, sample())).toMatchObject({ verdict: "pass" });
  });
}

for (const [state, name, changes, verdict, words] of bad) {
  test(`${name} reads ${verdict} with ${state}`, () => {
    const judged = judge(claims[name] as Claim<Evidence>, sample(changes));
    expect(judged.verdict, JSON.stringify(judged, null, 1)).toBe(verdict);
    const failing = judged.checks.filter(({ ok }) => !ok);
    expect(JSON.stringify([judged.reason, failing.map((one) => Object.values(one))])).toContain(
      JSON.stringify(words).slice(1, -1),
    );
  });
}

test("a target that bridges NFS may show another type, but not another source", () => {
  const limits = { cannotImitate: [{ what: "nfs-file-system-type", reason: "NFS over FUSE" }] as const };
  const bridged = String(healthy["docker-host"][mountinfo]).replace("nfs4", "fuse.nfs-bridge");
  const judged = (text: string) =>
    judge(oneMountFromTheVolume, sample({ "docker-host": { [mountinfo]: text } }, limits)).verdict;
  expect(judged(bridged)).toBe("pass");
  expect(judged(bridged.replace("1001", "8001"))).toBe("fail");
});

test("what could not be told stands beside what is wrong, and never hides it", () => {
  const { verdict, checks } = judge(
    ruleInForce,
    sample({ hypervisor: { [fw]: { code: 44 }, "pve-firewall status": undefined } }),
  );
  expect(verdict).toBe("fail");
  expect(checks.map(({ found }) => found)).toContain("no such file");
});
