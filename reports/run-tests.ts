// Runs Playwright with the given arguments and counts the tests. As a program, it prints the totals as the last line.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Exit, exitCodeOfSignal } from "../fixtures/exit-codes.ts";
import { endingSignals } from "../fixtures/interruptible.ts";
import { printable } from "../fixtures/printable.ts";
import type { Counts } from "./count.ts";

const cli = join(import.meta.dirname, "../node_modules/@playwright/test/cli.js");
/** Loaded before Playwright: it ends with this process. */
const tie = pathToFileURL(join(import.meta.dirname, "../fixtures/with-starter.ts")).href;
const counter = join(import.meta.dirname, "count.ts");

/** Adds the counting reporter to the given reporters, or to `list` if none is given. */
export function withCounter(args: readonly string[]): string[] {
  const at = args.findIndex((arg) => arg === "--reporter" || arg.startsWith("--reporter="));
  if (at < 0) return [...args, `--reporter=list,${counter}`];
  const apart = args[at] === "--reporter";
  const asked = apart ? args[at + 1] : args[at]?.slice("--reporter=".length);
  return [
    ...args.slice(0, at),
    `--reporter=${asked || "list"},${counter}`,
    ...args.slice(at + (apart ? 2 : 1)),
  ];
}

/** What failed, a line each, and the last line with the numbers. */
export function totals({ passed, failed, skipped, wrong }: Counts): string {
  const numbers = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  return [...wrong.map((line) => `failed: ${line}`), numbers].join("\n");
}

/** Playwright's exit code; `fail` instead of `pass` if no test ran. */
export function exitCode(code: number, counts: Counts | undefined, listing: boolean): number {
  const ran = counts ? counts.passed + counts.failed : 0;
  return code === Exit.pass && ran === 0 && !listing ? Exit.fail : code;
}

const isListing = (args: readonly string[]) => args.some((arg) => ["--list", "--help", "-h"].includes(arg));

/**
 * Runs Playwright as a child process, passes on its output and the signals of this process, and waits for its end.
 * `environment` is added to ours. Returns the exit code and the counts, which are zero if Playwright itself failed.
 */
export function runTests(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number; counts: Counts }> {
  const listing = isListing(args);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", tie, cli, "test", ...withCounter(args)], {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      env: { ...process.env, ...environment },
    });
    let counts: Counts | undefined;
    const forward = (signal: NodeJS.Signals) => void child.kill(signal);
    for (const each of endingSignals) process.on(each, forward);
    child.on("message", (message) => {
      counts = message as Counts;
    });
    child.on("error", reject).on("close", (code, signal) => {
      for (const each of endingSignals) process.off(each, forward);
      const ended = exitCode(code ?? exitCodeOfSignal(signal), counts, listing);
      resolve({
        code: ended,
        counts: counts ?? {
          passed: 0,
          failed: 0,
          skipped: 0,
          errors: 1,
          wrong: ["Playwright ended before it had counted"],
        },
      });
    });
  });
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  const { code, counts } = await runTests(args);
  if (!isListing(args)) console.log(printable(totals(counts)));
  process.exitCode = code;
}
