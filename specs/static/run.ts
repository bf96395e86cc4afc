// Runs a program of this machine on a text or a file; a program that is not installed gives undefined.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program until it ends; undefined when it is not installed. @throws Error when it is killed or exceeds its timeout. */
export function run(
  program: string,
  args: readonly string[],
  { input = "", cwd }: { readonly input?: string; readonly cwd?: string } = {},
): Promise<Ran | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...(cwd !== undefined && { cwd }),
      timeout: 30_000,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const pieces = { out: [] as Buffer[], err: [] as Buffer[] };
    child.stdout.on("data", (piece: Buffer) => pieces.out.push(piece));
    child.stderr.on("data", (piece: Buffer) => pieces.err.push(piece));
    child.stdin.on("error", () => {}); // a program may end without reading its input
    child.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "ENOENT" ? resolve(undefined) : reject(error),
    );
    child.once("close", (code, signal) => {
      const text = (all: readonly Buffer[]) => Buffer.concat(all).toString("utf8");
      if (code === null) reject(new Error(`${program} was ended by ${signal}`));
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
