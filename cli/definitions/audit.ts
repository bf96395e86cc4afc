// The commands about audit bundles: a run as one signed file, which anyone can check without this suite.
import { json, repeatable } from "../options.ts";
import type { Define } from "./define.ts";

export function defineAudit({ command, services, end }: Define): void {
  const { print } = services;
  const audit = command("audit", {
    summary: "make, check and judge again a run as one signed file",
    description:
      "Makes a signed audit bundle of a run, checks one with nothing but the signer's key, or judges the evidence in one again. See docs/audit.md.",
  });
  command(
    "make",
    {
      summary: "write a run, and everything that it was judged by, into one signed archive",
      description:
        "Writes the register, the plan, the record of what was applied, the evidence, the verdicts with their controls, and the reports of a run into one tar archive, with a manifest that the key signs. The same run and key give the same bytes.",
    },
    audit,
  )
    .argument("<run>", "the run's folder, for example reports/out/latest")
    .requiredOption("--key <file>", "the ed25519 private key that signs: ssh-keygen -t ed25519 -f audit-key")
    .addOption(
      repeatable("--evidence <file>", "the evidence of a verify that saved it elsewhere (repeatable)"),
    )
    .option("--out <file>", "the archive to write; without it, audit-TIME.tar in the working directory")
    .action(async (run: string, options) => {
      const { auditMake } = await import("../commands/audit.ts");
      end(await auditMake({ ...options, run, print }));
    });
  command(
    "verify",
    {
      summary: "check a bundle: what was touched, added or is missing since it was signed",
      description:
        "Checks the signature and every file of a bundle, and names each one that was touched, added or is missing. Asks nobody else: the bundle and the signer's public key are enough. Ends with 1 if anything is not as it was signed. The README in each bundle says how to check it with sha256sum and ssh-keygen alone.",
    },
    audit,
  )
    .argument("<file>", "the bundle")
    .requiredOption("--key <file>", "the signer's public key")
    .action(async (file: string, options) => {
      const { auditVerify } = await import("../commands/audit.ts");
      end(await auditVerify({ ...options, file, print }));
    });
  command(
    "judge",
    {
      summary: "judge a bundle's evidence again with the specs of this suite, and say what changed",
      description:
        "Checks a bundle, then judges the evidence in it with this suite's specs, without any target, and lists each requirement whose verdict is another than in the run. Ends with 1 if there is one.",
    },
    audit,
  )
    .argument("<file>", "the bundle")
    .requiredOption("--key <file>", "the signer's public key")
    .addOption(json())
    .action(async (file: string, options) => {
      const { auditJudge } = await import("../commands/audit.ts");
      end(await auditJudge({ ...options, file, print, services }));
    });
}
