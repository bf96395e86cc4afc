// Claims about what changed between two sets of evidence: nothing, or only data.
import { counted } from "../../../fixtures/counted.ts";
import { portainerDirectoryOf } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell, problem } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Entry } from "../../../fixtures/evidence/parse/listing.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import { type Answered, check, known } from "../../claim.ts";

/** What this project or Phoenix may write, and where the evidence shows it. */
const watched = [
  ["the Phoenix tree", "hypervisor", "tree"],
  ["the firewall and guest configurations", "hypervisor", "pve"],
  ["the gateway's nginx", "gateway", "nginx"],
] as const;

const bytesAndModes = ["type", "mode", "owner", "link", "sha256"] as const;

/** The command ended with exit code 0. */
export function endedWell(what: string, { code, err }: Answered): readonly Check[] {
  const found = code === 0 ? "exit code 0" : `exit code ${code}: ${err.trim().slice(-300)}`;
  return [check({ level: "behaves", where: what, ok: code === 0, expected: "exit code 0", found })];
}

/** The command exited with 0 and printed, as JSON, an empty list of changes. */
export function nothingPlanned(answered: Answered): readonly Check[] {
  const ended = endedWell("apply", answered);
  if (!ended.every(({ ok }) => ok)) return ended;
  const { changes } = readAnswer(answered.out);
  const found = changes
    ? `${counted(changes.length, "change")} ${JSON.stringify(changes).slice(0, 300)}`
    : `no list of changes: ${answered.out.slice(0, 200)}`;
  return [
    ...ended,
    check({
      level: "behaves",
      where: "apply --json",
      ok: changes?.length === 0,
      expected: "no changes",
      found: changes?.length === 0 ? "no changes" : found,
    }),
  ];
}

function readAnswer(text: string): { changes?: unknown[] } {
  try {
    const value = JSON.parse(text) as { changes?: unknown };
    return Array.isArray(value.changes) ? { changes: value.changes } : {};
  } catch {
    return {};
  }
}

/** Nothing that is declared or delivered changed: no byte, mode, owner or time, no new or missing file. */
export function nothingChanged(before: Evidence, after: Evidence): readonly Check[] {
  const areas = watched.map((each) => area(each, before, after));
  const delivered = (e: Evidence) => known(e.listing("hypervisor", "portainer")).filter(notData(after));
  if (delivered(before).length === 0)
    throw new CannotTell("the evidence from before has nothing of the portainer directory");
  return [
    ...areas,
    same("the portainer directory", delivered(before), delivered(after)),
    mountTable(before, after),
  ];
}

/** After a rollback everything is as it was before the plan; only data that was written in the meantime may stay. */
export function allRestored(before: Evidence, after: Evidence): readonly Check[] {
  const [tree, pve] = watched;
  // Each run of Phoenix writes the guests' configuration again, with the same bytes, also where an apply left it alone.
  const areas = [area(tree, before, after), area(pve, before, after, bytesAndModes)];
  const volume = (e: Evidence) => portainerDirectory(e).filter(notData(after));
  return [
    ...areas,
    same("the portainer directory", volume(before), volume(after)),
    mountTable(before, after),
  ];
}

/**
 * What is in the directory of Portainer; nothing, before the plan. @throws CannotTell if its list is empty, and the list of the
 * volumes above it shows that it is there, or is empty as well: without volumes it has the nearest directory above them.
 */
function portainerDirectory(e: Evidence): readonly Entry[] {
  const found = known(e.listing("hypervisor", "portainer"));
  if (found.length > 0) return found;
  const volumes = known(e.listing("hypervisor", "volumes"));
  const directory = portainerDirectoryOf(e.deployment);
  if (volumes.length === 0 || volumes.some(({ path }) => path === directory))
    throw new CannotTell(`the evidence has nothing of ${directory}, and does not show that it is not there`);
  return found;
}

/** One watched area. It must have had files before: two empty lists are equal and prove nothing. */
function area(
  [what, place, name]: (typeof watched)[number],
  before: Evidence,
  after: Evidence,
  keys?: readonly (keyof Entry)[],
): Check {
  const old = known(before.listing(place, name));
  if (old.length === 0) throw new CannotTell(`the evidence from before has nothing of ${what}`);
  return same(what, old, known(after.listing(place, name)), keys);
}

function mountTable(before: Evidence, after: Evidence): Check {
  const text = (e: Evidence) => known(e.file("docker-host", "/etc/fstab"))?.text ?? "no file";
  const where = `VM ${after.deployment.dockerHost.vmid}: /etc/fstab`;
  return check({
    level: "behaves",
    where,
    ok: text(before) === text(after),
    expected: "as before",
    found: text(before) === text(after) ? "as before" : text(after),
  });
}

/** Not data: neither in a directory that holds a Portainer database, nor one of its parent directories. */
function notData(after: Evidence): (entry: Entry) => boolean {
  const databases = known(after.listing("hypervisor", "databases")).map(({ path }) =>
    path.slice(0, path.lastIndexOf("/")),
  );
  return ({ path }) =>
    !databases.some((data) => path === data || path.startsWith(`${data}/`) || data.startsWith(`${path}/`));
}

function same(
  what: string,
  before: readonly Entry[],
  after: readonly Entry[],
  keys?: readonly (keyof Entry)[],
): Check {
  const [changes, unread] = compared(before, after, keys);
  if (changes.length === 0 && unread.length > 0) throw notRead(unread);
  const shown =
    changes.slice(0, 5).join("; ") + (changes.length > 5 ? `; and ${changes.length - 5} more` : "");
  const where = changes[0]?.slice(0, changes[0].indexOf(":")) ?? counted(before.length, "entry", "entries");
  return check({
    level: "behaves",
    where,
    ok: changes.length === 0,
    expected: `${what} as before`,
    found: shown || `${counted(before.length, "entry", "entries")}, all as before`,
  });
}

/**
 * One phrase for each difference: `path: mode 644, was 600`. A directory's own time is left out: it only repeats changes of listed files.
 */
export function differences(
  before: readonly Entry[],
  after: readonly Entry[],
  keys: readonly (keyof Entry)[] = ["type", "mode", "owner", "link", "sha256", "mtime"],
): string[] {
  const was = new Map(before.map((entry) => [entry.path, entry]));
  const is = new Map(after.map((entry) => [entry.path, entry]));
  const paths = [...new Set([...was.keys(), ...is.keys()])].sort();
  return paths.flatMap((path) => {
    const [old, now] = [was.get(path), is.get(path)];
    if (!now) return [`${path}: gone`];
    if (!old) return [`${path}: new`];
    return keys
      .filter((key) => (key !== "mtime" && key !== "size") || now.type === "f")
      .filter((key) => old[key] !== now[key])
      .filter((key) => key !== "sha256" || bothRead(old, now))
      .map((key) => `${path}: ${key} ${now[key]}, was ${old[key]}`);
  });
}

const bothRead = (old: Entry, now: Entry) => old.sha256 !== undefined && now.sha256 !== undefined;

/**
 * The differences, and the files that were there both times and whose bytes are not known of both: a missing digest is no
 * equal one. Another size or time is a difference already.
 */
export function compared(
  before: readonly Entry[],
  after: readonly Entry[],
  keys?: readonly (keyof Entry)[],
): readonly [differences: string[], unread: string[]] {
  const changes = differences(before, after, keys && [...keys, ...(keys.includes("sha256") ? sizes : [])]);
  if (keys && !keys.includes("sha256")) return [changes, []];
  const is = new Map(after.map((entry) => [entry.path, entry]));
  const unread = before.filter((old) => {
    const now = is.get(old.path);
    return old.type === "f" && now?.type === "f" && !bothRead(old, now);
  });
  return [[...new Set(changes)], unread.map(({ path }) => path)];
}

const sizes = ["size"] as const;

/** The error for files whose bytes were not read: whether they changed is unknown. */
export function notRead(paths: readonly string[]): CannotTell {
  const shown = paths.slice(0, 3).join(", ") + (paths.length > 3 ? ` and ${paths.length - 3} more` : "");
  return new CannotTell(
    problem(
      `whether these files changed is unknown, since their bytes were not read: ${shown}`,
      toType`sha256sum ${paths[0] ?? ""}`,
    ),
  );
}
