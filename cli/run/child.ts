// Runs one of our scripts in a Node process of its own and writes its output to a log.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { exitCodeOfSignal } from "../../fixtures/exit-codes.ts";

/** The project folder: the working directory of our scripts. */
export const project = join(import.meta.dirname, "../..");

export interface Child {
  /** Writes the text to its standard input, which stays open. */
  readonly send: (text: string) => void;
  /** Writes the text to its standard input and closes it. */
  readonly closeInput: (text?: string) => void;
  /** Its exit code, also if a signal ended it. */
  readonly ended: Promise<number>;
  /** Ends it, if it has not ended: it cleans up, and this waits for it. */
  readonly stop: () => Promise<void>;
}

/** Starts a script and appends its output to `log`. Its standard input stays open until `closeInput` is called. */
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
  child.stdin.on("error", () => {}); // it has already ended: its exit code tells how
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      output.end();
      resolve(code ?? exitCodeOfSignal(signal));
    });
  });
  ended.catch(() => {}); // the caller awaits it and gets the error
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await ended;
  };
  return {
    ...{ send: (text) => child.stdin.write(text), closeInput: (text = "") => child.stdin.end(text) },
    ...{ ended, stop },
  };
}
