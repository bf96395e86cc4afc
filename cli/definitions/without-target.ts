// The commands that need no target: they bring their own stand-in, or judge files alone.
import { Option } from "commander";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import {
  deployment,
  format,
  json,
  literal,
  onlySteps,
  quiet,
  tree,
  treeOrSample,
  verbose,
  vm,
  waivers,
  wholeNumber,
  without,
} from "../options.ts";
import type { Define } from "./define.ts";

/** The names of `cli/attack/attacks.ts`, which is not loaded for help. A test compares them. */
export const attackNames = ["evidence", "trees", "cuts", "answers", "interrupts", "disks"] as const;

export function defineWithoutTarget({ command, services, end }: Define): void {
  const { hostEnvironment, progress, print, colour, width } = services;
  const withVm = (options: Pick<HostEnvironment, "vm">): HostEnvironment => ({
    ...hostEnvironment,
    vm: options.vm,
  });
  command("accept", {
    summary: "the main job: judge a stand-in hypervisor, apply the plan, judge it again, report",
    description:
      "Starts a stand-in hypervisor, judges every requirement, applies the plan, judges every requirement again, and writes an HTML report. With --literal the page lists what the plan's own text leaves red and which remedy that needs.",
  })
    .addOption(treeOrSample())
    .addOption(deployment())
    .addOption(literal())
    .addOption(without())
    .option("--controls", "also run each check against its known-bad state", false)
    .addOption(waivers())
    .addOption(format())
    .addOption(json())
    .addOption(quiet())
    .addOption(verbose())
    .addOption(vm())
    .action(async (options) => {
      const { accept } = await import("../commands/accept.ts");
      const shown = { ...options, width, colour, hostEnvironment: withVm(options) };
      end(await accept(shown, progress, print));
    });
  command("test", {
    summary: "the tests: our own code, the stand-in's contract, and the main job with every control",
    description:
      "Runs all tests. With arguments it runs Playwright with these arguments and leaves out the crash test and the main job: `npm test -- cli/walls.test.ts`.",
  })
    .argument("[args...]", "arguments for Playwright's test runner")
    .allowUnknownOption()
    .addOption(vm())
    .action(async (args: string[], options) => {
      const { test } = await import("../commands/test.ts");
      end(await test({ args, hostEnvironment: withVm(options) }, progress, print));
    });
  command("gate", {
    summary: "judge a Phoenix tree before it is merged",
    description:
      "Judges a Phoenix tree from its files alone or, with --full, on a stand-in with the plan applied. With --base only new findings count. See docs/gate.md.",
  })
    .addOption(tree().makeOptionMandatory())
    .addOption(deployment())
    .option("--base <ref>", "what the change starts from: a commit of the same repository, or PATH[@REF]")
    .option("--full", "also judge the tree on a stand-in, with the plan applied", false)
    .addOption(waivers())
    .addOption(json())
    .addOption(quiet())
    .addOption(verbose())
    .addOption(format())
    .action(async (options) => {
      const { gate } = await import("../commands/gate.ts");
      end(await gate({ ...options, width, colour, hostEnvironment }, progress, print));
    });
  command("report", {
    summary: "render a run again: the page, or any form of its report",
    description:
      "Renders a run again from its document, run.json: the page, or any form, the same as the run wrote it. The run is a folder or a document; without it, the last `accept`. See docs/reports.md.",
  })
    .argument("[run]", "the folder of a run, or its run.json")
    .addOption(format())
    .addOption(json())
    .action(async (run: string | undefined, options) => {
      const { report } = await import("../commands/report.ts");
      end(report({ ...options, run, hostEnvironment, print, colour, width }));
    });
  command("compare", {
    summary: "compare two runs: what newly fails, what is fixed, what drifted",
    description:
      "Compares two runs by their documents, the earlier one first: newly failing, newly unknown, fixed, not comparable (another deployment, another revision of a statement), and other evidence under verdicts that did not move. Ends with 1 if something newly fails, and with 2 if something can no longer be told or can't be compared. See docs/reports.md.",
  })
    .argument("<before>", "the folder of the earlier run, or its run.json")
    .argument("<now>", "the later one")
    .addOption(json())
    .action(async (before: string, now: string, options) => {
      const { compare } = await import("../commands/compare.ts");
      end(compare({ ...options, before, now, print }));
    });
  command("doctor", {
    summary: "list what the suite needs of this machine",
    description:
      "Lists what the suite needs of this machine: each item found with its version, or missing with the command to type. Without --install it installs nothing and asks nothing of the network. Ends with 3 if something is missing.",
  })
    .argument("[command]", 'only what this command needs: accept, test, gate, "gate --full", …')
    .option("--install", "install what is missing first, as root from Debian's packages", false)
    .addOption(json())
    .action(async (name: string | undefined, options) => {
      const { doctor } = await import("../commands/doctor.ts");
      end(await doctor({ ...options, command: name, hostEnvironment }, progress, print));
    });
  command("requirements", {
    summary: "list the requirements and what covers them",
    description:
      "Lists each requirement with its spec, its controls, and the levels that the last run checked. Ends with 1 if a requirement has no spec or no control.",
  })
    .addOption(json())
    .addOption(new Option("--run <folder>", "the run to read").default(undefined, "the last one"))
    .action(async (options) => {
      const { requirements } = await import("../commands/requirements.ts");
      end(await requirements({ ...options, hostEnvironment }));
    });
  command("stand-in", {
    summary: "start a stand-in hypervisor to try things on; Ctrl-C removes it",
    description:
      "Starts a stand-in hypervisor and prints the path of its inventory file, for the commands that need a target. Ctrl-C removes it.",
  })
    .addOption(treeOrSample())
    .addOption(deployment())
    .addOption(vm())
    .action(async (options) => {
      const { standIn } = await import("../commands/stand-in.ts");
      end(await standIn({ ...options, hostEnvironment: withVm(options) }, progress, print));
    });
  command("sweep", {
    summary: "crash test: interrupt an apply and its rollback at every point, on a stand-in",
    description:
      "Interrupts an apply and its rollback at every point, on a stand-in: kills the client, cuts the connection, fills the disk. Shows that the target is never left half-changed.",
  })
    .option("--every <n>", "interrupt only at every nth point", wholeNumber, 1)
    .addOption(
      new Option("--scenario <names...>", "interrupt changes of files, commands, or both")
        .choices(["files", "commands"])
        .default(["files", "commands"]),
    )
    .addOption(onlySteps())
    .addOption(deployment())
    .addOption(json())
    .addOption(quiet())
    .addOption(verbose())
    .action(async (options) => {
      const { sweep } = await import("../commands/sweep.ts");
      end(await sweep({ ...options, hostEnvironment }, progress, print));
    });
  command("attack", {
    summary: "attack the suite: damaged evidence, hostile trees and servers, cuts, interrupts, full disks",
    description:
      "Tries to make the suite lie, hang, crash, or leave or tell something, and prints a table. The same seed tries the same things. Damages the evidence of the last run of the main job. Ends with 1 if something was found.",
  })
    .addOption(new Option("--seed <n>", "the seed of all choices").argParser(wholeNumber).default(1))
    .addOption(new Option("--only <names...>", "only these attacks").choices(attackNames).default([], "all"))
    .addOption(
      new Option("--times <n>", "how often each is tried")
        .argParser(wholeNumber)
        .default(undefined, "its own number"),
    )
    .addOption(
      new Option("--run <folder>", "the run whose evidence is damaged").default(undefined, "the last one"),
    )
    .addOption(json())
    .addOption(quiet())
    .addOption(verbose())
    .action(async (options) => {
      const { attack } = await import("../commands/attack.ts");
      end(await attack({ ...options, hostEnvironment }, progress, print));
    });
}
