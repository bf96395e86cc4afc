// The inner loop: one requirement or control on a stand-in that is kept between calls.
import { Option } from "commander";
import { json, treeOrSample } from "../options.ts";
import type { Define } from "./define.ts";

export function defineSpec({ command, services, end }: Define): void {
  command("spec", {
    summary: "run one requirement or one of its controls, on a stand-in that is kept between calls",
    description:
      "Runs one requirement, or one of its controls, on a stand-in with the plan applied. The stand-in is kept for the next call, and removed after 15 minutes without one or by --stop. See docs/writing-a-spec.md.",
  })
    .argument("[id]", "the requirement: STO-003")
    .option("--control <words>", "one of its controls, by words of its title")
    .option("--on <inventory[:target]>", "judge this target, as it is and as far as it allows")
    .addOption(
      new Option("--phase <phase>", "before or after the plan").choices(["before", "after"]).default("after"),
    )
    .addOption(treeOrSample())
    .option("--trace", "record what the test does, for Playwright's viewer", false)
    .option("--watch", "run again when a file of specs/ or fixtures/ changes, until Ctrl-C", false)
    .option("--reset [state]", "reset the kept stand-in to a state (planned, fresh) and end")
    .option("--stop", "remove the kept stand-ins and end", false)
    .addOption(json())
    .action(async (id: string | undefined, options) => {
      const { spec } = await import("../commands/spec.ts");
      end(await spec({ ...options, ...services, id }));
    });
  command("keep", {
    summary: "the process that keeps a stand-in for `spec`",
    description: "Started by `spec`: keeps a stand-in until it is told to end or was not used for a while.",
    hidden: true,
  })
    .requiredOption("--folder <folder>", "its private folder")
    .requiredOption("--idle <seconds>", "how long it waits for the next command", Number)
    .addOption(treeOrSample())
    .action(async (options) => {
      const { keep } = await import("../commands/keep.ts");
      end(await keep({ ...options, hostEnvironment: services.hostEnvironment }));
    });
}
