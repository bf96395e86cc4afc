// The claim about the export of VM 1001's volume: the machine gets it, may write, and its root is root.
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
import { plan } from "../../plan.ts";

const { path } = plan.volume;
const { address } = plan.dockerHost;
const table = "/var/lib/nfs/etab";

/** Both the files and the server's table export the volume to VM 1001, writable and with no squashed root. */
export function exportForRoot(e: Evidence): readonly Check[] {
  return eachLevel({
    delivered: () => judged("delivered", known(e.exports), "/etc/exports", "edit it, then exportfs -ra"),
    live: () =>
      present("live", table, e.exportTable, (all) =>
        judged(
          "live",
          all.map((one) => ({ ...one, file: table })),
          table,
          "exportfs -ra",
        ),
      ),
  });
}

type Placed = Export & { readonly file: string };

function judged(level: Level, all: readonly Placed[], file: string, next: string): readonly Check[] {
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
