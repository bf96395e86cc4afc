// `verify` on a stand-in that loses packets, far away: each verdict is that of the same host without loss, or unknown.
// node bench/lossy-verify.ts INVENTORY TARGET [ROUNDS] [LOST_OF_1000] [DELAYS]      changes the target's iptables
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTarget } from "../fixtures/target/inventory.ts";
import { connect } from "../fixtures/target/ssh.ts";
import { verdictsOf } from "../reports/run/build.ts";
import { isJudged, type Run } from "../reports/run/run.ts";
import { delayedTarget } from "./delay.ts";

const [inventory = "", name = "", rounds = "5", losses = "0,10,50", delays = "0,200"] = process.argv.slice(2);
const target = readTarget(inventory, name);
const cli = join(import.meta.dirname, "../cli/main.ts");
const folder = mkdtempSync(join(tmpdir(), "phoenix-lossy-"));

/** Verdicts by requirement; the text of the trouble if there are none. */
async function verify(file: string): Promise<Map<string, string> | string> {
  const child = spawn(process.execPath, [cli, "verify", "--inventory", file, "--json"]);
  let out = "";
  let problem = "";
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (problem += text));
  await new Promise((resolve) => child.once("close", resolve));
  const [verified] = out.startsWith("{") ? (JSON.parse(out) as Run).targets : [];
  if (!verified) return problem;
  if (!isJudged(verified)) return verified.trouble;
  return new Map((verdictsOf(verified).at(-1)?.rows ?? []).map(({ id, verdict }) => [id, verdict]));
}

/** Loses packets of TCP that arrive from outside and that leave, in the target's own network. */
const rule = (chain: string, side: string, lost: number) =>
  `iptables -t raw -A ${chain} ${side} eth0 -p tcp -m statistic --mode random --probability ${lost / 1000} -j DROP`;
const lose = (lost: number) =>
  lost === 0 ? "true" : [rule("PREROUTING", "-i", lost), rule("OUTPUT", "-o", lost)].join("\n");
const lostPackets = `iptables -t raw -nvxL | awk '$3 == "DROP" { lost += $1 } END { print lost + 0 }'`;
const heal = "iptables -t raw -F";

await using hypervisor = await connect(target);
let bad = 0;
console.log("| Round trip | Lost | Packets lost | Runs | Same verdicts | Unknown rows | Median |");
console.log("| --- | --- | --- | --- | --- | --- | --- |");
try {
  for (const delay of delays.split(",").map(Number)) {
    const there = await delayedTarget(target, delay, folder);
    const expected = await verify(there.inventory);
    if (typeof expected === "string") throw new Error(`no verdicts without loss: ${expected}`);
    for (const lost of losses.split(",").map(Number)) {
      await hypervisor.script(lose(lost));
      const times: number[] = [];
      let same = 0;
      let unknown = 0;
      const wrong: string[] = [];
      for (let round = 0; round < Number(rounds); round += 1) {
        const began = performance.now();
        const found = await verify(there.inventory);
        times.push(performance.now() - began);
        if (typeof found === "string") {
          unknown += expected.size;
          console.error(found);
          continue;
        }
        const differ = [...expected].filter(([id, verdict]) => found.get(id) !== verdict);
        if (differ.length === 0) same += 1;
        for (const [id, verdict] of differ) {
          if (found.get(id) === "unknown") unknown += 1;
          else wrong.push(`${id}: ${found.get(id)}, and ${verdict} without loss`);
        }
      }
      const gone = (await hypervisor.script(lostPackets)).out.trim();
      await hypervisor.script(heal);
      const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
      console.log(
        `| ${delay} ms | ${lost / 10} % | ${gone} | ${rounds} | ${same} | ${unknown} | ${(median / 1000).toFixed(1)} s |`,
      );
      for (const line of wrong) console.log(`WRONG: ${line}`);
      bad += wrong.length;
    }
    there.close();
  }
} finally {
  await hypervisor.script(heal);
  rmSync(folder, { recursive: true, force: true });
}
process.exit(bad === 0 ? 0 : 1);
