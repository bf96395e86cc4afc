// The claim that Portainer's data was left alone between two sets of evidence. Portainer itself keeps writing its database, so
// untouched means: the same directory, the same database file, no missing file, and the same instance that answers.
import { portainerDirectoryOf } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Entry } from "../../../fixtures/evidence/parse/listing.ts";
import { describeResponse } from "../../../fixtures/evidence/response.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import { check, known } from "../../claim.ts";

/** Whether Portainer had a database on the volume. */
export const hadData = (e: Evidence): boolean => databasesOf(e).length > 0;

/** The paths of the databases on the volume. */
function databasesOf(e: Evidence): string[] {
  const { path: volume } = e.deployment.volume;
  const found = known(e.listing("hypervisor", "databases")).map(({ path }) => path);
  return found.filter((path) => path.startsWith(`${volume}/`));
}

/** Every directory below Portainer's own that held a database of it is as it was. */
export function dataUntouched(before: Evidence, after: Evidence): readonly Check[] {
  const { path: volume } = before.deployment.volume;
  const all = databasesOf(before);
  if (all.length === 0)
    return [
      check({
        level: "behaves",
        where: volume,
        ok: false,
        expected: "a database of Portainer before",
        found: "none",
      }),
    ];
  const was = known(before.listing("hypervisor", "portainer"));
  const listed = new Set(was.map(({ path }) => path));
  const directory = portainerDirectoryOf(before.deployment);
  const own = all.filter((path) => path.startsWith(`${directory}/`));
  // A copy elsewhere on the volume, such as a backup, is not Portainer's own.
  const databases = own.length > 0 ? own : all;
  const unlisted = databases.find((path) => !listed.has(path));
  if (unlisted !== undefined)
    throw new CannotTell(`the evidence from before has ${unlisted}, and nothing of its directory`);
  const is = new Map(known(after.listing("hypervisor", "portainer")).map((entry) => [entry.path, entry]));
  const same = (path: string) => {
    const expected = shown(was.find((entry) => entry.path === path));
    const found = shown(is.get(path));
    return check({
      level: "behaves",
      where: path,
      ok: found === expected,
      expected,
      found,
      next: toType`ls -li ${path}`,
    });
  };
  return [
    ...databases.flatMap((database) => {
      const directory = database.slice(0, database.lastIndexOf("/"));
      const gone = was.filter(({ path }) => path.startsWith(`${directory}/`) && !is.has(path));
      const found = gone.map(({ path }) => path.slice(directory.length + 1)).join(", ");
      return [
        same(directory),
        same(database),
        check({
          level: "behaves",
          where: directory,
          ok: gone.length === 0,
          expected: "every file of before",
          found: found ? `gone: ${found}` : "every file of before",
        }),
      ];
    }),
    sameInstance(before, after),
  ];
}

function shown(entry: Entry | undefined): string {
  if (!entry) return "nothing";
  const { type, mode, owner, inode } = entry;
  return `${type === "d" ? "directory" : "file"} ${inode} (${mode} ${owner})`;
}

function sameInstance(before: Evidence, after: Evidence): Check {
  const [was, is] = [instance(before), instance(after)];
  const where = `${after.document.target.url}/api/system/status`;
  const expected = was.id === undefined ? "an instance that answers before" : was.said;
  const found = was.id === undefined ? was.said : is.said;
  return check({ level: "behaves", where, ok: was.id !== undefined && was.id === is.id, expected, found });
}

function instance(e: Evidence): { id: string | undefined; said: string } {
  const response = known(e.response("status"));
  const id =
    response.kind === "response" && response.status === 200
      ? /"InstanceID" *: *"([^"]+)"/.exec(response.body)?.[1]
      : undefined;
  return { id, said: id === undefined ? `no instance: ${describeResponse(response)}` : `instance ${id}` };
}
