// The inner loop: one requirement or control on a stand-in that is kept between calls.
import { Option } from "commander";
import { deployment, json, quiet, treeOrSample, verbose } from "../options.ts";
import type { Define } from "./define.ts";

export function defineSpec({ command, services, end }: Define): void {
  const { hostEnvironment, progress, print, colour } = services;
  command("spec", {
    summary: "run one requirement or one of its controls, on a stand-in that is kept between calls",
    description:
      "Runs one requirement, or one of its controls, on fresh evidence of a stand-in that is kept between calls, or of a target. Prints each check. The kept stand-in is removed after 15 minutes without a call. See docs/writing-a-spec.md.",
  })
    .argument("[id]", "the requirement, for example STO-003")
    .option("--control <words>", "run one of its controls, by words of its title")
    .option("--on <inventory[:target]>", "judge this target instead, as far as it allows; without controls")
    .addOption(
      new Option("--phase <phase>", "judge before or after the plan")
        .choices(["before", "after"])
        .default("after"),
    )
    .addOption(treeOrSample())
    .addOption(deployment())
    .option("--trace", "record the test for Playwright's trace viewer", false)
    .option("--watch", "run again after each change below specs/ or fixtures/, until Ctrl-C", false)
    .option("--reset [state]", "only reset the kept stand-in to a state: planned, or fresh (before the plan)")
    .option("--stop", "only remove the kept stand-ins", false)
    .addOption(json())
    .addOption(quiet())
    .addOption(verbose())
    .action(async (id: string | undefined, options) => {
      const { spec } = await import("../commands/spec.ts");
      end(await spec({ ...options, id, hostEnvironment, progress, print, colour }));
    });
}
