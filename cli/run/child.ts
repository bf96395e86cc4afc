// Runs one of our scripts in a Node process of its own and writes its output to a log.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CannotTell, problem } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";

/** The project folder: the working directory of our scripts. */
export const project = join(import.meta.dirname, "../..");

/** Arguments for Node: the program ends with this process. */
export const withStarter = ["--import", pathToFileURL(join(project, "fixtures", "with-starter.ts")).href];

export interface Child {
  /** Writes the text to its standard input, which stays open. */
  readonly send: (text: string) => void;
  /** Writes the text to its standard input and closes it. */
  readonly closeInput: (text?: string) => void;
  /** Its exit code. @throws CannotTell if a signal ended it. */
  readonly ended: Promise<number>;
  /** Ends it, if it has not ended: it cleans up, and this waits for it. */
  readonly stop: () => Promise<void>;
}

const interruptions: readonly number[] = [Exit.hungUp, Exit.interrupted, Exit.terminated];

/** Starts a script, which ends with this process, and appends its output to `log`. Its standard input stays open until `closeInput` is called. */
export function startChild(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
  log: string,
): Child {
  const output = createWriteStream(log, { flags: "a" });
  const child = spawn(process.execPath, [...withStarter, ...argv], {
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
      if (code !== null && !interruptions.includes(code)) return resolve(code);
      const what = argv.slice(0, 3).join(" ");
      reject(new CannotTell(problem(`Ended by a signal (${signal ?? code}): ${what}`, `less ${log}`)));
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
