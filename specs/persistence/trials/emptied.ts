// For controls: a fault has started Portainer on empty data, so it has no administrator. The fault's own Portainer gets one.
import { CannotTell, Refused } from "../../../fixtures/errors.ts";
import { onDockerHost } from "../../../fixtures/evidence/guests.ts";
import { portainerAnswers } from "../../../fixtures/portainer/status.ts";
import type { Stage } from "./object.ts";

/** Makes the administrator that a fault's Portainer lacks. @throws Refused on anything but a stand-in. */
export async function claimEmptied({ target, hypervisor, portainer, api }: Stage): Promise<void> {
  if (target.kind !== "stand-in")
    throw new Refused(`a Portainer is claimed only on a stand-in, and ${target.name} is not one`);
  await portainerAnswers(portainer.client);
  if (!(await api.isUnclaimed())) return;
  const { portainer: own } = target.deployment;
  const script = `escape=$(printf '\\033')
docker logs $(docker ps -q --filter publish=${own.port}) 2>&1 | sed "s/$escape\\[[0-9;]*m//g" | sed -n 's/.*setup_token=//p' | tail -n 1`;
  const { out } = await onDockerHost(hypervisor, target, script);
  const made = await api.makeFirstAdministrator(out.trim().slice(0, 64));
  if (!made.ok) throw new CannotTell(`the fault's Portainer gets no administrator: ${made.said}`);
}
