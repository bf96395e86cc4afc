// Signals while a command runs, and full disks: everything ends in time, says what was wrong, and leaves nothing.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { privateFolder } from "../../fixtures/private-folder.ts";
import { inNamespaces } from "../../fixtures/setup/namespaces.ts";
import { writePlannedSample } from "../gate/planned-tree.ts";
import { project } from "../run/child.ts";
import type { Find, Outcome } from "./outcome.ts";
import type { Random } from "./random.ts";
import { runCli, wrongIn } from "./run-cli.ts";

type Env = Readonly<Record<string, string | undefined>>;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Within this time after a signal everything has ended. */
const endsWithinMs = 10_000;

/** Sends a signal to `times` commands, each at another moment. */
export async function interrupts(times: number, random: Random, env: Env): Promise<Outcome> {
  const began = performance.now();
  const finds: Find[] = [];
  const folder = privateFolder(tmpdir(), "phoenix-attack-interrupts");
  try {
    writePlannedSample(join(folder, "tree"));
    const gate = ["gate", "--tree", join(folder, "tree"), "--json"];
    const commands = [gate, gate, ["requirements"], ["doctor", "gate"]];
    for (let tried = 0; tried < times; tried++) {
      const command = random.of(commands);
      const signal = { name: random.of(signals), afterMs: random.below(4000) };
      const scratch = join(folder, `tmp-${tried}`);
      const ran = await runCli(command, { scratch, env, signal, mostMs: 120_000 });
      const what = `${command[0]}: ${signal.name} after ${signal.afterMs} ms`;
      finds.push(...wrongIn(what, ran));
      if (!ran.hung && ran.signalled && ran.ms - signal.afterMs > endsWithinMs)
        finds.push({
          wrong: "hang",
          tried: what,
          found: `ended ${Math.round(ran.ms - signal.afterMs)} ms later`,
        });
      rmSync(scratch, { recursive: true, force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { attack: "interrupts", tried: times, finds, ms: performance.now() - began };
}

/** Runs `times` commands whose temporary folder, cache or output is on a full or read-only disk. */
export async function fullDisks(times: number, random: Random, env: Env): Promise<Outcome> {
  const attack = "full disks";
  const began = performance.now();
  const folder = privateFolder(tmpdir(), "phoenix-attack-disks");
  const finds: Find[] = [];
  try {
    const tree = join(folder, "tree");
    const disk = join(folder, "disk");
    mkdirSync(disk);
    writePlannedSample(tree);
    for (let tried = 0; tried < times; tried++) {
      const size = random.of(["4k", "16k", "64k", "256k", "1m", "ro"]);
      const roles = {
        TMPDIR: random.below(2) === 0,
        XDG_CACHE_HOME: random.below(2) === 0,
        out: random.below(2) === 0,
      };
      const options = size === "ro" ? "ro,size=4k" : `size=${size}`;
      const mount = `mount -t tmpfs -o ${options} none "$1" || exit 99; shift; exec "$@"`;
      const cli = join(project, "cli", "main.ts");
      const out = roles.out ? ["--format", `junit=${join(disk, "out.xml")}`] : [];
      const argv = inNamespaces([
        "sh",
        "-c",
        mount,
        "sh",
        disk,
        process.execPath,
        cli,
        "gate",
        "--tree",
        tree,
        "--base",
        tree,
        ...out,
      ]);
      const [program, ...args] = argv;
      const own = {
        ...(roles.TMPDIR && { TMPDIR: disk }),
        ...(roles.XDG_CACHE_HOME && { XDG_CACHE_HOME: disk }),
      };
      const ran = spawnSync(program, args, {
        env: { TMPDIR: folder, ...env, ...own },
        encoding: "utf8",
        timeout: 120_000,
      });
      if (ran.status === 99 || ran.error?.message.includes("ENOENT"))
        return {
          attack,
          tried,
          finds,
          ms: performance.now() - began,
          unable: `no disk of its own can be mounted: ${ran.stderr.trim()}`,
        };
      const what = `${size}: ${
        Object.entries(roles)
          .flatMap(([name, on]) => (on ? [name] : []))
          .join(", ") || "nothing on it"
      }`;
      const text = `${ran.stdout}${ran.stderr}`;
      finds.push(
        ...wrongIn(what, {
          code: ran.status,
          text,
          hung: ran.error?.message.includes("ETIMEDOUT") ?? false,
          ms: 120_000,
          left: [],
          signalled: false,
        }),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { attack, tried: times, finds, ms: performance.now() - began };
}
