// Kills `verify` at many moments of its trials, and shows what was left on the target, and that the next run removes it.
// node bench/kill-verify.ts INVENTORY TARGET [MOMENTS] [SECONDS] [IDS]    on a lab or a stand-in with the plan applied
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { onDockerHost } from "../fixtures/evidence/guests.ts";
import { readTarget } from "../fixtures/target/inventory.ts";
import { connect } from "../fixtures/target/ssh.ts";

const usual = "STO-004,STO-005,FWL-003,FWL-004,GWY-008,AUT-002,DAT-001";
const [inventory = "", name = "", moments = "20", seconds = "24", trials = usual] = process.argv.slice(2);
const cli = join(import.meta.dirname, "../cli/main.ts");

/** Runs verify in a process group of its own. */
function verify(only: string) {
  const argv = [
    cli,
    "verify",
    "--inventory",
    inventory,
    "--target",
    name,
    "--allow",
    "all",
    "--yes",
    "--only",
    only,
  ];
  const child = spawn(process.execPath, argv, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (said += text));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { pid: child.pid ?? 0, ended, said: () => said };
}

const onHypervisor = (
  volume: string,
) => `grep -l 'policy_out: DROP' /etc/pve/firewall/*.fw | sed 's/^/denied: /'
ip netns list | grep accept- ; ip link | grep -o 'accept-out' | head -n 1
find ${volume} -maxdepth 1 -name '*acceptance-*' | sed 's/.*/a test folder/' | sort | uniq -c
test ! -e /run/phoenix-verify || echo timer; ls /run/faults 2>/dev/null | sed 's/^/fault: /'`;
const inMachine = `docker ps -a --format '{{.Label "com.docker.compose.service"}}' | grep acceptance- | sed 's/.*/a test container/' | sort | uniq -c
iptables -t nat -S PREROUTING | grep REDIRECT; test ! -e /run/faults/echo || echo echo`;

/** What an independent look finds of the trials. */
async function left(): Promise<string> {
  const target = readTarget(inventory, name);
  await using hypervisor = await connect(target);
  const { volume } = target.deployment;
  const here = await hypervisor.script(onHypervisor(volume.path));
  const inside = await onDockerHost(hypervisor, target, inMachine);
  const lines = `${here.out}${inside.out}`.split("\n").map((line) => line.trim().replace(/\s+/g, " "));
  return lines.filter((line) => line !== "").join(", ") || "nothing";
}

const alive = (group: number) => spawnSync("pgrep", ["-g", String(group)]).status === 0;

console.log(
  "| Killed after | What | Left at once | Removed by | After the next run |\n| --- | --- | --- | --- | --- |",
);
let bad = 0;
for (let at = 0; at < Number(moments); at += 1) {
  const ms = ((at + 0.5) * Number(seconds) * 1000) / Number(moments);
  const whole = at % 2 === 1;
  const run = verify(trials);
  await Promise.race([run.ended, new Promise((resolve) => setTimeout(resolve, ms))]);
  try {
    process.kill(whole ? -run.pid : run.pid, "SIGKILL");
  } catch {
    console.log(`| ${(ms / 1000).toFixed(1)} s | it had ended | | | |`);
    continue;
  }
  const atOnce = await left();
  const next = verify("STO-004");
  const code = await next.ended;
  const removed = [...next.said().matchAll(/removed what an earlier run had left: (.*)/g)].length;
  const waited = next.said().includes("waiting for another run");
  const after = await left();
  if (after !== "nothing" || code !== 0) bad += 1;
  const by = [waited ? "the target's timer" : "", removed > 0 ? `the next run (${removed})` : ""]
    .filter(Boolean)
    .join(", ");
  const orphan = alive(run.pid) ? ", its runner is still alive" : "";
  console.log(
    `| ${(ms / 1000).toFixed(1)} s | ${whole ? "all its processes" : "verify alone"} | ${atOnce} | ${by || "nobody had to"} | ${after}, exit code ${code}${orphan} |`,
  );
}
console.log(`\n${bad} of ${moments} moments left something behind`);
process.exit(bad === 0 ? 0 : 1);
