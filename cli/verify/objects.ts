// Removes what trials made in Portainer: users and tags with the names that only trials give.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CannotTell, problem } from "../../fixtures/errors.ts";
import { openClient } from "../../fixtures/evidence/client.ts";
import { secret } from "../../fixtures/evidence/redact.ts";
import { trialTag, trialUser } from "../../fixtures/faults/remains.ts";
import { PortainerApi } from "../../fixtures/portainer/api.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { certificate } from "../target/guard.ts";

/**
 * Removes them, and returns a line for each. Without an administrator or a known password there are none of ours.
 * @throws CannotTell if Portainer does not let itself be asked.
 */
export async function removeObjects(hypervisor: Hypervisor, target: Target): Promise<string[]> {
  await using client = openClient(target, await certificate(hypervisor, target));
  const folder = privateFolder(tmpdir(), "phoenix-verify");
  try {
    const file = await passwordFile(hypervisor, target, folder);
    if (file === undefined) return [];
    const api = new PortainerApi(client, file);
    const session = await api.signIn();
    if (!session.ok) throw unknown(target, session.said);
    const [users, tags] = [await api.users(session.value), await api.tags(session.value)];
    if (!users.ok) throw unknown(target, users.said);
    if (!tags.ok) throw unknown(target, tags.said);
    const removed: string[] = [];
    for (const { Id, Username } of users.value.filter((user) => trialUser.test(user.Username))) {
      const said = await api.removeUser(session.value, Id);
      if (!said.ok) throw unknown(target, said.said);
      removed.push(`user ${Username} in Portainer`);
    }
    for (const { ID, Name } of tags.value.filter((tag) => trialTag.test(tag.Name))) {
      const said = await api.removeTag(session.value, ID);
      if (!said.ok) throw unknown(target, said.said);
      removed.push(`tag ${Name} in Portainer`);
    }
    return removed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const unknown = ({ name, url }: Target, said: string) =>
  new CannotTell(
    problem(
      `Users and tags of trials on ${name} can't be looked for: ${said}`,
      `look for accept-… at ${url}/#!/users`,
    ),
  );

async function passwordFile(
  hypervisor: Hypervisor,
  target: Target,
  folder: string,
): Promise<string | undefined> {
  const { adminPasswordFile: here, adminPasswordOnHypervisor: there } = target;
  if (here !== undefined && existsSync(here)) return here;
  if (there === undefined) return undefined;
  const { code, out } = await hypervisor.run(["cat", there]);
  if (code !== 0 || out.trim() === "") return undefined;
  const file = join(folder, "password");
  writeFileSync(file, secret(out.trim()), { mode: 0o600 });
  return file;
}
