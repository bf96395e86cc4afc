// The same command again whenever a source changes, until Ctrl-C.
import { spawn } from "node:child_process";
import { watch } from "node:fs";
import { join } from "node:path";
import { project } from "../run/child.ts";

/** How long no file may have changed before the next run: an editor writes several in a row. */
const quietMs = 150;

/** Runs our command line with these words, and again after each change below these folders. Returns 0 at Ctrl-C. */
export async function runOnChange(
  words: readonly string[],
  folders: readonly string[],
  say: (text: string) => void,
): Promise<number> {
  await using watchers = new AsyncDisposableStack();
  let ended = false;
  let wake = () => {};
  let changed: string | undefined;
  for (const folder of folders) {
    const watcher = watch(join(project, folder), { recursive: true }, (_event, name) => {
      if (!/\.(ts|sh|json)$/.test(name ?? "")) return;
      changed = join(folder, name ?? "");
      wake();
    });
    watchers.defer(async () => watcher.close());
  }
  const stop = () => {
    ended = true;
    wake();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  watchers.defer(async () => void process.off("SIGINT", stop).off("SIGTERM", stop));
  while (!ended) {
    changed = undefined;
    await runChild(words);
    if (!ended && changed === undefined) {
      say(`\nWatching ${folders.join(", ")}. Ctrl-C ends it.`);
      await new Promise<void>((resolve) => (wake = resolve));
    }
    if (!ended) {
      await quiet((again) => (wake = again));
      say(`\n${changed} has changed`);
    }
  }
  return 0;
}

/** Waits until nothing has called `again` for a moment. */
function quiet(onChange: (again: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    let timer = setTimeout(resolve, quietMs);
    onChange(() => {
      clearTimeout(timer);
      timer = setTimeout(resolve, quietMs);
    });
  });
}

function runChild(words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(project, "cli", "main.ts"), ...words], { stdio: "inherit" });
    child.once("error", reject).once("close", () => resolve());
  });
}
