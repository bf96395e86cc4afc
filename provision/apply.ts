// Runs a plan exactly: each change is journalled with its way back, then made whole or not at all.
import { createHash } from "node:crypto";
import { problem, Refused } from "../fixtures/errors.ts";
import type { Progress } from "../fixtures/progress.ts";
import type { Hypervisor } from "../fixtures/target/hypervisor.ts";
import { begin } from "./journal.ts";
import { type CommandRecord, recorded } from "./phoenix-record.ts";
import { type Change, changesOf, type Plan, type RunCommand, type WriteFile } from "./plan.ts";

/**
 * Makes every change of the plan, in order, and stops at the first that fails: then it says which, and why.
 * What phoenix-cli ran is added to `commands` as it ends.
 * @throws Refused when a file is not what the plan saw; CannotTell when the end of a change was not seen.
 */
export async function apply(
  hypervisor: Hypervisor,
  plan: Plan,
  progress: Progress,
  commands: CommandRecord[],
): Promise<string | undefined> {
  const all = changesOf(plan);
  for (const [index, { step, change }] of all.entries()) {
    const name = `[${index + 1}/${all.length}] ${step.id}: ${say(change)}`;
    const failed = await progress.step(name, async () => {
      await begin(hypervisor, step.id, change, kept(change));
      if (change.does === "write-file") return writeFile(hypervisor, change);
      if (change.does === "make-directory") {
        const ran = await hypervisor.run(["mkdir", "-m", change.mode, "--", change.path]);
        return ran.code === 0 ? undefined : ran.err.trim();
      }
      return runCommand(hypervisor, change, commands);
    });
    if (failed !== undefined) return `${step.id}: ${say(change)}: ${failed}`;
  }
  return undefined;
}

/** One line on a change. */
export function say(change: Change): string {
  if (change.does === "write-file")
    return `${change.before === undefined ? "create" : "edit"} ${change.path}`;
  return change.does === "make-directory" ? `make ${change.path}/` : change.title;
}

function kept(change: Change): readonly string[] {
  if (change.does === "write-file") return [change.path];
  return change.does === "run" ? (change.touches ?? []) : [];
}

// $1: the path. $2: what the plan saw there (a sha256, or "absent"). $3: the mode of a new file. $4: the sha256 of the
// new bytes, which come as input: a connection that is cut on the way must not leave half of them.
const write = `set -e
path=$1
if [ "$2" = absent ]; then [ ! -e "$path" ] && [ ! -L "$path" ] || exit 90
else [ -f "$path" ] && [ ! -L "$path" ] && [ "$(sha256sum < "$path" | cut -d' ' -f1)" = "$2" ] || exit 90; fi
part=$path.phoenix-acceptance
trap 'rm -f "$part"' EXIT
cat > "$part"
[ "$(sha256sum < "$part" | cut -d' ' -f1)" = "$4" ] || { echo "the new bytes did not arrive whole" >&2; exit 92; }
if [ "$2" = absent ]; then chmod "$3" "$part" 2>/dev/null || true
else chown --reference="$path" "$part" 2>/dev/null || true; chmod --reference="$path" "$part" 2>/dev/null || true; fi
sync "$part"
mv -- "$part" "$path"
sync "$(dirname "$path")"`;

async function writeFile(
  hypervisor: Hypervisor,
  { path, before, after, mode }: WriteFile,
): Promise<string | undefined> {
  const seen = before === undefined ? "absent" : sha256(before);
  const ran = await hypervisor.script(write, [path, seen, mode, sha256(after)], { input: after });
  if (ran.code === 90)
    throw new Refused(problem(`${path} is not what the plan saw`, "npm run phoenix -- plan"));
  return ran.code === 0 ? undefined : ran.err.trim() || `exit code ${ran.code}`;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

async function runCommand(
  hypervisor: Hypervisor,
  change: RunCommand,
  commands: CommandRecord[],
): Promise<string | undefined> {
  if (change.phoenixCli) {
    const record = await recorded(hypervisor, change.title.split(" "), change.script, change.args);
    commands.push(record);
    return record.code === 0
      ? undefined
      : `exit code ${record.code}: ${record.output.split("\n").slice(-3).join(" | ")}`;
  }
  const ran = await hypervisor.script(change.script, change.args, { timeoutMs: 330_000 });
  if (ran.code === 0) return undefined;
  return `exit code ${ran.code}: ${(ran.err || ran.out).trim().slice(-400)}`;
}
