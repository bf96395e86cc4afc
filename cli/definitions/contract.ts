// The commands that compare a real system with the stand-in.
import { Option } from "commander";
import { json, quiet, verbose, yes } from "../options.ts";
import type { Define } from "./define.ts";

export function defineContract({ command, onTarget, services, end }: Define): void {
  const contract = command("contract", {
    summary: "compare a real host or a real Portainer with our stand-in",
    description:
      "Asks a real system the questions that the stand-in is tested with, and prints each field that differs. See docs/contract.md.",
  });
  onTarget(
    "hypervisor",
    {
      summary:
        "compare a Proxmox VE host with the stand-in; changes nothing, unless the host may be thrown away",
      description:
        "Runs the read-only scenarios of the stand-in's contract on a Proxmox VE host and prints each field that differs. Changes nothing. With --throw-away it also runs the scenarios that change the host and its guests.",
    },
    contract,
  )
    .addOption(yes())
    .option(
      "--throw-away",
      "also run the scenarios that create, change, stop and remove guests; only where the inventory says throwAway",
      false,
    )
    .option("--record", "if the host agrees in everything, write that into the contract", false)
    .action(async (options) => {
      const { contractHypervisor } = await import("../commands/contract-hypervisor.ts");
      end(await contractHypervisor({ ...options, ...services }));
    });
  command(
    "portainer",
    {
      summary: "compare a Portainer with the stand-in",
      description:
        "Asks a Portainer what the stand-in's Portainer is tested with. Only reads, unless --may-write is given; a question that may not be asked is reported as unknown. If you reach Portainer by its address and it has a certificate that it made itself: --ca with that certificate, and --server-name localhost.",
    },
    contract,
  )
    .option("--portainer <url>", "its URL")
    .addOption(
      new Option(
        "--program <path>",
        "start this Portainer program for each scenario instead; it ends afterwards",
      ).conflicts(["portainer", "ca", "serverName", "user", "passwordFile", "mayWrite"]),
    )
    .addOption(
      new Option("--ca <file>", "the certificate to trust").default(undefined, "what this machine trusts"),
    )
    .option("--server-name <name>", "the name in its certificate, if the URL has another")
    .option("--user <name>", "an administrator", "admin")
    .option("--password-file <file>", "the administrator's password; also asks what needs a session")
    .option("--may-write", "also create and remove our own users, tags, teams and keys", false)
    .addOption(json())
    .addOption(quiet())
    .addOption(verbose())
    .action(async (options, own) => {
      if (options.portainer === undefined && options.program === undefined)
        own.error("error: one of the options '--portainer <url>' and '--program <path>' is required");
      const { portainerContract } = await import("../commands/contract-portainer.ts");
      end(await portainerContract({ ...options, ...services }));
    });
}
