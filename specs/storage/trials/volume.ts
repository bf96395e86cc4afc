// Trials on the volume itself: the docker host and the hypervisor each write into a test directory, which is always
// removed.
import { randomBytes } from "node:crypto";
import { withCleanup } from "../../../fixtures/cleanup.ts";
import { mountSourceOf } from "../../../fixtures/deployment/deployment.ts";
import { type GuestRan, onDockerHost } from "../../../fixtures/evidence/guests.ts";
import { namesServerOf } from "../../../fixtures/evidence/parse/mounts.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { quoteWord, toType } from "../../../fixtures/quote.ts";
import type { Hypervisor } from "../../../fixtures/target/hypervisor.ts";
import type { Target } from "../../../fixtures/target/inventory.ts";
import { check } from "../../claim.ts";
import { ofNetwork } from "../claims/volume.ts";

/** The test directory's path on each side, and a shell there. */
interface Sides {
  readonly guest: { readonly dir: string; run(script: string): Promise<GuestRan> };
  readonly host: { readonly dir: string; run(script: string): Promise<GuestRan> };
}

/** Each side reads what the other one writes, and the docker host's file is on the volume's file system. */
export function sameFiles(target: Target, hypervisor: Hypervisor): Promise<readonly Check[]> {
  const { dockerHost, volume } = target.deployment;
  const mountSource = mountSourceOf(target.deployment);
  const inGuest = `VM ${dockerHost.vmid}`;
  const seen = seenAt(volume.path);
  return onVolume(target, hypervisor, async ({ guest, host }) => {
    const word = randomBytes(8).toString("hex");
    const wrote = await guest.run(`mkdir "$dir" && echo ${word} > "$dir/guest" && cat "$dir/guest"`);
    const written = seen(`${inGuest}: ${guest.dir}/guest`, wrote, word);
    if (!written.ok) return [written];
    const system = await guest.run('df --output=source,fstype "$dir/guest" | tail -n 1');
    const [source = "", type = ""] = system.out.trim().split(/\s+/);
    const there = await host.run('cat "$dir/guest"');
    const back = await host.run(`mkdir -p "$dir" && echo ${word} > "$dir/host" && cat "$dir/host"`);
    const here = await guest.run('cat "$dir/host"');
    const place = {
      level: "behaves",
      where: `${inGuest}: ${guest.dir}`,
      next: toType`mount ${volume.mountPoint}`,
    } as const;
    return [
      written,
      check({
        ...place,
        // That the hypervisor has what was written shows which server a name is.
        ok: source === mountSource || namesServerOf(source, mountSource),
        expected: `a file on ${mountSource}, over the network`,
        found: `a file on ${source} (${type})`,
      }),
      ofNetwork(target, place, type),
      seen(`hypervisor: ${host.dir}/guest`, there, word),
      seen(`hypervisor: ${host.dir}/host`, back, word),
      seen(`${inGuest}: ${guest.dir}/host`, here, word),
    ];
  });
}

/** Root on the docker host creates a file and a directory and runs chown on them; the hypervisor reads their owners. */
export function rootOwns(target: Target, hypervisor: Hypervisor): Promise<readonly Check[]> {
  const { dockerHost, volume } = target.deployment;
  const seen = seenAt(volume.path);
  return onVolume(target, hypervisor, async ({ guest, host }) => {
    const made = await guest.run('mkdir "$dir" && : > "$dir/file" && mkdir "$dir/given" && echo made');
    const owner = await host.run('stat -c %u:%g "$dir/file"');
    const given = await guest.run('chown 1000:1000 "$dir/file" "$dir/given" && echo given');
    const owners = await host.run('stat -c %u:%g "$dir/file" "$dir/given"');
    const inGuestDir = `VM ${dockerHost.vmid}: ${guest.dir}`;
    return [
      seen(`${inGuestDir}, mkdir`, made, "made"),
      seen(`hypervisor: owner of ${host.dir}/file`, owner, "0:0"),
      seen(`${inGuestDir}, chown 1000:1000`, given, "given"),
      seen(`hypervisor: owners in ${host.dir}`, owners, "1000:1000\n1000:1000"),
    ];
  });
}

const seenAt =
  (volume: string) =>
  (where: string, { code, out, err }: GuestRan, expected: string): Check => {
    const found = code === 0 ? out.trim() : `exit code ${code}: ${err.trim().split("\n").at(-1)}`;
    const next = `ls -ln ${volume}`;
    return check({ level: "behaves", where, ok: found === expected, expected, found, next });
  };

/** Runs the body with an unused directory name, and removes that directory afterwards, on both sides. */
async function onVolume(
  target: Target,
  hypervisor: Hypervisor,
  body: (sides: Sides) => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  // The name begins with a dot, so the docker feature does not search it for stacks.
  const name = `.acceptance-${randomBytes(6).toString("hex")}`;
  const at = (parent: string, run: (script: string) => Promise<GuestRan>) => {
    const dir = `${parent}/${name}`;
    return { dir, run: (script: string) => run(`dir=${quoteWord(dir)}\n${script}`) };
  };
  const { volume } = target.deployment;
  const guest = at(volume.mountPoint, (script) => onDockerHost(hypervisor, target, script));
  const host = at(volume.path, (script) => hypervisor.script(script));
  return withCleanup(
    () => body({ guest, host }),
    () => remove(guest),
    () => remove(host),
  );
}

async function remove({ dir, run }: Sides["host"]): Promise<void> {
  const { code, err } = await run('rm -rf "$dir" && test ! -e "$dir"');
  if (code !== 0) throw new Error(`${dir} was left behind: ${err.trim()}`);
}
