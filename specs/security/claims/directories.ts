// The claim about who may write Portainer's files on the volume, and read its secrets, as the hypervisor sees them.
import { portainerDirectoryOf } from "../../../fixtures/deployment/deployment.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Entry } from "../../../fixtures/evidence/parse/listing.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import { check, known, source } from "../../claim.ts";

/**
 * Nobody but its owner, or the group that is its owner's own, writes a directory or file of Portainer; nobody else reads its
 * database and its keys.
 */
export function ownersAlone(e: Evidence): readonly Check[] {
  const directory = portainerDirectoryOf(e.deployment);
  const fact = e.listing("hypervisor", "portainer");
  const all = known(fact).filter(({ path }) => path === directory || path.startsWith(`${directory}/`));
  const own = all.filter(({ type }) => type === "d" || type === "f");
  const where = source(fact);
  if (own.length === 0)
    return [
      check({
        ...{ level: "live", where, ok: false, expected: `files in ${directory}`, found: "none" },
        next: toType`ls -la ${directory}`,
      }),
    ];
  const secrets = own.filter(({ path, type }) => type === "f" && isSecret(path));
  return [
    allowed(own, 0o2, {
      where,
      expected: "directories and files that their owner alone writes",
      mode: "go-w",
    }),
    allowed(secrets, 0o4, {
      where,
      expected: "a database and keys that their owner alone reads",
      mode: "go=",
    }),
  ];
}

/**
 * Portainer's database, with the copies that it makes of it before an upgrade, and its private keys: of its certificate, its
 * signatures and its tunnel. A lock beside the database holds nothing.
 */
const isSecret = (path: string) => /(\.e?db(\.(?!lock$)[^/]+)?|\.key|(^|[/._-])key\.pem)$/.test(path);

/** No entry has this bit for others, or for a group that is not its owner's own, which has the owner's name. */
function allowed(
  entries: readonly Entry[],
  bit: number,
  { where, expected, mode }: { readonly where: string; readonly expected: string; readonly mode: string },
): Check {
  const open = entries.filter(({ mode: bits, owner }) => {
    const [user, group] = owner.split(":");
    return (Number.parseInt(bits, 8) & (bit | (user === group ? 0 : bit << 3))) !== 0;
  });
  const [first] = open;
  const shown = open.slice(0, 3).map((entry) => `${entry.path}: ${entry.mode} ${entry.owner}`);
  const more = open.length > 3 ? ` and ${open.length - 3} more` : "";
  return check({
    level: "live",
    where: first?.path ?? where,
    ok: !first,
    expected,
    found: shown.join(", ") + more || `${entries.length} of them`,
    next: toType`chmod ${mode} ${first?.path ?? ""}`,
  });
}
