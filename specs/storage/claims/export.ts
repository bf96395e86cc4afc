// The claim about the export of the docker host's volume: the docker host may mount it, may write, and its root is not squashed.
import type { Deployment } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell } from "../../../fixtures/errors.ts";
import type { HypervisorConfig } from "../../../fixtures/evidence/configs.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import {
  type Asks,
  access,
  type Export,
  exportFor,
  exportsOf,
  lastValue,
  named,
  untilRefused,
} from "../../../fixtures/evidence/parse/exports.ts";
import { samePath } from "../../../fixtures/evidence/parse/mounts.ts";
import type { JsonFile } from "../../../fixtures/evidence/tree-file.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import { check, eachLevel, known, present } from "../../claim.ts";

const table = "/var/lib/nfs/etab";

/** The tree, the exports files and the server's table export the volume to the docker host, writable and without root squash. */
export function exportForRoot(e: Evidence): readonly Check[] {
  const config = `${e.document.target.tree}/etc/phoenix_hypervisor_config.json`;
  return eachLevel({
    declared: () =>
      present("declared", config, e.hypervisorConfig, (file) =>
        judged(e.deployment, declaredIn(file), {
          ...{ level: "declared", file: config, next: `edit "nfs" in ${config}` },
          asks: asksOf(e),
        }),
      ),
    delivered: () =>
      judged(e.deployment, known(e.exports), {
        ...{ level: "delivered", file: "/etc/exports", next: "edit /etc/exports, then: exportfs -ra" },
        asks: asksOf(e),
      }),
    live: () =>
      present("live", table, e.exportTable, (all) =>
        judged(
          e.deployment,
          all.map((one) => ({ ...one, file: table })),
          { level: "live", file: table, next: "exportfs -ra", asks: asksOf(e) },
        ),
      ),
  });
}

/** What the tree declares, one export for each client, with its line. */
function declaredIn({ path: file, value, where }: JsonFile<HypervisorConfig>): Placed[] {
  const all = (value.nfs?.exports ?? []).flatMap(({ path, clients = [], options = [] }, index) => {
    const line = Number(/:(\d+):\d+$/.exec(where(["nfs", "exports", index]))?.[1] ?? 1);
    // Phoenix joins the options with commas, and exportfs reads the line: a text may hold several.
    const each = options.flatMap((one) => one.split(","));
    return clients.map((client) => ({
      ...{ path: samePath(path), client, options: each },
      ...{ starts: [], line, file },
    }));
  });
  return untilRefused(all);
}

type Placed = Export & { readonly file: string };

function judged(
  { volume: { path }, dockerHost: { address } }: Deployment,
  all: readonly Placed[],
  {
    level,
    file,
    next,
    asks,
  }: { readonly level: Level; readonly file: string; readonly next: string; readonly asks: Asks },
): readonly Check[] {
  const holding = exportsOf(all, path);
  const joined = holding.filter((one) => !named(one));
  const own = attempt(() => exportFor(holding, path, address), joined.length > 0);
  const at = own ?? holding[0];
  const where = at ? `${at.file}:${at.line}` : file;
  const others = holding.map(({ client }) => `to ${client}`).join(", ");
  const refused = all.find((one) => one.refused !== undefined);
  const found = own
    ? `${own.path} to ${own.client}(${own.options})`
    : refused
      ? `${refused.file}:${refused.line} has the option "${refused.refused}", which exportfs refuses: it reads nothing from there`
      : others || "no export of it";
  // The server sends the clients of a referral to another one.
  const here = own && lastValue(own.options, "refer") === undefined;
  const { writes, root } = here ? access(own, asks) : { writes: false, root: false };
  const expected = `${path} to ${address}(rw,no_root_squash) for sec=${asks.flavour}${asks.transport ? `, xprtsec=${asks.transport}` : ""}`;
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

/** An export that cannot be told is none while another entry of the file is wrong for certain. */
function attempt<T>(read: () => T, wrong: boolean): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CannotTell) || !wrong) throw error;
    return undefined;
  }
}

/** How the docker host mounts its volume, by its fstab: without a word there with `sys`, and without TLS. */
function asksOf(e: Evidence): Asks {
  const entries = e.fstab.state === "known" ? e.fstab.value : [];
  const own = entries.find(({ mountPoint }) => mountPoint === e.deployment.volume.mountPoint);
  const options = own?.options ?? [];
  const transport = lastValue(options, "xprtsec");
  return { flavour: lastValue(options, "sec") ?? "sys", ...(transport !== undefined && { transport }) };
}
