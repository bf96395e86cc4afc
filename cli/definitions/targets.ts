// The commands about inventories: a first entry, what each entry is good for, and the rights that it needs.
import { inventory, json, repeatable, target, wholeNumber } from "../options.ts";
import type { Define } from "./define.ts";

export function defineTargets({ command, services, end }: Define): void {
  const targets = command("targets", {
    summary: "write, try and equip the entries of an inventory",
    description:
      "Writes a first inventory entry, tries entries, or prints the sudo rules of one. See docs/real-hypervisor.md.",
  });
  command(
    "init",
    {
      summary: "write a first entry, by asking the host",
      description:
        "Shows the host key's fingerprint and asks whether it is the right one, signs in, looks what is there, and writes an inventory with one entry that allows only to observe. Changes nothing on the host.",
    },
    targets,
  )
    .argument("<host>", "the hypervisor's name or address")
    .option("--user <name>", "who signs in", "root")
    .option("--port <n>", "the port of its sshd", wholeNumber, 22)
    .option("--key <file>", "the private key; without it, the SSH agent signs in")
    .addOption(
      repeatable(
        "--jump <[user@]host[:port]>",
        "a host to go through, the first hop first; the same key signs in, and --user unless it names another (repeatable)",
      ),
    )
    .option("--name <name>", "the entry's name", "prod")
    .option("--out <file>", "the inventory to write, YAML", "targets.yaml")
    .addOption(
      repeatable(
        "--accept-fingerprint <sha256>",
        "a host key's fingerprint, `SHA256:…`, instead of the question; one for each jump host too (repeatable)",
      ),
    )
    .action(async (host: string, options) => {
      const { targetsInit } = await import("../commands/targets-init.ts");
      end(await targetsInit({ ...options, ...services, host }));
    });
  command(
    "check",
    {
      summary: "try entries without changing anything; what `verify` could judge, and what is missing",
      description:
        "Connects to each target and says what `verify` could judge with this entry, what is missing, and what to type next. Changes nothing. Ends with 0 if every target is ready.",
    },
    targets,
  )
    .addOption(inventory())
    .addOption(repeatable("--target <name>", "only this target (repeatable)"))
    .option("--all", "every target; the default without --target", false)
    .addOption(json())
    .action(async (options) => {
      const { targetsCheck } = await import("../commands/targets-check.ts");
      end(await targetsCheck({ ...options, ...services }));
    });
  command(
    "sudo-rules",
    {
      summary: "print what root installs so that a user may look, and do nothing else",
      description:
        'Prints a script for root on the target. It installs one program that prints what `verify` judges, and one sudo rule with its digest. The entry then has "become": "look". Connects to nothing.',
    },
    targets,
  )
    .addOption(inventory())
    .addOption(target())
    .action(async (options) => {
      const { sudoRules } = await import("../commands/targets-sudo-rules.ts");
      end(sudoRules({ ...options, ...services }));
    });
}
