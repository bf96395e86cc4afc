// Interrupts commands at random moments, by any signal to any of their processes, and shows how long they took to end and
// what they left: processes, temporary files, private folders.
// node bench/interrupts.ts [COUNT] [SEED] [COMMAND…]    on a machine with an engine; the commands are those below
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processOf } from "../fixtures/processes.ts";

/** What is typed, and how long it usually takes, in seconds. */
const commands: Readonly<Record<string, readonly [words: readonly string[], seconds: number]>> = {
  accept: [["run", "--silent", "accept"], 50],
  gate: [["run", "--silent", "phoenix", "--", "gate", "--tree", "fixtures/phoenix"], 5],
  full: [["run", "--silent", "phoenix", "--", "gate", "--tree", "fixtures/phoenix", "--full"], 30],
  sweep: [["run", "--silent", "sweep", "--", "--every", "40", "--scenario", "files"], 40],
  test: [["test", "--silent", "--", "--project=unit", "specs/light", "fixtures/setup"], 25],
  spec: [["run", "--silent", "spec", "--", "STO-003"], 12],
};
const [count = "20", seed = "1", ...chosen] = process.argv.slice(2);
const names = chosen.length > 0 ? chosen : Object.keys(commands);
const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const;
const victims = ["npm", "shell", "node", "runner", "group"] as const;
/** What programs keep there from run to run, beside our own output. */
const kept = /^(?:out|node-compile-cache|playwright-transform-cache-\d+|testcontainers-node-\d+\.lock)$/;
const project = join(import.meta.dirname, "..");

let state = Number(seed) >>> 0;
/** A number from 0 to 1 (mulberry32). */
function random(): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
}
const one = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Found {
  readonly pid: number;
  readonly words: string;
}

/** All processes with this mark in their environment, also detached ones; a private engine and a kept stand-in stay. */
function marked(mark: string): Found[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      if (!readFileSync(`/proc/${name}/environ`, "latin1").includes(mark) || !processOf(Number(name)))
        return [];
      const words = readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ");
      return /dockerd|containerd|docker-proxy|docker-init|cli\/kept\/main/.test(words)
        ? []
        : [{ pid: Number(name), words }];
    } catch {
      return [];
    }
  });
}

function victimOf(what: (typeof victims)[number], all: readonly Found[], npm: number): number | undefined {
  if (what === "npm") return npm;
  if (what === "group") return -npm;
  const pattern = { shell: /^sh /, node: /cli\/main\.ts/, runner: /playwright\/test\/cli\.js/ }[what];
  return all.find(({ words }) => pattern.test(words))?.pid;
}

console.log(
  "| Command | After | Signal | To | Ended after | Exit code | Left |\n| --- | --- | --- | --- | --- | --- | --- |",
);
let bad = 0;
for (let at = 0; at < Number(count); at += 1) {
  const name = names[at % names.length] ?? "gate";
  const [words, seconds] = commands[name] ?? [[], 0];
  const wait = random() * seconds * 1000;
  const signal = one(signals);
  const victim = one(victims);
  const mark = `PHOENIX_INTERRUPTED=${process.pid}-${at}`;
  const temporary = mkdtempSync(join(tmpdir(), "phoenix-interrupts-"));
  const output = join(temporary, "out");
  mkdirSync(output);
  const [key = "", value] = mark.split("=");
  const env = {
    ...process.env,
    TMPDIR: temporary,
    PHOENIX_OUTPUT: output,
    PHOENIX_KEEP_ENGINE: "1",
    [key]: value,
  };
  const child = spawn("npm", words, { cwd: project, env, detached: true, stdio: "ignore" });
  const ended = new Promise<number | string>((resolve) =>
    child.once("close", (code, by) => resolve(code ?? by ?? "")),
  );
  await Promise.race([ended, pause(wait)]);
  const pid = victimOf(victim, marked(mark), child.pid ?? 0) ?? -(child.pid ?? 0);
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended
  }
  const began = performance.now();
  let left = marked(mark);
  for (; left.length > 0 && performance.now() - began < 15_000; left = marked(mark)) await pause(100);
  const took = (performance.now() - began) / 1000;
  const files = readdirSync(temporary).filter((file) => !kept.test(file));
  const rest = [...left.map((each) => each.words.slice(0, 60)), ...files];
  // A file may be left by a process that was killed; a process never.
  if (left.length > 0 || took > 10 || (files.length > 0 && signal !== "SIGKILL")) bad += 1;
  for (const each of left) process.kill(each.pid, "SIGKILL");
  rmSync(temporary, { recursive: true, force: true });
  console.log(
    `| ${name} | ${(wait / 1000).toFixed(1)} s | ${signal} | ${victim} | ${took.toFixed(1)} s | ${await ended} | ${rest.join(", ") || "nothing"} |`,
  );
}
console.log(`\n${bad} of ${count} interrupts left something behind, or took more than 10 s`);
process.exit(bad === 0 ? 0 : 1);
