// Files of NFS exports, beside the table that `exportfs` makes of them.

import { spawnSync } from "node:child_process";
import { plainEnvironment } from "../../fixtures/confine.ts";
import { access, named, parseExports } from "../../fixtures/evidence/parse/exports.ts";
import { findProgram } from "../../fixtures/setup/packages.ts";
import type { Random } from "./choice.ts";
import type { Kind, Result } from "./kinds.ts";

/** Runs exportfs in namespaces of its own: it reads and writes nothing of this machine, and resolves only these names. */
const alone = `mount -t tmpfs none /etc && cp "$1" /etc/exports && printf '192.0.2.9 vm1001\\n192.0.2.10 nas.lan\\n' >/etc/hosts &&
mount -t tmpfs none /var/lib && mkdir -p /var/lib/nfs && { "$0" -ra >&2; cat /var/lib/nfs/etab; }`;

export const exports = (program: string): Kind => {
  const found = program.includes("/") ? program : findProgram([program], plainEnvironment.PATH);
  return {
    name: "exports",
    absent: () => {
      if (!found) return `there is no ${program}: apt-get install nfs-kernel-server, or --exportfs PROGRAM`;
      return spawnSync("unshare", ["-m", "-n", "true"]).status === 0
        ? undefined
        : "it needs namespaces of its own: run it as root";
    },
    make: (random) => ({ exports: text(random) }),
    compare: (folder, files) => {
      const other = theirs(found ?? program, folder);
      return other === undefined ? "unknown" : difference(ours(files.exports ?? "", other.lost), other.table);
    },
  };
};

type Table = ReadonlyMap<string, string>;

function difference(own: Table | string | undefined, other: Table | string): Result {
  // Ours says why nothing is read behind a line, or is not known, where exportfs goes on without a word.
  if (own === undefined) return "unknown";
  // Ours tells nothing of a file with a path of several lines, where exportfs may read the lines before.
  if (typeof own === "string" && /of several lines/.test(own) && typeof other !== "string") return "unknown";
  if (typeof own === "string" || typeof other === "string")
    return typeof own === typeof other ? "refused" : { ours: said(own), theirs: said(other) };
  return said(own) === said(other) ? "same" : { ours: said(own), theirs: said(other) };
}

const said = (table: Table | string) =>
  typeof table === "string"
    ? table
    : [...table]
        .map((pair) => pair.join(" "))
        .sort()
        .join("; ");

const flavours = ["sys", "krb5", "krb5p"];
const shown = (writes: boolean, root: boolean) => `${writes ? "rw" : "ro"}${root ? "+root" : ""}`;

function ours(text: string, lost: ReadonlySet<string>): Table | string | undefined {
  try {
    const table = new Map<string, string>();
    for (const one of parseExports(text)) {
      // The kernel exports no path that is not absolute, nor one of several lines.
      if (one.refused !== undefined || !named(one) || lost.has(one.client) || !one.path.startsWith("/"))
        continue;
      const key = `${one.path} ${one.client}`;
      // exportfs ignores a second entry of the same directory for the same client.
      if (!table.has(key))
        table.set(
          key,
          flavours
            .map((flavour) => {
              const { writes, root } = access(one, { flavour });
              return shown(writes, root);
            })
            .join(" "),
        );
    }
    return table;
  } catch (error) {
    if (error instanceof RangeError && /reads nothing behind|is not known/.test(error.message))
      return undefined;
    if (error instanceof RangeError) return `refused: ${error.message}`;
    throw error;
  }
}

/** What exportfs says about lines that it can read. */
const harmless =
  /Neither '|Assuming default|NOTE: this default|No options for|No host name given|duplicated export|\[IGNORED\]|0x[0-9a-f]+\)$|Failed to (?:stat|resolve)|Invalid |^exportfs: \t|^$/;
/** An option that it refuses: it reads nothing behind it, and what it read before counts. */
const stops =
  /unknown keyword|unknown flavor|unknown xprtsec|bad \w+ "|bad option [^l]|not permitted|bad uid\/gid list|only one 'reexport|has to be before/;
/** What depends on its version, or on this machine. */
const unjudged =
  /unknown keyword "(?:xprtsec|reexport)=|invalid .*value|isn't supported|not supported|Can't use/;

interface Theirs {
  readonly table: Table | string;
  /** Clients that are no address, or a name that it could not resolve. */
  readonly lost: ReadonlySet<string>;
}

/** The table that it makes; undefined if an option stops it. */
function theirs(program: string, folder: string): Theirs | undefined {
  const ran = spawnSync("unshare", ["-m", "-n", "sh", "-c", alone, program, `${folder}/exports`], {
    encoding: "utf8",
    timeout: 20_000,
  });
  const lost = new Set(
    [...ran.stderr.matchAll(/(?:Failed to resolve|Invalid IP address|Invalid .* for) (.*)$/gm)].map(
      ([, name = ""]) => name,
    ),
  );
  // A client of several lines, which is none, is told in several too.
  const complaints = ran.stderr
    .replace(/(Failed to resolve|Invalid |No options for|Neither '[^"]*")(?:(?!\nexportfs:).)*/gs, "$1")
    .split("\n")
    .filter((line) => !harmless.test(line));
  if (complaints.some((line) => unjudged.test(line))) return undefined;
  const refused = (why: string) => ({ lost, table: `refused: ${why}` });
  const other = complaints.filter((line) => !stops.test(line));
  if (other.length > 0) return refused(other.join(" "));
  const table = new Map<string, string>();
  for (const line of ran.stdout.split("\n").filter(Boolean)) {
    const [, path = "", client = "", options = ""] = /^([^\t]+)\t([^(]*)\((.*)\)$/.exec(line) ?? [];
    // The server reads its table as exportfs reads a file, up to such a line.
    if (options.includes(")")) return refused(`${line}: unmatched parenthesis`);
    if (client.includes(",") || !path.startsWith("/")) continue;
    const plain = bytesOf(path).replace(/(?!^)\/+$/, "");
    // The kernel exports no path with a line feed.
    if (plain.includes("\n")) return refused(`${line}: no path of one line`);
    // A line without a client is one for everybody, as is "*": the server takes the first of the two.
    const key = `${plain} ${bytesOf(client) || "*"}`;
    if (!table.has(key)) table.set(key, effective(options));
  }
  return { lost, table };
}

const bytesOf = (path: string) =>
  Buffer.from(
    path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    /[^\0-\x7f]/.test(path) ? "utf8" : "latin1",
  ).toString("utf8");

/** The table of exportfs repeats the options that count for each `sec=`. */
function effective(options: string): string {
  const offered = new Map<string, string>();
  for (const part of options.split(/,(?=sec=)/).slice(1)) {
    const [, names = "", rest = ""] = /^sec=([^,]*),(.*)$/.exec(part) ?? [];
    const words = rest.split(",");
    const kept = words.includes("no_root_squash") && !words.includes("all_squash");
    // A squashed user is `anonuid`, which may be root again; `unix` is another name of `sys`.
    const root = kept || /(?:^|,)anonuid=0(?:,|$)/.test(options);
    for (const name of names.split(":"))
      offered.set(name === "unix" ? "sys" : name, shown(words.includes("rw"), root));
  }
  return flavours.map((flavour) => offered.get(flavour) ?? shown(false, false)).join(" ");
}

const paths = [
  ..."/a /a /b/c /b//c /d/ / /v/1001 /e\\040f /g\\011h /i\\134j /a#b /x=y /q\\042r /a,b /k/../l /m/. /\\303\\244".split(
    " ",
  ),
  '"/with blank"',
  '"/quoted"',
  '"/hash # in"',
  '"/e\\040f"',
  '"/with\ttab"',
];
const oddPaths = ["rel", "-ro", '"/open', '"/x y"z', "*", '""', "(rw)", "/a(rw)", "/o\\9", "/o\\08x"];
const clients = [
  ..."10.0.0.1 10.0.0.2 10.0.0.0/24 10.0.0.0/255.255.255.0 10.0.0.7/24 * *.lan @hosts vm1001 nas.lan".split(
    " ",
  ),
  ..."2001:db8::1 2001:db8::/64 10.0.0.? [ab].lan 10.0.0.0/8 0.0.0.0/0 10.0.0.1/32 gss/krb5 192.0.2.20".split(
    " ",
  ),
];
const oddClients = [
  "10.0.0.1,10.0.0.2",
  "lost.lan",
  '"10.0.0.1"',
  "10.0.0.0/33",
  "10.0.0.0/",
  "=",
  "10.0.0.300",
];
const options = [
  ..."rw ro sync async no_root_squash root_squash all_squash no_all_squash no_subtree_check subtree_check".split(
    " ",
  ),
  ..."secure insecure hide nohide crossmnt wdelay anonuid=65534 anongid=0 fsid=0 fsid=root fsid=7 mp mp=/a".split(
    " ",
  ),
  ..."acl no_acl auth_nlm insecure_locks sec=sys sec=krb5 sec=sys:krb5 sec=krb5p sec=none no_auth_nlm pnfs".split(
    " ",
  ),
  ..."refer=/x@10.0.0.9 nordirplus security_label mountpoint sec=krb5:krb5p".split(" "),
];
const oddOptions = [
  ...[
    "foo",
    "RW",
    "sec=x",
    "anonuid=x",
    "rw=1",
    "fsid=x",
    "",
    "sec=",
    " rw",
    "rw ",
    '"rw"',
    "sec=sys:",
    "mp=/a)b",
  ],
  ...[
    "fsid=08",
    "fsid=017",
    "fsid=0x1f",
    "fsid=0x",
    "fsid=-1",
    "fsid=+1",
    "anonuid=-2",
    "anonuid=+0",
    "anongid=",
  ],
  ..."replicas= refer=/x@(y replicas=/x@10.0.0.9 mountpoint= fsid=0123456789abcdef0123456789abcdef".split(
    " ",
  ),
  ..."fsid=8f1e0c5e-7a54-4d53-9df7-1b3f7a0f4e21 sec=null:unix xprtsec=tls:none xprtsec=x reexport=none reexport=y".split(
    " ",
  ),
];

function list(random: Random): string {
  const all = random.some(options, 7);
  if (random.once(2)) all.reverse();
  if (random.once(20)) all.splice(random.below(all.length + 1), 0, random.of(oddOptions));
  return all.join(",");
}

function line(random: Random): string {
  const blank = () => random.of([" ", " ", " ", "\t", "  ", " \\\n", "\\\n ", " \t "]);
  const words = Array.from({ length: random.below(4) }, () => {
    if (random.once(10)) return `-${list(random)}`;
    const client = random.once(60) ? random.of(oddClients) : random.of(clients);
    const form = random.below(12);
    if (form === 0) return `(${list(random)})`;
    if (form === 1) return client;
    if (form === 2) return `${client}()`;
    return `${client}(${list(random)})`;
  });
  const path = random.once(60) ? random.of(oddPaths) : random.of(paths);
  const end = random.of(["", "", "", "", " # note", "# note (rw", " ", "\t", "\\"]);
  const before = random.of(["", "", "", " ", "\t"]);
  return before + path + words.map((word) => blank() + word).join("") + end;
}

function text(random: Random): string {
  const lines = Array.from({ length: 1 + random.below(4) }, () =>
    random.once(8)
      ? random.of(["", "# /a *(rw)", "   ", " # x", "#", "\\", "# joined \\"])
      : random.once(80)
        ? `${line(random)}${random.of([")", "(", '"', ",", "\r"])}`
        : line(random),
  );
  return lines.join("\n") + (random.once(6) ? "" : "\n");
}
