// `verify --all` on many targets that answer with recorded evidence: time, memory, and how both grow.
// node bench/many-targets.ts INVENTORY TARGET [COUNTS] [AT_ONCE]      the target gives the evidence, and answers as a web site
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readTarget } from "../fixtures/target/inventory.ts";
import { verdictsOf } from "../reports/run/build.ts";
import { isJudged, type Run } from "../reports/run/run.ts";

const [inventory = "", name = "", counts = "25,50,100,200", atOnce = "8"] = process.argv.slice(2);
const cli = join(import.meta.dirname, "../cli/main.ts");
const folder = mkdtempSync(join(tmpdir(), "phoenix-many-"));
const evidence = join(folder, "evidence.json");
const { name: _, deployment, ...entry } = readTarget(inventory, name);
spawnSync(process.execPath, [cli, "verify", "--inventory", inventory, "--target", name, "--save", evidence]);
writeFileSync(join(folder, "deployment.json"), JSON.stringify(deployment));

const host = spawn(process.execPath, [join(import.meta.dirname, "recorded-host.ts"), evidence, "300"], {
  stdio: ["ignore", "pipe", "inherit"],
});
const [line = "{}"] = await new Promise<string[]>((resolve) =>
  createInterface({ input: host.stdout }).once("line", (text) => resolve([text])),
);
const { port, hostKey } = JSON.parse(line) as { port: number; hostKey: string };

console.log(`${atOnce} at a time; each host pauses 300 ms before it answers.\n`);
console.log(
  "| Targets | Time | Per target | Memory | Rows judged | Exit code |\n| --- | --- | --- | --- | --- | --- |",
);
try {
  for (const count of counts.split(",").map(Number)) {
    const one = {
      ...entry,
      ssh: { ...entry.ssh, host: "127.0.0.1", port, hostKey },
      deployment: "deployment.json",
    };
    const targets = Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`host-${String(at).padStart(3, "0")}`, one]),
    );
    const file = join(folder, "inventory.json");
    writeFileSync(file, JSON.stringify({ targets }));
    const began = performance.now();
    const child = spawn(
      process.execPath,
      [cli, "verify", "--inventory", file, "--all", "--json", "--at-once", atOnce],
      {
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    let peak = 0;
    const look = setInterval(() => (peak = Math.max(peak, peakOf(child.pid ?? 0))), 200);
    let out = "";
    child.stdout.on("data", (text) => (out += text));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    clearInterval(look);
    const seconds = (performance.now() - began) / 1000;
    const judged = (JSON.parse(out) as Run).targets
      .filter(isJudged)
      .flatMap((target) => verdictsOf(target).at(-1)?.rows ?? [])
      .filter(({ verdict }) => verdict !== "not judged");
    const each = `${((seconds / count) * 1000).toFixed(0)} ms`;
    console.log(
      `| ${count} | ${seconds.toFixed(1)} s | ${each} | ${(peak / 1024).toFixed(0)} MiB | ${judged.length} | ${code} |`,
    );
  }
} finally {
  host.kill();
  rmSync(folder, { recursive: true, force: true });
}

/** The most memory that a process has had, in KiB. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
