// The claim about the directory that was copied to the volume: every file is there, as in the tree.
import { counted } from "../../../fixtures/counted.ts";
import { portainerDirectoryOf, treeDirectoryOf } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell, problem } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Entry } from "../../../fixtures/evidence/parse/listing.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import { check, known } from "../../claim.ts";

/** Every file of the tree's directory is on the volume with the same bytes; other files (Portainer's data) may be there too. */
export function directoryDelivered(e: Evidence): readonly Check[] {
  const from = `${e.document.target.tree}/${treeDirectoryOf(e.deployment)}`;
  const to = portainerDirectoryOf(e.deployment);
  const asked = known(e.listing("hypervisor", "tree")).filter(({ path }) => path.startsWith(`${from}/`));
  const there = new Map(known(e.listing("hypervisor", "portainer")).map((entry) => [entry.path, entry]));
  if (!asked.some(({ type }) => type === "f"))
    return [
      check({
        level: "delivered",
        where: from,
        ok: false,
        expected: "files to copy",
        found: "none",
        next: toType`ls -R ${from}`,
      }),
    ];
  const pairs = asked.map((entry) => {
    const path = to + entry.path.slice(from.length);
    return { entry, path, copy: there.get(path) };
  });
  // Of the same size, and the bytes of one of them not read: equal or not, nobody knows.
  const unread = pairs.filter(
    ({ entry, copy }) =>
      entry.type === "f" &&
      copy?.type === "f" &&
      entry.size === copy.size &&
      (entry.sha256 === undefined || copy.sha256 === undefined),
  );
  const checks = pairs
    .filter((pair) => !unread.includes(pair))
    .map(({ entry, path, copy }) =>
      check({
        level: "delivered",
        where: path,
        ok: copy !== undefined && show(copy) === show(entry),
        expected: show(entry),
        found: copy ? show(copy) : "nothing",
        next: toType`cp -a ${from} ${e.deployment.volume.path}/`,
      }),
    );
  const [first] = unread;
  if (first && checks.every(({ ok }) => ok))
    throw new CannotTell(
      problem(
        `whether ${first.path} is ${first.entry.path} is unknown, since their bytes were not read`,
        toType`cmp ${first.entry.path} ${first.path}`,
      ),
    );
  return checks;
}

function show({ type, sha256, size, link }: Entry): string {
  if (type === "l") return `a link to ${link}`;
  if (type === "d") return "a directory";
  return `sha256 ${sha256?.slice(0, 16) ?? "not read"} (${counted(size, "byte")})`;
}
