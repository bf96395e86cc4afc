// `verify` beside testinfra on the same host with the same looks, interleaved in one run, at several delays.
// node bench/verify.ts INVENTORY TARGET [ROUNDS] [DELAYS]      testinfra: apt-get install python3-testinfra
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { portainerDirectoryOf } from "../fixtures/deployment/deployment.ts";
import { readTarget } from "../fixtures/target/inventory.ts";
import { verdictsOf } from "../reports/run/build.ts";
import { isJudged, type Run } from "../reports/run/run.ts";
import { delayedTarget } from "./delay.ts";

const [inventory = "", name = "", rounds = "5", delays = "0,20,50"] = process.argv.slice(2);
const target = readTarget(inventory, name);
const { deployment, tree } = target;
const { gateway, dockerHost, volume, portainer } = deployment;
const cli = join(import.meta.dirname, "../cli/main.ts");
const folder = mkdtempSync(join(tmpdir(), "phoenix-bench-"));
const python = "/usr/bin/python3";

const there = spawnSync(python, ["-c", "import testinfra, pytest"]).status === 0;
if (!there) console.log("testinfra is absent: apt-get install python3-testinfra\n");

const stack = `${portainerDirectoryOf(deployment)}/docker-compose.yml`;
const etc = ["phoenix_vm_configs.json", "phoenix_lxc_configs.json", "phoenix_hypervisor_config.json"];
const files = [
  ...etc.map((file) => `${tree}/etc/${file}`),
  ...etc.map((file) => `${tree}/etc/${file.replace(".json", ".schema.json")}`),
  ...["vllm_gateway", "portainer_proxy"].map((site) => `${tree}/etc/nginx/sites-available/${site}`),
  ...["phoenix_hypervisor_lxc_101.sh", "managers/lxc-manager.sh", "managers/vm-manager.sh"].map(
    (file) => `${tree}/bin/${file}`,
  ),
  `${tree}/bin/vm_features/feature_install_docker.sh`,
  ...["cluster", gateway.ctid, dockerHost.vmid].map((guest) => `/etc/pve/firewall/${guest}.fw`),
  ...[
    `/etc/pve/lxc/${gateway.ctid}.conf`,
    `/etc/pve/qemu-server/${dockerHost.vmid}.conf`,
    "/etc/exports",
    "/var/lib/nfs/etab",
    stack,
  ],
];
const list = (path: string) => `find ${path} -printf '%y %m %u:%g %T@ %s %i %p\\n' >/dev/null`;
const sums = (path: string) => `find ${path} -type f -exec sha256sum {} + >/dev/null`;
const names = [`getent ahostsv4 ${portainer.host}`, `curl -s -o /dev/null -m 3 http://${portainer.host}/`];
const look = {
  files,
  ctid: String(gateway.ctid),
  vmid: String(dockerHost.vmid),
  commands: [
    ...[
      "pve-firewall status",
      `pct status ${gateway.ctid}`,
      `qm status ${dockerHost.vmid}`,
      "pct list",
      "qm list",
    ],
    ...[
      list(tree),
      sums(tree),
      list("/etc/pve"),
      sums("/etc/pve"),
      list(portainerDirectoryOf(deployment)),
      list(volume.root),
    ],
    ...names,
  ],
  gateway: [
    "nginx -T",
    "nginx -t",
    "cat /proc/net/tcp",
    list("/etc/nginx"),
    sums("/etc/nginx"),
    `cat ${gateway.certificate}`,
    ...names,
  ],
  docker_host: [
    ...[
      "cat /etc/fstab",
      "cat /proc/self/mountinfo",
      "docker inspect $(docker ps -aq) >/dev/null",
      "docker volume ls",
    ],
    ...[
      "docker images",
      "systemctl is-active docker",
      list(volume.mountPoint),
      list("/etc"),
      sums("/etc"),
      ...names,
    ],
  ],
};

interface Measured {
  readonly ms: number;
  readonly looks: number;
}

async function at(delay: number): Promise<{ verify: Measured[]; testinfra: Measured[] }> {
  const { inventory: file, port, resolve, close } = await delayedTarget(target, delay, folder);
  const config = join(folder, `ssh-${delay}`);
  const [keyType = "", key = ""] = (target.ssh.hostKey ?? "").split(" ");
  writeFileSync(join(folder, `known-${delay}`), `[127.0.0.1]:${port} ${keyType} ${key}\n`);
  writeFileSync(
    config,
    `Host *\n  UserKnownHostsFile ${join(folder, `known-${delay}`)}\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n  IdentitiesOnly yes\n  ControlPath ${folder}/c-%p\n`,
  );
  const urls = ["/api/system/status", "/api/users/admin/check", "/"].map((path) => ({
    ...{ url: `${target.url}${path}`, to: `${portainer.host}:443:${resolve[`${portainer.host}:443`]}` },
    status: ["200", "204"],
  }));
  const ssh = {
    user: target.ssh.user,
    host: "127.0.0.1",
    port,
    key: target.ssh.privateKeyFile ?? "",
    config,
  };
  const env = { LOOK: JSON.stringify({ ...look, ssh, urls }) };
  const results = { verify: [] as Measured[], testinfra: [] as Measured[] };
  const pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", join(import.meta.dirname, "testinfra")];
  for (let round = 0; round < Number(rounds); round += 1) {
    const own = await aside(process.execPath, [cli, "verify", "--inventory", file, "--json"]);
    const [verified] = (JSON.parse(own.out.slice(own.out.indexOf("{"))) as Run).targets;
    if (!verified || !isJudged(verified)) throw new Error(own.out.slice(-2000));
    const rows = verdictsOf(verified).at(-1)?.rows ?? [];
    results.verify.push({ ms: own.ms, looks: rows.flatMap(({ checks }) => checks).length });
    if (!there) continue;
    const other = await aside(python, pytest, env);
    const [, passed] = /(\d+) passed/.exec(other.out) ?? [];
    if (other.code !== 0) throw new Error(other.out.slice(-2000));
    results.testinfra.push({ ms: other.ms, looks: Number(passed) });
    spawnSync("ssh", ["-F", config, "-O", "exit", "-p", String(port), "127.0.0.1"]);
  }
  close();
  return results;
}

/** Not synchronously, since the proxy in this process must go on. */
async function aside(program: string, args: string[], env: Record<string, string> = {}) {
  const began = performance.now();
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (out += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { ms: performance.now() - began, out, code };
}

const median = (all: readonly Measured[]) =>
  all.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

console.log(`Median of ${rounds} rounds, interleaved; whole processes, from the command to the page.\n`);
console.log("| Round trip | verify | testinfra | testinfra / verify |\n| --- | --- | --- | --- |");
try {
  for (const delay of delays.split(",").map(Number)) {
    const { verify, testinfra } = await at(delay);
    const [own, other] = [median(verify), median(testinfra)];
    const ratio = there ? (other / own).toFixed(1) : "absent";
    const looks = (all: readonly Measured[]) => all.at(-1)?.looks ?? 0;
    console.log(
      `| ${delay} ms | ${seconds(own)}, ${looks(verify)} checks | ${there ? `${seconds(other)}, ${looks(testinfra)} tests` : "absent"} | ${ratio} |`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
