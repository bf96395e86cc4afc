// For tests of this folder: a small Playwright project in a temporary folder, run by the real Playwright.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";

const root = join(import.meta.dirname, "..");

/** A project on disk; `await using` removes it. */
export interface InlineProject extends Disposable {
  readonly dir: string;
  /** Runs Node with these arguments in the project. `until`: sends the signal when the output contains this text. */
  run(args: readonly string[], until?: { text: string; signal: NodeJS.Signals }): Promise<InlineRun>;
}

/** How a child process ended, and its output on both streams, without colours. */
export interface InlineRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** The command line of the real Playwright, as arguments to Node. */
export const playwright = [join(root, "node_modules/@playwright/test/cli.js"), "test"];

/** Writes the files (name → text) into a fresh folder that resolves this project's packages. */
export function inlineProject(files: Readonly<Record<string, string>>): InlineProject {
  const dir = mkdtempSync(join(tmpdir(), "phoenix-inline-"));
  symlinkSync(join(root, "node_modules"), join(dir, "node_modules"));
  for (const [name, text] of Object.entries({ "package.json": '{ "type": "module" }', ...files })) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return {
    dir,
    run: (args, until) => runNode(dir, args, until),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }), // a killed run may still be writing
  };
}

function runNode(
  cwd: string,
  args: readonly string[],
  until?: { text: string; signal: NodeJS.Signals },
): Promise<InlineRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let sent = false;
    const hear = (chunk: string) => {
      output += chunk;
      if (!until || sent || !output.includes(until.text)) return;
      sent = true;
      child.kill(until.signal);
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    child
      .on("error", reject)
      .on("close", (code, signal) => resolve({ code, signal, output: stripVTControlCharacters(output) }));
  });
}
