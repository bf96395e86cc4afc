// The trial of a second run: Phoenix's own commands run again on a healthy target, and must change nothing.
import { join } from "node:path";
import type { Evidence } from "../../fixtures/evidence/evidence.ts";
import { readRecord } from "../../fixtures/evidence/record.ts";
import type { Check } from "../../fixtures/judgement.ts";
import { check, known, source } from "../claim.ts";
import { renewedOf } from "../operations/claims/allowed-changes.ts";
import { areas, sameGuests, untouched } from "../operations/claims/blast-radius.ts";
import { endedWell } from "../operations/claims/changes.ts";
import { cliCompleted } from "../orchestration/claims/phoenix-cli.ts";
import type { Answered, Once } from "../test.ts";

export interface SecondRun {
  /** Checks that it ran and succeeded, in the guests too. */
  readonly ran: readonly Check[];
  /** Checks that it changed nothing. */
  readonly changed: readonly Check[];
}

interface Given {
  readonly phoenix: (...args: string[]) => Promise<Answered>;
  readonly freshEvidence: () => Promise<Evidence>;
  readonly run: string;
}

/** Collects evidence, runs `phoenix converge`, and collects evidence again. */
export async function secondRun(given: Given, before?: Evidence): Promise<SecondRun> {
  const { phoenix, freshEvidence, run } = given;
  const record = join(run, "second", "record.json");
  const earlier = before ?? (await freshEvidence());
  const answered = await phoenix("converge", "--record", record);
  const ran = [...endedWell("converge", answered), ...cliCompleted(readRecord(record), earlier.deployment)];
  // A failed run stays unfinished in the target's journal, and apply refuses every later run until it is rolled back.
  if (answered.code === 1) ran.push(...endedWell("rollback", await phoenix("rollback", "--yes", "--json")));
  return { ran, changed: secondRunChangedNothing(earlier, await freshEvidence()) };
}

/** The one second run that several specs share; OPS-001's last evidence serves as its evidence from before. */
export function sharedSecondRun(given: Given & { readonly once: Once }): Promise<SecondRun> {
  const { once, freshEvidence } = given;
  return once("second run", async () =>
    secondRun(given, await once("evidence after a second apply", freshEvidence)),
  );
}

/** Every byte, guest, mount and container is as it was; files may have been rewritten with the same bytes. */
export function secondRunChangedNothing(before: Evidence, after: Evidence): readonly Check[] {
  const same = areas.map(
    (area) => ({ ...area, level: "behaves", keys: area.keys.filter((key) => key !== "mtime") }) as const,
  );
  return [
    ...same.map((area) => untouched(area, before, after, renewedOf(after.deployment))),
    { ...sameGuests(before, after), level: "behaves" },
    alike("the mounts of the volume", before, after, mounts),
    alike("the running containers", before, after, containers),
  ];
}

const mounts = (e: Evidence) => ({
  fact: e.mounts,
  text: known(e.mounts)
    .filter(({ mountPoint }) => mountPoint === e.deployment.volume.mountPoint)
    .map(({ source: from, type }) => `${from} (${type})`),
});
const containers = (e: Evidence) => ({
  fact: e.containers,
  text: known(e.containers)
    .filter(({ State }) => State.Running)
    .map(({ Name, Id, State }) => `${Name.slice(1)} ${Id.slice(0, 12)} since ${State.StartedAt}`)
    .sort(),
});

function alike(
  what: string,
  before: Evidence,
  after: Evidence,
  read: typeof mounts | typeof containers,
): Check {
  const [was, is] = [read(before).text.join(", ") || "none", read(after).text.join(", ") || "none"];
  return check({
    level: "behaves",
    where: source(read(after).fact),
    ok: was === is,
    expected: `${what} as before: ${was}`,
    found: is,
  });
}
