// Files like /etc/fstab, beside what libmount (`findmnt`) and systemd (its generator of mount units) read in them.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, posix } from "node:path";
import { plainEnvironment } from "../../fixtures/confine.ts";
import { mountedByItself, parseFstab } from "../../fixtures/evidence/parse/mounts.ts";
import { findProgram } from "../../fixtures/setup/packages.ts";
import type { Random } from "./choice.ts";
import type { Kind, Result } from "./kinds.ts";

const generator = "/usr/lib/systemd/system-generators/systemd-fstab-generator";

export const fstab = (): Kind => ({
  name: "fstab",
  absent: () =>
    findProgram(["findmnt"], plainEnvironment.PATH)
      ? undefined
      : "there is no findmnt: apt-get install util-linux",
  make: (random) => ({ fstab: text(random) }),
  compare: (folder, files) => {
    const own = ours(files.fstab ?? "");
    const other = findmnt(`${folder}/fstab`);
    if (own === undefined || other === undefined)
      return own === other
        ? "refused"
        : { ours: said(own?.map(({ shown }) => shown)), theirs: `findmnt: ${said(other)}` };
    const plain = own.map(({ shown }) => shown);
    if (said(plain) !== said(other)) return { ours: said(plain), theirs: `findmnt: ${said(other)}` };
    return existsSync(generator) ? atBoot(own, units(folder)) : "same";
  },
});

interface Shown {
  readonly shown: string;
  readonly where: string;
  readonly swap: boolean;
  readonly starts: boolean;
}

const said = (lines: readonly string[] | undefined) => lines?.join("\n          ") ?? "refused";

function ours(text: string): Shown[] | undefined {
  try {
    return parseFstab(text).map((entry) => ({
      swap: entry.type === "swap",
      shown: `${entry.source} on ${entry.mountPoint} type ${entry.type} (${entry.options.join(",")})`,
      where: entry.mountPoint,
      starts: mountedByItself(entry),
    }));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Found {
  readonly source: string | null;
  readonly target: string | null;
  readonly fstype: string | null;
  readonly options: string | null;
}

/** What libmount reads in the place of /etc/fstab, where it guesses no other format; undefined if it ignores a line. */
function findmnt(file: string): string[] | undefined {
  const ran = spawnSync("findmnt", ["--fstab", "--json", "--list", "-o", "SOURCE,TARGET,FSTYPE,OPTIONS"], {
    encoding: "utf8",
    timeout: 20_000,
    env: { ...plainEnvironment, LIBMOUNT_FSTAB: file },
  });
  if (/parse error/.test(ran.stderr)) return undefined;
  if (ran.stdout.trim() === "") return [];
  const { filesystems } = JSON.parse(ran.stdout) as { readonly filesystems: readonly Found[] };
  return filesystems.map(
    ({ source, target, fstype, options }) =>
      `${onePath(source ?? "")} on ${posixPath(target ?? "")} type ${fstype} (${options ?? "defaults"})`,
  );
}

const posixPath = (path: string) =>
  path.startsWith("/") ? posix.normalize(path).replace(/(?!^)\/$/, "") : path;
const onePath = (source: string) =>
  source.replace(/^([^/]+:)(\/.*)$/, (_, host: string, path: string) => host + posixPath(path));

/** Which mount points systemd mounts at boot or at the first access, by what its generator writes. */
function units(folder: string): ReadonlyMap<string, boolean> {
  const out = join(folder, "units");
  mkdirSync(out);
  try {
    spawnSync(generator, [out, out, out], {
      timeout: 20_000,
      env: { PATH: "/usr/bin:/bin", SYSTEMD_FSTAB: join(folder, "fstab"), SYSTEMD_LOG_TARGET: "null" },
    });
    const all = readdirSync(out);
    const wanted = new Set(
      all
        .filter((name) => /\.(?:requires|wants)$/.test(name))
        .flatMap((name) => readdirSync(join(out, name))),
    );
    return new Map(
      all
        .filter((name) => name.endsWith(".mount"))
        .map((name) => {
          const [, where = ""] = /^Where=(.*)$/m.exec(readFileSync(join(out, name), "utf8")) ?? [];
          return [where, wanted.has(name) || wanted.has(name.replace(/mount$/, "automount"))];
        }),
    );
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** Whether both start the same mounts. Where two lines have one mount point, systemd takes the first alone. */
function atBoot(own: readonly Shown[], made: ReadonlyMap<string, boolean>): Result {
  const seen = new Set<string>();
  const mounts = own.filter(({ swap }) => !swap);
  const wrong = mounts.filter(({ where, starts }) => {
    const known = made.get(where);
    const first = !seen.has(where);
    seen.add(where);
    return first && known !== undefined && known !== starts;
  });
  if (wrong.length === 0) return "same";
  return {
    ours: said(wrong.map(({ where, starts }) => `${where} ${starts ? "starts" : "waits for a command"}`)),
    theirs: `systemd: ${said(wrong.map(({ where }) => `${where} ${made.get(where) ? "starts" : "waits for a command"}`))}`,
  };
}

const sources = [
  ..."10.0.0.13:/v 10.0.0.13:/v/ 10.0.0.13:/v//x 10.0.0.13:/e\\040f nas:/a nas.lan:/a/b/ /dev/sda1 /dev/sdb".split(
    " ",
  ),
  ..."LABEL=data UUID=0a1b-2c3d PARTLABEL=x tmpfs //host/share none proc sshfs#u@h:/x [2001:db8::1]:/a overlay".split(
    " ",
  ),
  ...'LABEL="quoted" UUID="0a1b" nas:/a\\043b nas:a/b /srv/a#b /swapfile'.split(" "),
];
const points = [
  ..."/mnt/a /mnt/b /mnt/c/ /mnt//d /mnt/e\\040f /mnt/g\\011h /mnt/i\\134j /mnt/./k /mnt/phoenix /srv/x#y none swap".split(
    " ",
  ),
  ..."/mnt/\\303\\244 /mnt/a\\043b /mnt/l /m\\n /mnt/x\\0401".split(" "),
];
const types = "nfs nfs4 ext4 xfs tmpfs cifs auto none swap btrfs overlay vfat fuse.sshfs".split(" ");
const options = [
  ..."rw ro defaults noauto auto nofail _netdev noatime x-systemd.automount user nouser soft hard vers=4.2".split(
    " ",
  ),
  ..."x-systemd.requires=a.service size=1g mode=0755 bg noexec nosuid comment=a\\040b x-gvfs-name=a#b".split(
    " ",
  ),
  ...'context="a,b" x-systemd.device-timeout=10 vers=3 fsc exec x-initrd.mount'.split(" "),
];

function line(random: Random): string {
  const blank = () => random.of([" ", " ", "\t", "  ", " \t "]);
  const some = random.some(options, 8);
  if (random.once(2)) some.reverse();
  const fields = [random.of(sources), random.of(points), random.of(types)];
  if (!random.once(8)) fields.push(some.length > 0 ? some.join(random.once(80) ? ", " : ",") : "defaults");
  if (fields.length === 4 && !random.once(4)) fields.push(random.of(["0", "0", "1", "2"]));
  if (fields.length === 5 && !random.once(5)) fields.push(random.of(["0", "0", "1", "2"]));
  if (random.once(40)) fields.splice(random.below(fields.length), 1);
  if (random.once(40))
    fields.splice(
      random.below(fields.length + 1),
      0,
      random.of(["x", "-1", "#", "0x1", "00", "1a", "rw", "#0"]),
    );
  const end = random.of(["", "", "", "", "", " # note", " #", " ", "\t", random.once(6) ? " tail" : ""]);
  return random.of(["", "", "", " ", "\t"]) + fields.join(blank()) + end;
}

function text(random: Random): string {
  const lines = Array.from({ length: 1 + random.below(4) }, () =>
    random.once(8)
      ? random.of(["", "# nas:/a /mnt/a nfs", "   ", " # x", "\t", "#"])
      : line(random) + (random.once(60) ? random.of(["\r", "\\", "\u00a0", "\v"]) : ""),
  );
  return lines.join("\n") + (random.once(6) ? "" : "\n");
}
