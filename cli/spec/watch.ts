// The same command again whenever a source changes, until Ctrl-C.

import { spawn } from "node:child_process";
import { type FSWatcher, watch } from "node:fs";
import { join, relative } from "node:path";
import { Exit } from "../../fixtures/exit-codes.ts";
import { project } from "../run/child.ts";

/** How long no file may have changed before the next run: an editor writes several in a row. */
const quietMs = 150;

/** Runs our command line with these words, and again after each change below these folders. Returns 0 at Ctrl-C. */
export async function runOnChange(
  words: readonly string[],
  folders: readonly string[],
  say: (text: string) => void,
): Promise<number> {
  const ended = Promise.withResolvers<"ended">();
  const stop = () => ended.resolve("ended");
  process.on("SIGINT", stop).on("SIGTERM", stop);
  for (;;) {
    // Watched anew in each round: a file that an editor has replaced is not seen by Node's watcher a second time.
    const changes = new Changes(folders.map((folder) => join(project, folder)));
    try {
      await runChild(words);
      say(`\nWatching ${folders.join(", ")}. Ctrl-C ends it.`);
      const what = await Promise.race([changes.settled, ended.promise]);
      if (what === "ended") return Exit.pass;
      say(`\n${relative(project, what)} has changed`);
    } finally {
      changes.close();
    }
  }
}

/** Changes of sources below some folders, from now on. */
class Changes {
  /** The first file that changed, as soon as no other has for a moment. */
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

  close(): void {
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
