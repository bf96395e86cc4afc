// Interrupted writes: tags are written one after the other until the server dies, and every confirmed one must exist afterwards.
import type { Check } from "../../../fixtures/judgement.ts";
import { portainerAnswers } from "../../../fixtures/portainer/status.ts";
import { check } from "../../claim.ts";
import type { Stage } from "./object.ts";

const enough = 3;
const writeTimeout = 15_000;

/** Writes tags without a pause, kills Portainer meanwhile, and looks for every tag that was confirmed. */
export async function cutWrites(
  { api, portainer, target }: Stage,
  session: string,
  killing: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  const confirmed: string[] = [];
  const run = Date.now().toString(36);
  const end = performance.now() + writeTimeout;
  let kill: Promise<readonly Check[]> | undefined;
  let cut: string | undefined;
  while (cut === undefined && performance.now() < end) {
    const name = `accept-${run}-${confirmed.length}`;
    const said = await api.makeTag(session, name);
    if (said.ok) confirmed.push(name);
    else cut = said.said;
    if (confirmed.length === enough) kill ??= killing();
  }
  const killed = (await kill) ?? [];
  const url = `${target.url}/api/tags`;
  const expected = "writes confirmed until one was cut off";
  const writes = `${confirmed.length} confirmed, ${cut === undefined ? "none cut off" : `then ${cut}`}`;
  const midst = check({
    level: "behaves",
    where: url,
    ok: confirmed.length >= enough && cut !== undefined,
    expected,
    found: writes,
  });
  if (!midst.ok || killed.some(({ ok }) => !ok)) return [...killed, midst];
  await portainerAnswers(portainer.client);
  const again = await api.signIn();
  const tags = again.ok ? await api.tags(again.value) : again;
  if (!again.ok || !tags.ok)
    return [
      ...killed,
      midst,
      check({
        level: "behaves",
        where: url,
        ok: false,
        expected: "the tags",
        found: tags.ok ? "" : tags.said,
      }),
    ];
  const there = new Set(tags.value.map(({ Name }) => Name));
  const lost = confirmed.filter((name) => !there.has(name));
  for (const { ID, Name } of tags.value)
    if (Name.startsWith(`accept-${run}-`)) await api.removeTag(again.value, ID);
  const found = lost.length === 0 ? `all ${confirmed.length}` : `without ${lost.join(", ")}`;
  return [
    ...killed,
    midst,
    check({ level: "behaves", where: url, ok: lost.length === 0, expected: "every confirmed tag", found }),
  ];
}
