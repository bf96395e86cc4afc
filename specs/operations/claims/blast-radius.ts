// The claim about everything else: nothing changed outside what the plan may change, by the evidence from before and after.
import { counted } from "../../../fixtures/counted.ts";
import { CannotTell } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Entry } from "../../../fixtures/evidence/parse/listing.ts";
import type { Listing, ProbedPlace } from "../../../fixtures/evidence/questions.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import { check, eachLevel, inside, known, source } from "../../claim.ts";
import { type AllowedChange, allowedChangesOf, under, volatilePaths } from "./allowed-changes.ts";
import { notAsDeclared } from "./as-declared.ts";
import { compared, differences, notRead } from "./changes.ts";
import { outside } from "./within.ts";

/** A listing of files to compare. */
export interface Area {
  readonly level: Level;
  readonly what: string;
  readonly place: AllowedChange["place"];
  readonly listing: Listing<ProbedPlace>;
  /** The properties of a file that must not change. */
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
// Other guests keep writing their own data there, so only the directories' existence and owners must stay the same.
const volumes: Area = {
  ...{ level: "delivered", what: "the guests' volumes", place: "hypervisor", listing: "volumes" },
  keys: ["type", "mode", "owner", "link"],
};
// Guests rewrite some files at every start with the same bytes, so times are not compared.
const gateway: Area = {
  ...{ level: "live", what: "the gateway's /etc", place: "gateway", listing: "etc" },
  keys: bytes,
};
const dockerHost: Area = {
  ...{ level: "live", what: "the docker host's /etc", place: "docker-host", listing: "etc" },
  keys: bytes,
};
/** Every area that is compared; which guests run is compared separately. */
export const areas = [tree, host, volumes, gateway, dockerHost];

/**
 * Nothing changed outside what the plan may change: no byte, mode or owner, no new or missing file, no guest started or stopped.
 * @throws CannotTell when both sets of evidence are the same, or an area is missing from one of them.
 */
export function nothingElseChanged(before: Evidence, after: Evidence): readonly Check[] {
  if (before.document.at === after.document.at)
    throw new CannotTell(
      "there is no evidence from before the plan to compare with: only one set was collected",
    );
  const area = (which: Area) => untouched(which, before, after, allowedChangesOf(after.deployment));
  return eachLevel({
    declared: () => [area(tree)],
    delivered: () => [area(host), area(volumes)],
    live: () => [
      sameGuests(before, after),
      ...inside(after, "pct", () => [area(gateway)]),
      ...inside(after, "qm", () => [area(dockerHost)]),
    ],
  });
}

/** One area is unchanged, apart from what may change in it. @throws CannotTell when the evidence from before has none of it. */
export function untouched(
  { level, what, place, listing, keys }: Area,
  before: Evidence,
  after: Evidence,
  may: readonly AllowedChange[],
): Check {
  const fact = after.listing(place, listing);
  const { tree: root } = after.document.target;
  const counts = ({ path }: Entry) => !under(volatilePaths, place, path, root);
  const [was, is] = [before.listing(place, listing), fact].map((each) => known(each).filter(counts));
  if (!was?.length || !is) throw new CannotTell(`the evidence from before has nothing of ${what}`);
  const allowed = ({ path }: Entry) => under(may, place, path, root);
  const others = (entries: readonly Entry[]) => entries.filter((entry) => !allowed(entry));
  const [changes, unread] = compared(others(was), others(is), keys);
  const within = was.flatMap((old) => {
    const entry = allowed(old);
    const now = is.find(({ path }) => path === old.path);
    return entry ? beyond(entry, old, now, before, after) : [];
  });
  const strays = [...changes, ...within];
  if (strays.length === 0 && unread.length > 0) throw notRead(unread);
  const more = strays.length > 5 ? `; and ${strays.length - 5} more` : "";
  const found =
    strays.length === 0
      ? `${others(is).length} of ${is.length} files must not change, and all are as before`
      : strays.slice(0, 5).join("; ") + more;
  const where = strays[0]?.slice(0, strays[0].indexOf(": ")) ?? source(fact);
  return check({
    level,
    where,
    ok: strays.length === 0,
    expected: `${what} as before, except what the plan may change`,
    found,
  });
}

/** What changed of a file beyond what may change of it, one phrase for each difference. */
function beyond(
  { place, only, attributes, removed, mode }: AllowedChange,
  old: Entry,
  now: Entry | undefined,
  before: Evidence,
  after: Evidence,
): readonly string[] {
  const { path } = old;
  if (!now) return removed ? [] : [`${path}: gone`];
  const modes: readonly (keyof Entry)[] = now.mode === mode ? [] : ["mode"];
  const never = attributes ? [] : differences([old], [now], ["type", ...modes, "owner", "link"]);
  if (!only || old.type !== "f" || now.type !== "f") return never;
  const [changes, unread] = compared([old], [now], ["size", "sha256"]);
  if (changes.length === 0 && unread.length === 0) return never;
  const text = (e: Evidence) => {
    const file = known(e.file(place, path.replace(/^(\/etc\/pve)\/nodes\/[^/]+/, "$1")));
    if (!file)
      throw new CannotTell(`${path} changed, and its text was not read: what changed in it is unknown`);
    return file.text;
  };
  const texts = [text(before), text(after)] as const;
  if (texts[0] === texts[1])
    throw new CannotTell(`what changed in ${path} is unknown: it is not in the text that was kept`);
  const strange = [...outside(only, path, ...texts), ...notAsDeclared(after, path, ...texts)];
  return [...never, ...strange.map((said) => `${path}: ${said}`)];
}

/** Every guest is running or stopped, as before. @throws CannotTell if there was none before: there is at least the gateway. */
export function sameGuests(before: Evidence, after: Evidence): Check {
  const [was, is] = [known(before.guests), known(after.guests)];
  if (was.size === 0) throw new CannotTell("the evidence from before has no guests");
  const ids = [...new Set([...was.keys(), ...is.keys()])].sort((a, b) => a - b);
  const say = (id: number) => `${id} ${is.get(id) ?? "gone"}, was ${was.get(id) ?? "not there"}`;
  const changed = ids.filter((id) => was.get(id) !== is.get(id)).map(say);
  const found = changed.join("; ") || `${counted(is.size, "guest")}, all as before`;
  return check({
    level: "live",
    where: source(after.guests),
    ok: changed.length === 0,
    expected: "every guest as before",
    found,
  });
}
