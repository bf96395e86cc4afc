#!/usr/bin/env node
// The command line. Besides playwright.config.ts the only place that reads the environment.
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { BadInput, CannotTell, Refused } from "../fixtures/errors.ts";
import { lines } from "../fixtures/progress.ts";
import { bringFor } from "../fixtures/setup/bring.ts";
import { type HostEnvironment, machines } from "../fixtures/setup/host-environment.ts";

const { env, stdout, stderr } = process;
const hostEnvironment: HostEnvironment = {
  path: env.PATH ?? "/usr/bin:/bin",
  dockerHost: env.DOCKER_HOST || undefined,
  cacheHome: env.XDG_CACHE_HOME || undefined,
  keepEngine: env.PHOENIX_KEEP_ENGINE === "1",
  vm: "lxc",
};
const output = {
  // Progress never mixes with what a machine reads.
  progress: lines((line) => void stderr.write(`${line}\n`)),
  print: (text: string) => void stdout.write(text),
  colour: stdout.isTTY === true && !env.NO_COLOR,
};

const list = (value: string, all: string[]) => [...all, ...value.split(",").filter(Boolean)];
const seconds = (text: string): number => {
  const [, count, unit = "s"] = /^(\d+)\s*(s|m|h)?$/.exec(text) ?? [];
  const value = Number(count) * (unit === "h" ? 3600 : unit === "m" ? 60 : 1);
  if (value >= 10 && value <= 86_400) return value;
  throw new InvalidArgumentError("A time from 10s to 24h is expected, as 120s, 5m or 1h.");
};
/** `--vm`, and what the set-up is then told. */
const machine = () =>
  new Option("--vm <kind>", "what VM 1001 is: a container, or a virtual machine of QEMU's (docs/qemu.md)")
    .choices(machines)
    .default("lxc");
const around = ({ vm }: Pick<HostEnvironment, "vm">): HostEnvironment => ({ ...hostEnvironment, vm });
const program = new Command("phoenix-acceptance")
  .description("Applies the Portainer plan to a Phoenix Hypervisor and proves every requirement of it.")
  .option("--debug", "show the stack of an unexpected error")
  .exitOverride()
  .configureOutput({ writeErr: (text) => void stderr.write(text) })
  .showHelpAfterError("Next:\n    npm run phoenix -- --help");

function onTarget(name: string, description: string, parent = program): Command {
  return parent
    .command(name)
    .description(description)
    .requiredOption("--inventory <file>", "the inventory file")
    .option("--target <name>", "the target in it, where there is more than one")
    .option("--json", "print what a machine reads", false);
}
const choosing = (command: Command) =>
  command
    .option("--literal", "the plan's own words alone, without remedies", false)
    .option("--without <step>", "leave a step out (repeatable)", list, [])
    .option("--only <id>", "only steps of this name or for this requirement (repeatable)", list, []);

// Each command is imported when it runs: together they load far more than any of them needs.
let exitCode = 0;
const ends = (load: () => Promise<(options: never) => Promise<number>>) => async (options: object) => {
  const work = await load();
  exitCode = await work({ ...options, ...output } as never);
};

choosing(onTarget("plan", "show what an apply would do"))
  .option("--out <file>", "save the plan, for `apply FILE`")
  .action(ends(async () => (await import("./commands/plan.ts")).plan));
choosing(onTarget("apply [plan.json]", "plan, ask, and make it so; or run a saved plan"))
  .option("--yes", "do not ask", false)
  .option(
    "--confirm-within <time>",
    "the target undoes it by itself unless it is seen well in time: 120s, 5m",
    seconds,
  )
  .option("--record <file>", "write what ran on the target to this file")
  .action(async (file: string | undefined, options: object) =>
    ends(async () => (await import("./commands/apply.ts")).apply)({ ...options, file }),
  );
onTarget("resume", "finish an apply that was cut short")
  .option("--record <file>", "write what ran on the target to this file")
  .action(ends(async () => (await import("./commands/resume.ts")).resume));
onTarget("rollback", "undo the last apply")
  .option("--yes", "do not ask", false)
  .option("--all", "every apply, latest first", false)
  .option("--overwrite", "also where somebody edited a file since; their version is kept", false)
  .action(ends(async () => (await import("./commands/rollback.ts")).rollback));
onTarget("status", "what was applied, what is unfinished, who works there, what to type next").action(
  ends(async () => (await import("./commands/status.ts")).status),
);
onTarget("confirm", "keep an apply that would undo itself").action(
  ends(async () => (await import("./commands/status.ts")).confirm),
);
onTarget("unlock", "end whoever works on the target; what they were at stays to be resumed or rolled back")
  .option("--yes", "do not ask", false)
  .option("--force", "kill, where asking did not help", false)
  .action(ends(async () => (await import("./commands/status.ts")).unlock));
onTarget("converge", "run phoenix-cli for both guests with the tree as it is")
  .option("--record <file>", "write what ran on the target to this file")
  .action(ends(async () => (await import("./commands/converge.ts")).converge));
program.hook("preAction", (_program, command) =>
  bringFor(`${command.name()}${command.opts().full ? " --full" : ""}`, hostEnvironment, output.progress),
);
program
  .command("accept")
  .description("the main job: judge a stand-in hypervisor, apply the plan, judge it again, report")
  .option(
    "--tree <path[@ref]>",
    "a Phoenix tree: a folder, or a commit of a repository (default: our sample)",
  )
  .option("--literal", "the plan's own words alone, without remedies", false)
  .option("--without <step>", "leave a step out (repeatable)", list, [])
  .option("--controls", "run every check against its known-bad state as well", false)
  .option("--json", "print what a machine reads", false)
  .addOption(machine())
  .action(async (options) => {
    const { accept } = await import("./commands/accept.ts");
    const { progress, print, colour } = output;
    const width = Math.max(stdout.columns ?? 120, 80);
    const hostEnvironment = around(options);
    exitCode = await accept({ ...options, width, colour, hostEnvironment }, progress, print);
  });
program
  .command("gate")
  .description("the verdict on a Phoenix tree before it is merged")
  .requiredOption("--tree <path[@ref]>", "the tree: a folder, or a commit of a repository")
  .option("--base <ref>", "what the change starts from: a commit of the same repository, or PATH[@REF]")
  .option("--full", "on a stand-in as well, with the plan applied", false)
  .option("--json", "print what a machine reads", false)
  .option("--junit <file>", "write JUnit XML")
  .option("--sarif <file>", "write SARIF, which shows findings at their line")
  .option("--markdown <file>", "write a summary for a pull request")
  .action(async (options) => {
    const { progress, print, colour } = output;
    const width = Math.max(stdout.columns ?? 120, 80);
    const { gate } = await import("./commands/gate.ts");
    exitCode = await gate({ ...options, width, colour, hostEnvironment }, progress, print);
  });
program
  .command("stand-in")
  .description("a stand-in hypervisor to try things on, until Ctrl-C; prints its inventory file")
  .option(
    "--tree <path[@ref]>",
    "a Phoenix tree: a folder, or a commit of a repository (default: our sample)",
  )
  .addOption(machine())
  .action(async (options) => {
    const { standIn } = await import("./commands/stand-in.ts");
    exitCode = await standIn({ ...options, hostEnvironment: around(options) }, output.progress, output.print);
  });
program
  .command("sweep")
  .description("cut an apply and its rollback short at every point, on a stand-in: each has to end whole")
  .option("--every <n>", "every nth point alone", (text) => Math.max(1, Math.trunc(Number(text)) || 1), 1)
  .addOption(
    new Option("--scenario <names...>", "which part")
      .choices(["files", "commands"])
      .default(["files", "commands"]),
  )
  .option("--only <steps>", "these steps alone, comma between them", list, [])
  .option("--json", "print what a machine reads", false)
  .action(async (options) => {
    const { sweep } = await import("./commands/sweep.ts");
    exitCode = await sweep({ ...options, hostEnvironment }, output.progress, output.print);
  });
const contract = program
  .command("contract")
  .description("what our stand-ins are held to, asked of the real thing; differences field by field");
onTarget("hypervisor", "ask a Proxmox VE host what the stand-in is held to; changes nothing", contract)
  .option("--yes", "do not ask", false)
  .option("--record", "write down that the host agrees, where all that it was asked does", false)
  .action(ends(async () => (await import("./commands/contract-hypervisor.ts")).contractHypervisor));
contract
  .command("portainer")
  .description("a Portainer: asks what changes nothing, and what is not asked reads unknown")
  .requiredOption("--portainer <url>", "its URL")
  .option("--ca <file>", "the certificate to trust (default: what this machine trusts)")
  .option("--server-name <name>", "the name in its certificate, where the URL has another")
  .option("--user <name>", "an administrator", "admin")
  .option("--password-file <file>", "the administrator's password: asks what needs a session")
  .option("--may-write", "make and remove users, tags, teams and keys of our own", false)
  .option("--json", "print what a machine reads", false)
  .action(ends(async () => (await import("./commands/contract-portainer.ts")).portainerContract));
program
  .command("requirements")
  .description("what must hold, and how far it is covered: specs, controls, levels that the last run checked")
  .option("--json", "print what a machine reads", false)
  .option("--run <folder>", "another run than the last one")
  .action(async (options) => {
    const { requirements } = await import("./commands/requirements.ts");
    exitCode = await requirements(options);
  });
program
  .command("doctor")
  .description(
    "what the suite needs of this machine: found with its version, or missing with the command to type",
  )
  .argument("[command]", 'what this command needs alone: accept, test, gate, "gate --full", …')
  .option("--json", "print JSON", false)
  .action(async (command: string | undefined, options) => {
    const { doctor } = await import("./commands/doctor.ts");
    exitCode = await doctor({ ...options, command, hostEnvironment }, output.print);
  });
program
  .command("test")
  .description("the tests: our own code, the stand-in's contract, and the main job with every control")
  .argument("[args...]", "arguments for the test runner; with any, the main job is left out")
  .allowUnknownOption()
  .helpOption(false)
  .addOption(machine())
  .action(async (args: string[], options) => {
    const { test } = await import("./commands/test.ts");
    exitCode = await test({ args, hostEnvironment: around(options) }, output.progress, output.print);
  });

try {
  await program.parseAsync();
} catch (error) {
  exitCode = explain(error);
}
process.exit(exitCode);

/** Says what went wrong, without a stack unless asked for, and returns the exit code that the README lists for it. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 3;
  if (error instanceof BadInput || error instanceof CannotTell || error instanceof Refused) {
    stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  stderr.write(
    `This is a bug in the suite: ${program.opts().debug ? stack : `${message}\nNext:\n    the same command with --debug`}\n`,
  );
  return 70;
}
