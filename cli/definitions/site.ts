// The command that makes a static site from runs.
import type { Define } from "./define.ts";

export function defineSite({ command, services, end }: Define): void {
  const { print } = services;
  command("site", {
    summary: "write a static site about all targets, from the documents of runs",
    description:
      "Writes a folder of pages: an overview of all targets, each requirement on each target, and for each target what was required, what was changed, what is true, how we know, and who accepted what. It opens from the disk, needs no server and asks nobody. What an earlier build in the same folder has read is not read again. A document that can't be read is left out: the pages and this command name it, and the exit code is 2. See docs/site.md.",
  })
    .argument("<runs...>", "folders of runs, or folders of such folders, for example reports/out")
    .requiredOption("--out <folder>", "the folder to write")
    .action(async (runs: string[], options) => {
      const { site } = await import("../commands/site.ts");
      end(site({ ...options, runs, print }));
    });
}
