// The command that judges real targets.
import {
  format,
  inventory,
  json,
  part,
  quiet,
  repeatable,
  verbose,
  waivers,
  wholeNumber,
  yes,
} from "../options.ts";
import type { Define } from "./define.ts";

export function defineVerify({ command, services, end }: Define): void {
  command("verify", {
    summary: "judge targets as they are: collect evidence, judge every requirement, print the page",
    description:
      "Collects evidence of a target and judges every requirement by it. Only looks: a requirement whose test needs more is not judged, and the page says what it needs. With --allow it may take the actions that the inventory allows too. With --evidence it judges saved evidence again, without the target. Many targets can be divided among machines: --shard, then --merge. See docs/verify.md.",
  })
    .addOption(inventory().makeOptionMandatory(false))
    .addOption(repeatable("--target <name>", "the target, if the inventory has more than one (repeatable)"))
    .option("--all", "judge every target of the inventory", false)
    .option("--at-once <n>", "how many targets at a time", wholeNumber, 8)
    .option(
      "--shard <part/parts>",
      "judge only this part of the targets, as 1/3; --json prints it for --merge",
      part,
    )
    .option("--merge <folder>", "put together what the parts of a run printed into the files of this folder")
    .addOption(repeatable("--only <id>", "judge only this requirement (repeatable)"))
    .addOption(repeatable("--require <id>", "end with 2 if this requirement is not judged (repeatable)"))
    .addOption(repeatable("--allow <action>", "an action that the run may take, or `all` (repeatable)"))
    .option("--browser", "also open Portainer's page in a browser", false)
    .option(
      "--contract",
      "also compare the host with the contract that the stand-in is held to; changes nothing, about 10 s",
      false,
    )
    .addOption(yes())
    .option("--evidence <file>", "judge this saved evidence")
    .option("--save <file>", "save the evidence; {target} stands for the target's name")
    .option("--before <file>", "evidence from before the plan, for the requirements that compare with it")
    .option(
      "--before-record <file>",
      "the record of phoenix-cli before the plan (`converge --record`): what an apply did not have to run again counts from there",
    )
    .option(
      "--record <file>",
      "the record of the apply (`apply --record`), for the requirements that read it",
    )
    .addOption(waivers())
    .option("--report <folder>", "also write an HTML report by Allure for each target, and its history")
    .addOption(format())
    .addOption(json())
    .addOption(quiet())
    .addOption(verbose())
    .action(async (options) => {
      const { verify } = await import("../commands/verify.ts");
      end(await verify({ ...options, ...services }));
    });
}
