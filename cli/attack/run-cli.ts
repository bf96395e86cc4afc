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
  /** Whether it still ran when its signal was sent. */
  readonly signalled: boolean;
  readonly ms: number;
  /** Names in its temporary folder after its end, and processes of its group. */
  readonly left: readonly string[];
}

export interface RunOptions {
  /** A folder for its temporary files; it is made. */
  readonly scratch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly mostMs: number;
  /** After so many milliseconds it gets this signal. */
  readonly signal?: { readonly name: NodeJS.Signals; readonly afterMs: number };
}

/** Runs `node cli/main.ts …` in a process group of its own. */
export async function runCli(
  args: readonly string[],
  { scratch, env, mostMs, signal }: RunOptions,
): Promise<Ran> {
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const began = performance.now();
  const child = spawn(process.execPath, [join(project, "cli", "main.ts"), ...args], {
    ...{ detached: true, stdio: ["ignore", "pipe", "pipe"], env: { ...env, TMPDIR: scratch } },
  });
  const pieces: Buffer[] = [];
  let bytes = 0;
  const take = (piece: Buffer) => {
    bytes += piece.length;
    if (bytes < 2 ** 24) pieces.push(piece);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const group = child.pid ?? 0;
  let hung = false;
  const limit = setTimeout(() => {
    hung = true;
    kill(group);
  }, mostMs);
  let signalled = false;
  const shot = signal && setTimeout(() => (signalled = child.kill(signal.name)), signal.afterMs);
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  clearTimeout(limit);
  clearTimeout(shot);
  const ms = performance.now() - began;
  const left = [
    ...readdirSync(scratch).filter((name) => !name.startsWith("node-compile-cache")),
    ...(await running(group)),
  ];
  kill(group);
  return { code, text: Buffer.concat(pieces).toString("utf8"), hung, signalled, ms, left };
}

function kill(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // nothing of it is left
  }
}

/** The processes of a group, a second after its first one has ended. */
async function running(group: number): Promise<string[]> {
  const all = () =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        try {
          const [, rest = ""] = /\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
          const [state, , its] = rest.split(" ");
          return Number(its) === group && state !== "Z"
            ? [`process ${readFileSync(`/proc/${pid}/comm`, "utf8").trim()}`]
            : [];
        } catch {
          return []; // it has ended
        }
      });
  for (let asked = 0; asked < 20 && all().length > 0; asked++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return all();
}

/** What is wrong with a run whatever it was asked: it hung, crashed or left something. */
export function wrongIn(tried: string, { code, text, hung, left, ms }: Ran): Find[] {
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
