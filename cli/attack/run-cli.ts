// Runs this project's command line as an attack's victim: bounded, with a temporary folder of its own, and with what is left.
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "../run/child.ts";
import type { Find } from "./outcome.ts";

/** What a run of the command line did. */
export interface Ran {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly text: string;
  readonly hung: boolean;
  /** Milliseconds from its signal to its end; undefined if it had ended before. */
  readonly endedAfterMs: number | undefined;
  readonly ms: number;
  /** Names in its temporary folder after its end, and processes of its group or with its environment. */
  readonly left: readonly string[];
}

/** What gets a signal: the program alone, all of its group as from a terminal, or the shell that started it. */
export type Struck = "program" | "group" | "starter";

export interface RunOptions {
  /** A folder for its temporary files; it is made. */
  readonly scratch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly mostMs: number;
  /** It gets this signal after so many milliseconds, or as soon as it has said this. */
  readonly signal?: {
    readonly name: NodeJS.Signals;
    readonly at: number | RegExp;
    readonly to?: Struck;
  };
  /** The argv that runs an argv in surroundings of its own. */
  readonly by?: (argv: readonly string[]) => readonly string[];
}

/** Names of a temporary folder that others keep for all processes: caches, and the empty lock file of testcontainers. */
const shared = /^(node-compile-cache|playwright-transform-cache|testcontainers-node-)/;

/** The variable by which the processes of a run are known, whatever group they are in. */
const mark = "PHOENIX_ATTACKED";

/** Runs `node cli/main.ts …`, by a shell, in a process group of its own. */
export async function runCli(
  args: readonly string[],
  { scratch, env, mostMs, signal, by = (argv) => argv }: RunOptions,
): Promise<Ran> {
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const began = performance.now();
  const argv = [process.execPath, join(project, "cli", "main.ts"), ...args];
  // A shell that has more to do stays, as npm's does.
  const byShell = ["sh", "-c", '"$@"; exit $?', "sh", ...argv];
  const [program = "sh", ...rest] = signal?.to === "starter" ? byShell : by(argv);
  const child = spawn(program, rest, {
    ...{ detached: true, stdio: ["ignore", "pipe", "pipe"] },
    env: { ...env, TMPDIR: scratch, [mark]: scratch },
  });
  const pieces: Buffer[] = [];
  let bytes = 0;
  const group = child.pid ?? 0;
  let struckAt: number | undefined;
  const strike = () => {
    if (signal === undefined || struckAt !== undefined || child.exitCode !== null) return;
    if (signal.to === "group" ? kill(group, signal.name) : child.kill(signal.name))
      struckAt = performance.now();
  };
  const take = (piece: Buffer) => {
    bytes += piece.length;
    if (bytes < 2 ** 24) pieces.push(piece);
    if (signal?.at instanceof RegExp && signal.at.test(Buffer.concat(pieces).toString("utf8"))) strike();
  };
  child.stdout?.on("data", take);
  child.stderr?.on("data", take);
  let hung = false;
  const limit = setTimeout(() => {
    hung = true;
    kill(group, "SIGKILL");
  }, mostMs);
  const shot = typeof signal?.at === "number" ? setTimeout(strike, signal.at) : undefined;
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  clearTimeout(limit);
  clearTimeout(shot);
  const now = performance.now();
  const left = [
    ...(await running(group, scratch, signal?.name === "SIGKILL" ? 12_000 : 1_000)),
    ...readdirSync(scratch).filter((name) => !shared.test(name)),
  ];
  kill(group, "SIGKILL");
  const endedAfterMs = struckAt === undefined ? undefined : now - struckAt;
  return { code, text: Buffer.concat(pieces).toString("utf8"), hung, endedAfterMs, ms: now - began, left };
}

function kill(group: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false; // nothing of it is left
  }
}

/** The processes of a group, or with the environment of this run, that do not end within this time. */
async function running(group: number, scratch: string, mostMs: number): Promise<string[]> {
  const read = (pid: string, file: string) => readFileSync(`/proc/${pid}/${file}`, "utf8");
  const all = () =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
      .flatMap((pid) => {
        try {
          const [, rest = ""] = /\) (.*)$/s.exec(read(pid, "stat")) ?? [];
          const [state, , its] = rest.split(" ");
          if (state === "Z") return [];
          const ours = Number(its) === group || read(pid, "environ").includes(`${mark}=${scratch}\0`);
          return ours ? [`process ${read(pid, "comm").trim()}`] : [];
        } catch {
          return []; // it has ended, or is another user's
        }
      });
  for (const end = performance.now() + mostMs; performance.now() < end && all().length > 0; )
    await new Promise((resolve) => setTimeout(resolve, 50));
  return all();
}

/** What is wrong with a run whatever it was asked: it hung, crashed or left something. */
export function wrongIn(tried: string, { code, text, hung, left, ms }: Omit<Ran, "endedAfterMs">): Find[] {
  const stack = /^ +at .*[/\\][\w.-]+\.[jt]s:\d+:\d+/m.exec(text)?.[0];
  const words =
    text
      .trim()
      .split("\n")
      .find((line) => /error|bug/i.test(line)) ?? text.trim().slice(-300);
  return [
    ...(hung
      ? [{ wrong: "hang", tried, found: `still running after ${Math.round(ms / 1000)} s` } as const]
      : []),
    ...(code === 70 || stack !== undefined
      ? [{ wrong: "crash", tried, found: `exit code ${code}: ${words.slice(0, 300)}${stack ?? ""}` } as const]
      : []),
    ...(left.length > 0 ? [{ wrong: "leftover", tried, found: left.join(", ").slice(0, 300) } as const] : []),
  ];
}
