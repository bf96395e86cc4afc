// Asks a host what the stand-in is held to, as a part of `verify`: the read-only scenarios alone.
import { askContract, type ContractAnswer } from "../../fixtures/standin/contract/ask.ts";
import { guestsOf } from "../../fixtures/standin/contract/scenario.ts";
import { scenarios } from "../../fixtures/standin/contract/scenarios/index.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import type { HostContract } from "../../reports/run/run.ts";

/**
 * Asks every read-only scenario that takes less than half a minute: about 10 s in all. Changes nothing. Nothing is asked if
 * commands run there without root's rights: the answers would show those rights.
 */
export async function askHostContract(hypervisor: Hypervisor, target: Target): Promise<HostContract> {
  const { out } = await hypervisor.run(["id", "-u"]);
  if (out.trim() !== "0") {
    const unasked = `${target.ssh.user} runs commands there as user ${out.trim()}, not as root; it needs root, or "become": "sudo"`;
    return { unasked, agree: 0, notAsked: scenarios(guestsOf(target.deployment)).length, open: [] };
  }
  return hostContractOf(await askContract(hypervisor, target));
}

/** What a report shows of the answers. */
export function hostContractOf(answers: readonly ContractAnswer[]): HostContract {
  const count = (verdict: ContractAnswer["verdict"]) =>
    answers.filter((one) => one.verdict === verdict).length;
  const open = answers.flatMap(({ verdict, ...answer }) =>
    verdict === "differs" || verdict === "could not tell" ? [{ ...answer, verdict }] : [],
  );
  return { agree: count("agrees"), notAsked: count("not asked"), open };
}
