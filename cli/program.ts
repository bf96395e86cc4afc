// The command line: every command with its options and help. `--help` and docs/commands.md are both made from it.
import { Argument, Command } from "commander";
import { defineAudit } from "./definitions/audit.ts";
import { defineContract } from "./definitions/contract.ts";
import type { Define, Services, Texts } from "./definitions/define.ts";
import { defineNightly } from "./definitions/nightly.ts";
import { defineOnTarget } from "./definitions/on-target.ts";
import { defineSite } from "./definitions/site.ts";
import { defineSpec } from "./definitions/spec.ts";
import { defineTargets } from "./definitions/targets.ts";
import { defineVerify } from "./definitions/verify.ts";
import { defineWithoutTarget } from "./definitions/without-target.ts";
import { inventory, json, optionText, quiet, target, verbose } from "./options.ts";

export type { Services };

/**
 * Builds the command line. Importing this file does nothing, and building the program loads no command: each is imported
 * when it runs. `end` receives the exit code of the command that ran.
 */
export function buildProgram(services: Services, end: (exitCode: number) => void): Command {
  const { print, printError, width } = services;
  const program = new Command("npm run phoenix --")
    .usage("<command> [options]")
    .description("Applies the Portainer plan to a Phoenix Hypervisor and proves each of its requirements.")
    .option("--debug", "show the stack trace of an unexpected error")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: print,
      writeErr: printError,
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
    })
    .configureHelp({ optionDescription: optionText })
    .showHelpAfterError("Next:\n    npm run phoenix -- --help");

  const command = (
    name: string,
    { summary, description, hidden = false }: Texts,
    parent = program,
  ): Command => {
    const path = [...(parent === program ? [] : [parent.name()]), name].join(" ");
    return parent
      .command(name, { hidden })
      .summary(summary)
      .helpOption("-h, --help", "show this help")
      .helpCommand(false)
      .description(description)
      .showHelpAfterError(`Next:\n    npm run phoenix -- ${path} --help`);
  };
  const onTarget = (name: string, texts: Texts, parent = program): Command =>
    command(name, texts, parent)
      .addOption(inventory())
      .addOption(target())
      .addOption(json())
      .addOption(quiet())
      .addOption(verbose());
  const define: Define = { services, end, command, onTarget };

  // What a command needs of this machine is installed or named before the command starts.
  program.hook("preAction", async (_program, chosen) => {
    const shown = chosen.optsWithGlobals();
    services.show(shown.quiet ? "quiet" : shown.verbose ? "verbose" : "normal");
    const { bringFor } = await import("../fixtures/setup/bring.ts");
    const name = `${chosen.name()}${chosen.opts().full ? " --full" : ""}`;
    await bringFor(name, services.hostEnvironment, services.progress);
  });
  program.commandsGroup("Commands that need no target:");
  defineWithoutTarget(define);
  defineSpec(define);
  defineContract(define);
  defineAudit(define);
  defineSite(define);
  command("completion", {
    summary: "print the script that completes command lines in bash, fish or zsh",
    description:
      'Prints a script for a shell: commands, options and their values are then completed with Tab, such as the targets of the inventory that was typed, requirement ids, steps and deployment documents. Type `eval "$(phoenix-acceptance completion bash)"`, `phoenix-acceptance completion fish | source`, or in zsh after compinit `source <(phoenix-acceptance completion zsh)`. In a checkout, with `cli/` in PATH.',
  })
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "fish", "zsh"]))
    .action(async (shell: "bash" | "fish" | "zsh") => {
      const { completionScript } = await import("./commands/completion.ts");
      print(completionScript(shell));
      end(0);
    });
  command("complete", {
    ...{ summary: "for the shells' scripts", description: "Prints what may follow.", hidden: true },
  })
    .argument("[words...]", "what was typed; the last one is not complete")
    .action(async (words: string[]) => {
      const { complete, completionText } = await import("./commands/complete.ts");
      print(completionText(complete(program, words)));
      end(0);
    });
  command("help", {
    summary: "show the help of a command",
    description: "Shows the help of a command, or of the program.",
  })
    .argument("[command...]", "the command")
    .option("--markdown", "print the reference of all commands (docs/commands.md)", false)
    .action(async (names: string[], options) => {
      const { help } = await import("./commands/help.ts");
      end(help(program, names, options, print));
    });

  program.commandsGroup("Commands that work on a target:");
  defineTargets(define);
  defineVerify(define);
  defineNightly(define);
  defineOnTarget(define);
  return program;
}
