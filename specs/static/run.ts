// Runs a program of this machine on a tree's text or files, confined, and bounded in time and output.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { confined, notThere, wasTooSlow, whyUnconfined } from "../../fixtures/confine.ts";
import { CannotTell, problem } from "../../fixtures/errors.ts";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly input?: string;
  /** The working directory, the only folder that a confined program may write. */
  readonly cwd?: string;
  /** Files and folders that it may read besides. */
  readonly reads?: readonly string[];
  /**
   * What happens on a machine that can't confine a program. `needed`: it does not run. `wanted`: it runs, as a text can't make
   * it open anything.
   */
  readonly confinement: "needed" | "wanted";
  /** How long it may take, in milliseconds; without it, four minutes. */
  readonly mostMs?: number;
}

/** Far more than a program needs on a slow machine: the command that runs the judge has a limit for all of them together. */
const usualMs = 240_000;
const mostBytes = 32 * 1024 * 1024;

/**
 * Runs a program until it ends; undefined when it is not installed.
 * @throws CannotTell when it may not run unconfined, is killed, or exceeds its bounds.
 */
export async function run(
  program: string,
  args: readonly string[],
  { input = "", cwd, reads = [], confinement, mostMs = usualMs }: RunOptions,
): Promise<Ran | undefined> {
  const reach = { reads, ...(cwd !== undefined && { cwd, writes: [cwd] }) };
  const walled = confined([program, ...args], reach, mostMs);
  if (walled) {
    const began = performance.now();
    const ran = await start(program, walled.argv, { input, cwd, mostMs: walled.killAfterMs });
    if (ran && wasTooSlow(ran.code, performance.now() - began, mostMs)) throw tooSlow(program, mostMs);
    if (ran && !notThere(ran.err)) return ran;
  }
  if (confinement === "needed") {
    if (walled) return undefined;
    const why = `${program} may not run on a tree's files here, as ${whyUnconfined()}`;
    throw new CannotTell(problem(why, "apt-get install bubblewrap"));
  }
  return start(program, [program, ...args], { input, cwd, mostMs });
}

const tooSlow = (name: string, mostMs: number) =>
  new CannotTell(`${name} did not end within ${Math.ceil(mostMs / 1000)} s`);

function start(
  name: string,
  [program = "", ...args]: readonly string[],
  {
    input,
    cwd,
    mostMs,
  }: { readonly input: string; readonly cwd: string | undefined; readonly mostMs: number },
): Promise<Ran | undefined> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(program, args, {
      ...(cwd !== undefined && { cwd }),
      // Not `timeout`: of a program that does not exist, its timer would keep this process alive.
      signal: AbortSignal.timeout(Math.ceil(mostMs)),
      killSignal: "SIGKILL",
      stdio: ["pipe", "pipe", "pipe"],
    });
    const pieces = { out: [] as Buffer[], err: [] as Buffer[] };
    let bytes = 0;
    const take = (into: Buffer[]) => (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= mostBytes) into.push(piece);
      else child.kill("SIGKILL");
    };
    child.stdout.on("data", take(pieces.out));
    child.stderr.on("data", take(pieces.err));
    child.stdin.on("error", () => {}); // a program may end without reading its input
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") resolve(undefined);
      else if (error.name !== "AbortError") reject(error); // its end says that it was killed
    });
    child.once("close", (code, signal) => {
      const text = (all: readonly Buffer[]) => Buffer.concat(all).toString("utf8");
      if (bytes > mostBytes) reject(new CannotTell(`${name} printed more than ${mostBytes} bytes`));
      else if (code === null && performance.now() - began >= mostMs - 50) reject(tooSlow(name, mostMs));
      else if (code === null) reject(new CannotTell(`${name} was ended by ${signal}`));
      else resolve({ code, out: text(pieces.out), err: text(pieces.err) });
    });
    child.stdin.end(input);
  });
}

/** Does the work for every item, as many in parallel as this machine has processors; results in the items' order. */
export async function forEach<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
  return results;
}
