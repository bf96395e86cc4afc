// The command that judges real targets.
import { ids, inventory, json } from "../options.ts";
import type { Define } from "./define.ts";

export function defineVerify({ command, services, end }: Define): void {
  command("verify", {
    summary: "judge a target as it is: collect evidence, judge every requirement, print the page",
    description:
      "Collects evidence of a target and judges every requirement by it. Only looks: a requirement whose test needs more is not judged, and the page says what it needs. With --evidence it judges saved evidence again, without the target. See docs/verify.md.",
  })
    .addOption(inventory().makeOptionMandatory(false))
    .option("--target <name>", "the target; required if the inventory has more than one")
    .addOption(ids("--only <id>", "judge only this requirement (repeatable)"))
    .addOption(ids("--require <id>", "end with 2 if this requirement is not judged (repeatable)"))
    .option("--evidence <file>", "judge this saved evidence")
    .option("--save <file>", "save the evidence")
    .option("--before <file>", "evidence from before the plan, for the requirements that compare with it")
    .option(
      "--record <file>",
      "the record of the apply (`apply --record`), for the requirements that read it",
    )
    .addOption(json())
    .action(async (options) => {
      const { verify } = await import("../commands/verify.ts");
      end(await verify({ ...options, ...services }));
    });
}
