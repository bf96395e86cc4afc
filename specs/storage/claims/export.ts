// The claim about the export of the docker host's volume: the docker host may mount it, may write, and its root is not squashed.
import type { Deployment } from "../../../fixtures/deployment/deployment.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import {
  access,
  type Export,
  exportFor,
  exportsOf,
  named,
} from "../../../fixtures/evidence/parse/exports.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import { check, eachLevel, known, present } from "../../claim.ts";

const table = "/var/lib/nfs/etab";

/** Both the exports files and the server's table export the volume to the docker host, writable and without root squash. */
export function exportForRoot(e: Evidence): readonly Check[] {
  return eachLevel({
    delivered: () =>
      judged(e.deployment, known(e.exports), {
        ...{ level: "delivered", file: "/etc/exports", next: "edit /etc/exports, then: exportfs -ra" },
      }),
    live: () =>
      present("live", table, e.exportTable, (all) =>
        judged(
          e.deployment,
          all.map((one) => ({ ...one, file: table })),
          { level: "live", file: table, next: "exportfs -ra" },
        ),
      ),
  });
}

type Placed = Export & { readonly file: string };

function judged(
  { volume: { path }, dockerHost: { address } }: Deployment,
  all: readonly Placed[],
  { level, file, next }: { readonly level: Level; readonly file: string; readonly next: string },
): readonly Check[] {
  const holding = exportsOf(all, path);
  const own = exportFor(holding, path, address);
  const at = own ?? holding[0];
  const where = at ? `${at.file}:${at.line}` : file;
  const others = holding.map(({ client }) => `to ${client}`).join(", ");
  const found = own ? `${own.path} to ${own.client}(${own.options})` : others || "no export of it";
  const { writes, root } = own ? access(own) : { writes: false, root: false };
  const expected = `${path} to ${address}(rw,no_root_squash)`;
  const joined = holding.filter((one) => !named(one));
  return [
    check({ level, where, ok: writes && root, expected, found, next }),
    ...joined.map(({ client, file: its, line }) =>
      check({
        level,
        where: `${its}:${line}`,
        ok: false,
        expected: "clients with blanks between them",
        found: `one client named ${client}`,
        next,
      }),
    ),
  ];
}
