// Runs the same command again whenever a source changes, until Ctrl-C.

import { spawn } from "node:child_process";
import { type FSWatcher, watch } from "node:fs";
import { join, relative } from "node:path";
import { Exit } from "../../fixtures/exit-codes.ts";
import { interruptible } from "../../fixtures/interruptible.ts";
import { project } from "../run/child.ts";

/** The time without changes before the next run: an editor may write several files. */
const quietMs = 150;

/** Runs our command line with these arguments, and again after each change below these folders. Returns 0 at Ctrl-C. */
export async function runOnChange(
  words: readonly string[],
  folders: readonly string[],
  say: (text: string) => void,
): Promise<number> {
  await interruptible(async () => {
    for (;;) {
      // New watchers for each run: Node's watcher loses a file that an editor has replaced.
      using changes = new Changes(folders.map((folder) => join(project, folder)));
      await runChild(words);
      say(`\nWatching ${folders.join(", ")}. Press Ctrl-C to stop.`);
      say(`\n${relative(project, await changes.settled)} has changed`);
    }
  });
  return Exit.pass;
}

/** Watches for changes of sources below some folders. */
class Changes implements Disposable {
  /** The first file that changed, once no file has changed for `quietMs`. */
  readonly settled: Promise<string>;
  readonly #watchers: FSWatcher[];
  #timer: NodeJS.Timeout | undefined;

  constructor(folders: readonly string[]) {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.settled = promise;
    let first: string | undefined;
    this.#watchers = folders.map((folder) =>
      watch(folder, { recursive: true }, (_event, name) => {
        if (name === null || !/\.(ts|sh|json)$/.test(name)) return;
        first ??= join(folder, name);
        const file = first;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => resolve(file), quietMs);
      }),
    );
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
  }
}

function runChild(words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(project, "cli", "main.ts"), ...words], { stdio: "inherit" });
    child.once("error", reject).once("close", () => resolve());
  });
}
