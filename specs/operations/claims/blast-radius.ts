// The claim about everything else: between two looks, nothing changed outside the plan's reach.
import { CannotTell } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Entry } from "../../../fixtures/evidence/parse/listing.ts";
import type { Listing, ProbedPlace } from "../../../fixtures/evidence/questions.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import { check, eachLevel, inside, known, source } from "../../claim.ts";
import { type Reach, reachOf, under, volatilePaths } from "./allowed-changes.ts";
import { differences } from "./changes.ts";

/** A listing that is compared. */
export interface Area {
  readonly level: Level;
  readonly what: string;
  readonly place: Reach["place"];
  readonly listing: Listing<ProbedPlace>;
  /** What of a file may not change. */
  readonly keys: readonly (keyof Entry)[];
}

export const bytes = ["type", "mode", "owner", "link", "size", "sha256"] as const;
const tree: Area = {
  ...{ level: "declared", what: "the Phoenix tree", place: "hypervisor", listing: "tree" },
  keys: [...bytes, "mtime"],
};
const host: Area = {
  ...{ level: "delivered", what: "/etc/pve, exports and network", place: "hypervisor", listing: "host" },
  keys: [...bytes, "mtime"],
};
// What other guests keep there is theirs and lives on; that it is there, and whose it is, must stay.
const volumes: Area = {
  ...{ level: "delivered", what: "the guests' volumes", place: "hypervisor", listing: "volumes" },
  keys: ["type", "mode", "owner", "link"],
};
// Guests write some of their files anew at every start: with the same bytes.
const gateway: Area = {
  ...{ level: "live", what: "the gateway's /etc", place: "gateway", listing: "etc" },
  keys: bytes,
};
const machine: Area = {
  ...{ level: "live", what: "the machine's /etc", place: "docker-host", listing: "etc" },
  keys: bytes,
};
/** Everything that is compared, but for the guests that run. */
export const areas = [tree, host, volumes, gateway, machine];

/**
 * Nothing changed outside the plan's reach: no byte, mode or owner, no file more or less, no guest started or stopped.
 * @throws CannotTell when both looks are one, or an area could not be seen in both.
 */
export function nothingElseChanged(before: Evidence, after: Evidence): readonly Check[] {
  if (before.document.at === after.document.at)
    throw new CannotTell("there is one look only: nothing was applied between two of them");
  const area = (which: Area) => untouched(which, before, after, reachOf(after.deployment));
  return eachLevel({
    declared: () => [area(tree)],
    delivered: () => [area(host), area(volumes)],
    live: () => [
      sameGuests(before, after),
      ...inside(after, "pct", () => [area(gateway)]),
      ...inside(after, "qm", () => [area(machine)]),
    ],
  });
}

/** One area as it was, but for what may change in it. @throws CannotTell when nothing of it was seen before. */
export function untouched(
  { level, what, place, listing, keys }: Area,
  before: Evidence,
  after: Evidence,
  may: readonly Reach[],
): Check {
  const fact = after.listing(place, listing);
  const { tree: root } = after.document.target;
  const counts = ({ path }: Entry) => !under(volatilePaths, place, path, root);
  const [was, is] = [before.listing(place, listing), fact].map((each) => known(each).filter(counts));
  if (!was?.length || !is) throw new CannotTell(`nothing was seen of ${what} before`);
  const within = ({ path }: Entry) => {
    const entry = under(may, place, path, root);
    return entry !== undefined && (!entry.lines || sameLines(entry.lines, path, before, after));
  };
  const outside = (entries: readonly Entry[]) => entries.filter((entry) => !within(entry));
  const strays = differences(outside(was), outside(is), keys);
  const more = strays.length > 5 ? `; and ${strays.length - 5} more` : "";
  const found =
    strays.length === 0
      ? `${outside(is).length} of ${is.length} files outside it, all as before`
      : strays.slice(0, 5).join("; ") + more;
  const where = strays[0]?.slice(0, strays[0].indexOf(": ")) ?? source(fact);
  return check({
    level,
    where,
    ok: strays.length === 0,
    expected: `${what} as before, outside the plan's reach`,
    found,
  });
}

/** Whether a guest's configuration differs in nothing but lines like these. */
function sameLines(lines: RegExp, path: string, before: Evidence, after: Evidence): boolean {
  const rest = (e: Evidence) =>
    known(e.file("hypervisor", path.replace(/\/nodes\/[^/]+/, "")))
      ?.text.split("\n")
      .filter((line) => !lines.test(line))
      .join("\n");
  return rest(before) === rest(after);
}

/** Every guest runs, or does not, as before. */
export function sameGuests(before: Evidence, after: Evidence): Check {
  const [was, is] = [known(before.guests), known(after.guests)];
  const ids = [...new Set([...was.keys(), ...is.keys()])].sort((a, b) => a - b);
  const say = (id: number) => `${id} ${is.get(id) ?? "gone"}, was ${was.get(id) ?? "not there"}`;
  const changed = ids.filter((id) => was.get(id) !== is.get(id)).map(say);
  const found = changed.join("; ") || `${is.size} guests, all as before`;
  return check({
    level: "live",
    where: source(after.guests),
    ok: changed.length === 0,
    expected: "every guest as before",
    found,
  });
}
