// The nightly run and its status.
import { Option } from "commander";
import { occasions } from "../../reports/night/tell.ts";
import {
  inventory,
  json,
  quiet,
  repeatable,
  seconds,
  verbose,
  waivers,
  wholeNumber,
  yes,
} from "../options.ts";
import type { Define } from "./define.ts";

const nights = () =>
  new Option("--nights <dir>", "the folder of all nights").default(undefined, "nights in the output folder");

export function defineNightly({ command, services, end }: Define): void {
  const nightly = command("nightly", {
    summary: "judge every target once, compare with the nights before, and tell people",
    description:
      "Judges every target of the inventory as `verify` does, compares each with its nights before, writes the night into a folder, and tells a webhook or a program of what is wrong or new. Made for a timer: it asks nothing. See docs/nightly.md.",
  })
    // Not mandatory: `nightly status` would need it too.
    .addOption(inventory().makeOptionMandatory(false))
    .addOption(repeatable("--target <name>", "only this target (repeatable)"))
    .addOption(nights())
    .option("--at-once <n>", "how many targets at a time", wholeNumber, 8)
    .addOption(
      repeatable("--allow <action>", "an action that the run may take, or `all`; needs --yes (repeatable)"),
    )
    .addOption(yes())
    .addOption(waivers())
    .option("--stand-in <tree>", "first judge a stand-in with this tree, and name what differs on the host")
    .addOption(new Option("--notify <when>", "when somebody is told").choices(occasions).default("problems"))
    .option(
      "--notify-command <file>",
      "a program that gets the headline as argument, the night as JSON on its input",
    )
    .option("--webhook-file <file>", "the file with the address that the night is posted to")
    .option("--webhook-key-file <file>", "the file with the key that signs what is posted (HMAC-SHA256)")
    .option("--keep <n>", "how many nights are kept", wholeNumber, 90)
    .addOption(json())
    .addOption(quiet())
    .addOption(verbose())
    .action(async (options) => {
      const { nightly: run } = await import("../commands/nightly.ts");
      end(await run({ ...options, ...services }));
    });
  command(
    "status",
    {
      summary: "whether the last night ran, what it found, and whether somebody was told",
      description:
        "Ends with the exit code of the last night; with 2 if it passed, but is too old, never ended, or somebody could not be told of it.",
    },
    nightly,
  )
    .addOption(nights())
    .addOption(
      new Option("--max-age <time>", "how long ago the last night may have ended")
        .argParser((text) => seconds(text, 40 * 86_400))
        .default(26 * 3600, "26h"),
    )
    .addOption(json())
    // `nightly` has some of these options too, and takes them first.
    .action(async (_options, status) => {
      const options = status.optsWithGlobals();
      const { nightlyStatus } = await import("../commands/nightly-status.ts");
      end(nightlyStatus({ ...options, ...services }));
    });
}
