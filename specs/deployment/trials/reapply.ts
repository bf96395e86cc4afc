// The trial of a re-apply: it changes the copy on the volume, so that there is something to copy, and applies the
// directory alone again. Afterwards it rolls that change back, in the target's journal too.
import { portainerDirectoryOf, treeDirectoryOf } from "../../../fixtures/deployment/deployment.ts";
import type { RunRecord } from "../../../fixtures/evidence/record.ts";
import { alteredComposeFile, during } from "../../../fixtures/faults/index.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import type { Hypervisor } from "../../../fixtures/target/hypervisor.ts";
import type { Target } from "../../../fixtures/target/inventory.ts";
import { check } from "../../claim.ts";
import { endedWell } from "../../operations/claims/changes.ts";
import type { Answered } from "../../test.ts";

type Phoenix = (...args: string[]) => Promise<Answered>;

/** Applies the portainer directory again with the options in `record`: apply succeeds, and the bytes are the tree's again. */
export async function directoryAppliedAgain(
  target: Target,
  hypervisor: Hypervisor,
  phoenix: Phoenix,
  { choice }: RunRecord,
): Promise<readonly Check[]> {
  const { tree, deployment } = target;
  const asked = `${tree}/${treeDirectoryOf(deployment)}/docker-compose.yml`;
  const copy = `${portainerDirectoryOf(deployment)}/docker-compose.yml`;
  const same = async () => (await hypervisor.run(["cmp", "--", asked, copy])).code === 0;
  return during(alteredComposeFile(target), hypervisor, async () => {
    const altered = !(await same());
    const again = await phoenix("apply", ...choice, "--only", "DEP-001", "--yes", "--json");
    const copied = await same();
    // If this apply wrote no entry, the latest one belongs to another change and must not be rolled back.
    const back = madeEntry(again) ? endedWell("rollback", await phoenix("rollback", "--yes", "--json")) : [];
    const found = `${altered ? "other" : "the same"} bytes before, ${copied ? "the same" : "other"} afterwards`;
    return [
      ...endedWell("apply --only DEP-001", again),
      check({
        level: "behaves",
        where: copy,
        ok: altered && copied,
        expected: "other bytes before, the same afterwards",
        found,
      }),
      ...back,
    ];
  });
}

/** Whether an apply wrote an entry in the target's journal; an apply with nothing to do writes none. */
export function madeEntry({ out }: Pick<Answered, "out">): boolean {
  try {
    return typeof (JSON.parse(out) as { entry?: unknown } | null)?.entry === "string";
  } catch {
    return false;
  }
}
