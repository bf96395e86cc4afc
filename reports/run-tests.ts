// What `npm test` runs: Playwright with the given arguments, then one last line with the totals of everything run.
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Counts } from "./count.ts";

const cli = join(import.meta.dirname, "../node_modules/@playwright/test/cli.js");
const counter = join(import.meta.dirname, "count.ts");

/** Adds the counting reporter to the reporters asked for, or to `list` where none is. */
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

/** The last line. */
export function totals({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Playwright's own exit code, made non-zero where nothing ran: no news is not good news. */
export function exitCode(code: number, counts: Counts | undefined, listing: boolean): number {
  const ran = counts ? counts.passed + counts.failed : 0;
  return code === 0 && ran === 0 && !listing ? 1 : code;
}

/** Runs Playwright as a child, hands on its output and the signals that arrive, and waits for it to end. */
export function runTests(args: readonly string[]): Promise<number> {
  const listing = args.some((arg) => arg === "--list" || arg === "--help" || arg === "-h");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, "test", ...withCounter(args)], {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
    });
    let counts: Counts | undefined;
    const forward = (signal: NodeJS.Signals) => void child.kill(signal);
    process.on("SIGINT", forward).on("SIGTERM", forward);
    child.on("message", (message) => {
      counts = message as Counts;
    });
    child.on("error", reject).on("close", (code, signal) => {
      process.off("SIGINT", forward).off("SIGTERM", forward);
      if (!listing) console.log(totals(counts ?? { passed: 0, failed: 0, skipped: 0, errors: 1 }));
      resolve(exitCode(code ?? (signal === "SIGINT" ? 130 : 143), counts, listing));
    });
  });
}

if (import.meta.main) process.exitCode = await runTests(process.argv.slice(2));
