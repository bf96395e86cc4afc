// Full and read-only disks of this machine: each command ends with one clear error and exit code 3, or as it does without
// trouble; it never gives another verdict, and leaves nothing.
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Exit } from "../../fixtures/exit-codes.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import { inNamespaces } from "../../fixtures/setup/namespaces.ts";
import { writeTarget } from "../../fixtures/target/inventory.ts";
import { writePlannedSample } from "../gate/planned-tree.ts";
import type { Recorded } from "./damaged-evidence.ts";
import type { Find, Outcome } from "./outcome.ts";
import type { Random } from "./random.ts";
import { onRecordedTarget } from "./recorded-target.ts";
import { type Ran, runCli, wrongIn } from "./run-cli.ts";

type Env = Readonly<Record<string, string | undefined>>;

const mostMs = 120_000;

/** Options of the disk. Some have room for names alone, some for a few files, some end in the middle of the work. */
const disks = [
  "size=4k",
  "size=16k",
  "size=64k",
  "size=256k",
  "size=1m",
  "size=4m",
  "size=17m",
  "size=4m,nr_inodes=6",
  "size=4m,nr_inodes=20",
  "ro",
] as const;

/** What is on the disk: the temporary folder, the cache, the runs, and the files that were asked for. */
const roles = ["TMPDIR", "XDG_CACHE_HOME", "PHOENIX_OUTPUT", "files"] as const;
type Role = (typeof roles)[number];

interface Place {
  readonly tree: string;
  readonly inventory: string;
  readonly evidence: string;
  /** A folder for the files that are asked for. */
  readonly files: string;
}

/** The commands that write most. */
const commands: readonly ((place: Place) => readonly string[])[] = [
  ({ tree, files }) => ["gate", "--tree", tree, "--base", tree, "--format", `junit=${files}/a.xml`],
  ({ inventory, files }) => ["verify", "--inventory", inventory, "--save", `${files}/e.json`],
  ({ evidence, files }) => ["verify", "--evidence", evidence, "--format", `sarif=${files}/a.sarif`],
  ({ inventory, files }) => ["nightly", "--inventory", inventory, "--nights", `${files}/nights`],
  ({ evidence, files }) => ["verify", "--evidence", evidence, "--report", `${files}/report`],
  () => ["accept"],
  ({ inventory, files }) => ["plan", "--inventory", inventory, "--out", `${files}/plan.json`],
];

/** Mounts the disk, runs the command, and lists what is left in its temporary folder. */
const onDisk = `
options=$1 disk=$2; shift 2
case $options in ro) size=size=4m ;; *) size=$options ;; esac
mount -t tmpfs -o "$size" none "$disk" || exit 99
mkdir "$disk/TMPDIR" "$disk/XDG_CACHE_HOME" "$disk/PHOENIX_OUTPUT" "$disk/files" || exit 99
if [ "$options" = ro ]; then mount -o remount,ro "$disk" || exit 99; fi
"$@"
code=$?
for name in "$TMPDIR"/* "$TMPDIR"/.[!.]*; do [ -e "$name" ] && echo "left: \${name##*/}"; done
exit $code
`;

/** What the commands get. */
export interface DisksGiven {
  readonly recorded: Recorded;
  readonly run: string;
  readonly env: Env;
}

/** Runs `times` commands of which some folders are on a full or read-only disk. */
export async function fullDisks(
  times: number,
  random: Random,
  { recorded: { document, target }, run, env }: DisksGiven,
): Promise<Outcome> {
  const attack = "full disks";
  const began = performance.now();
  const finds: Find[] = [];
  const folder = privateFolder(tmpdir(), "phoenix-attack-disks");
  const tree = join(folder, "tree");
  let unable: string | undefined;
  try {
    writePlannedSample(tree);
    const tried = await onRecordedTarget(document, target, async (_, own, home) => {
      const given = {
        tree,
        inventory: writeTarget(home, own),
        evidence: join(run, "after", "evidence.json"),
      };
      const usual = new Map<number, Ran>();
      for (let at = 0; at < times; at++) {
        const which = at % commands.length;
        const command = commands[which] as (typeof commands)[number];
        const options = random.of(disks);
        // One of them at least, and each as often alone as with others.
        const least = random.of(roles);
        const chosen = roles.filter((role) => role === least || random.below(3) === 0);
        const room = join(folder, String(at));
        const ran = await onOneDisk(command, { ...given, room, env, options, chosen });
        if (ran.code === 99) {
          unable = `no disk of its own can be mounted: ${ran.text.trim().slice(0, 200)}`;
          return at;
        }
        // A run on a stand-in takes a minute, and the disks are too small for one.
        if (!usual.has(which) && command(anyPlace)[0] !== "accept")
          usual.set(
            which,
            await onOneDisk(command, { ...given, room: `${room}-usual`, env, options, chosen: [] }),
          );
        finds.push(
          ...wrongOnDisk(`${command(anyPlace)[0]}, ${options}: ${chosen.join(", ")}`, ran, usual.get(which)),
        );
        for (const one of [room, `${room}-usual`]) rmSync(one, { recursive: true, force: true });
      }
      return times;
    });
    return { attack, tried, finds, ms: performance.now() - began, ...(unable !== undefined && { unable }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const anyPlace: Place = { tree: "", inventory: "", evidence: "", files: "" };

/** Runs a command with these of its folders on a disk of its own. */
async function onOneDisk(
  command: (place: Place) => readonly string[],
  {
    room,
    env,
    options,
    chosen,
    ...given
  }: Omit<Place, "files"> & {
    readonly room: string;
    readonly env: Env;
    readonly options: string;
    readonly chosen: readonly Role[];
  },
): Promise<Ran> {
  const [disk, usual] = [join(room, "disk"), join(room, "usual")];
  for (const made of [disk, ...roles.map((role) => join(usual, role))]) mkdirSync(made, { recursive: true });
  const at = (role: Role) => join(chosen.includes(role) ? disk : usual, role);
  return await runCli(command({ ...given, files: at("files") }), {
    scratch: at("TMPDIR"),
    env: { ...env, XDG_CACHE_HOME: at("XDG_CACHE_HOME"), PHOENIX_OUTPUT: at("PHOENIX_OUTPUT") },
    mostMs,
    by: (argv) => inNamespaces(["sh", "-c", onDisk, "sh", options, disk, ...argv]),
  });
}

/** What is wrong with a run on such a disk. `usual`: the same run without one. */
function wrongOnDisk(tried: string, ran: Ran, usual: Ran | undefined): Find[] {
  const left = [...ran.text.matchAll(/^left: (.*)$/gm)]
    .flatMap(([, name = ""]) => name)
    .filter((name) => !name.startsWith("node-compile-cache"));
  const expected = ran.code === Exit.badInput || ran.code === usual?.code;
  const told = /This machine's disk/.test(ran.text);
  return [
    ...wrongIn(tried, { ...ran, left: [...left, ...ran.left] }),
    ...(expected
      ? []
      : [
          {
            wrong: "false green",
            tried,
            found: `exit code ${ran.code}, without trouble ${usual?.code}: ${lastOf(ran)}`,
          } as const,
        ]),
    ...(ran.code === Exit.badInput && usual?.code !== Exit.badInput && !told
      ? [{ wrong: "crash", tried, found: `the disk is not named: ${lastOf(ran)}` } as const]
      : []),
  ];
}

const lastOf = ({ text }: Ran) => text.trim().slice(-300);
