// The journal on the target: each change with its way back, written before the change is made.
import { createHash } from "node:crypto";
import { CannotTell, problem, Refused } from "../fixtures/errors.ts";
import { parseJson } from "../fixtures/schema.ts";
import type { Hypervisor, Ran } from "../fixtures/target/hypervisor.ts";
import type { Change } from "./plan.ts";

/** Where everything of ours on a hypervisor lives, readable by root alone. */
export const home = "/var/lib/phoenix-acceptance";

/** One entry of the journal, as it was written. */
export interface Entry {
  readonly number: number;
  readonly step: string;
  readonly change: Pick<Change, "does"> & Partial<Record<string, unknown>>;
}

const lockScript = `set -e
mkdir -p -m 700 "$1"
if mkdir "$1/lock" 2>/dev/null; then printf '%s\\n' "$2" > "$1/lock/who"; else cat "$1/lock/who"; exit 91; fi`;

/**
 * Takes the target's one lock; it is given back when disposed.
 * @throws Refused with who holds it since when, and how to break it.
 */
export async function lock(hypervisor: Hypervisor, who: string): Promise<AsyncDisposable> {
  const ran = await hypervisor.script(lockScript, [home, who]);
  if (ran.code === 91) {
    const how = `ssh … rm -r ${home}/lock   # only when nobody of that name is at work`;
    throw new Refused(problem(`The target is locked by ${ran.out.trim()}`, how));
  }
  if (ran.code !== 0) throw new CannotTell(problem(`The target can't be locked: ${ran.err.trim()}`));
  return {
    [Symbol.asyncDispose]: async () => {
      // A session that is gone says so by itself; the lock it leaves behind names its holder.
      await hypervisor.script('rm -rf "$1/lock"', [home]).catch(() => {});
    },
  };
}

// $1: our home. $2: the step. $3: the sha256 of the change, whose JSON comes as input. $4…: files to keep as they are.
const beginScript = `set -e
journal=$1/journal
mkdir -p -m 700 "$journal"
last=$(ls "$journal" | grep -E '^[0-9]{4}$' | tail -n 1)
next=$(printf %04d "$(( $(printf %s "\${last:-0}" | sed 's/^0*//;s/^$/0/') + 1 ))")
part=$journal/.$next
rm -rf "$part"; mkdir -p "$part/kept"
printf %s "$2" > "$part/step"
cat > "$part/change.json"
[ "$(sha256sum < "$part/change.json" | cut -d' ' -f1)" = "$3" ] || { echo "the entry did not arrive whole" >&2; exit 92; }
shift 3
for path do
  name=$(printf %s "$path" | sed 's|%|%25|g; s|/|%2F|g')
  if [ -e "$path" ]; then cp -p -- "$path" "$part/kept/$name"; else : > "$part/kept/$name.absent"; fi
done
sync "$part/change.json"
mv "$part" "$journal/$next"
printf %s "$next"`;

/** Writes an entry; returns its number. What is in `keep` is saved with bytes, mode, owner and times. */
export async function begin(
  hypervisor: Hypervisor,
  step: string,
  change: Change,
  keep: readonly string[],
): Promise<string> {
  // The bytes that a file had are kept as a file; the entry itself need not repeat them.
  const short = change.does === "write-file" ? { ...change, before: undefined, after: undefined } : change;
  const text = JSON.stringify(short);
  const digest = createHash("sha256").update(text).digest("hex");
  const ran = await hypervisor.script(beginScript, [home, step, digest, ...keep], { input: text });
  if (ran.code !== 0)
    throw new CannotTell(problem(`The journal can't be written: ${ran.err.trim()}`, `df ${home}`));
  return ran.out.trim();
}

/** All entries, in the order in which they were written. */
export async function entries(hypervisor: Hypervisor): Promise<Entry[]> {
  const list = `cd "$1/journal" 2>/dev/null || exit 0
for entry in [0-9][0-9][0-9][0-9]; do
  [ -d "$entry" ] || continue
  printf '%s %s %s\\n' "$entry" "$(base64 -w0 < "$entry/step")" "$(base64 -w0 < "$entry/change.json")"
done`;
  const ran = await hypervisor.script(list, [home]);
  if (ran.code !== 0) throw new CannotTell(`the journal can't be read: ${ran.err.trim()}`);
  const decode = (base64 = "") => Buffer.from(base64, "base64").toString("utf8");
  return ran.out
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [number, step, change] = line.split(" ");
      return {
        number: Number(number),
        step: decode(step),
        change: parseJson(decode(change), `${home}/journal/${number}/change.json`) as Entry["change"],
      };
    });
}

/** Puts back what an entry kept. @returns the outcome of the script that did. */
export function restore(hypervisor: Hypervisor, number: number): Promise<Ran> {
  const script = `set -e
kept=$1/journal/$(printf %04d "$2")/kept
[ -d "$kept" ] || exit 0
for file in "$kept"/* "$kept"/.[!.]*; do
  [ -e "$file" ] || continue
  path=$(basename "$file" | sed 's|%2F|/|g; s|%25|%|g')
  case $path in
    *.absent) path=\${path%.absent}; rm -f -- "$path" ;;
    *) if ! cmp -s "$file" "$path" || [ "$(stat -c '%a %u %g %Y' "$file")" != "$(stat -c '%a %u %g %Y' "$path")" ]; then
         cp -p -- "$file" "$path.phoenix-acceptance" || cmp -s "$file" "$path.phoenix-acceptance"; sync "$path.phoenix-acceptance"; mv -- "$path.phoenix-acceptance" "$path"
       fi ;;
  esac
done`;
  return hypervisor.script(script, [home, String(number)]);
}

/** Marks an entry as undone: a second rollback does not repeat it. */
export async function finish(hypervisor: Hypervisor, number: number): Promise<void> {
  await hypervisor.script('rm -rf "$1/journal/$(printf %04d "$2")"', [home, String(number)]);
}
