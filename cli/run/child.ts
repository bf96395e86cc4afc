// A script of ours in a Node of its own; what it says goes to a log.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";

/** The folder that every script of ours runs in. */
export const project = join(import.meta.dirname, "../..");

export interface Child {
  /** Says a last word on its standard input; without one, that there is none. */
  readonly say: (word?: string) => void;
  /** The exit code; 130 or 143 where a signal ended it. */
  readonly ended: Promise<number>;
}

/** Starts a script; its output is appended to `log`. Its standard input is open until `say`. */
export function startChild(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
  log: string,
): Child {
  const output = createWriteStream(log, { flags: "a" });
  const child = spawn(process.execPath, argv, {
    cwd: project,
    env: { ...process.env, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  child.stdin.on("error", () => {}); // it has ended already: its exit code says how
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      output.end();
      resolve(code ?? (signal === "SIGINT" ? 130 : 143));
    });
  });
  ended.catch(() => {}); // whoever waits for it hears of it
  return { say: (word = "") => child.stdin.end(word), ended };
}
