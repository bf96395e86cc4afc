// Runs a plan exactly: each change is journalled with its way back, then made whole or not at all.
import { createHash } from "node:crypto";
import { problem, Refused } from "../fixtures/errors.ts";
import type { Progress } from "../fixtures/progress.ts";
import type { Hypervisor } from "../fixtures/target/hypervisor.ts";
import { begin } from "./journal.ts";
import { type CommandRecord, recorded } from "./phoenix-record.ts";
import { type Change, changesOf, type Plan, type RunCommand, type WriteFile } from "./plan.ts";

/** What an apply did; `failed` names the step that ended it early. */
export interface Applied {
  readonly commands: readonly CommandRecord[];
  readonly failed?: string;
}

/**
 * Makes every change of the plan, in order, and stops at the first that fails.
 * @throws Refused when a file is not what the plan saw; CannotTell when the end of a change was not seen.
 */
export async function apply(hypervisor: Hypervisor, plan: Plan, progress: Progress): Promise<Applied> {
  const all = changesOf(plan);
  const commands: CommandRecord[] = [];
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
    if (failed !== undefined) return { commands, failed: `${step.id}: ${say(change)}: ${failed}` };
  }
  return { commands };
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

// $1: the path. $2: what the plan saw there (a sha256, or "absent"). $3: the mode of a new file. Input: the new bytes.
const write = `set -e
path=$1
if [ "$2" = absent ]; then [ ! -e "$path" ] && [ ! -L "$path" ] || exit 90
else [ -f "$path" ] && [ ! -L "$path" ] && [ "$(sha256sum < "$path" | cut -d' ' -f1)" = "$2" ] || exit 90; fi
part=$path.phoenix-acceptance
cat > "$part"
if [ "$2" = absent ]; then chmod "$3" "$part" 2>/dev/null || true
else chown --reference="$path" "$part" 2>/dev/null || true; chmod --reference="$path" "$part" 2>/dev/null || true; fi
sync "$part"
mv -- "$part" "$path"
sync "$(dirname "$path")"`;

async function writeFile(
  hypervisor: Hypervisor,
  { path, before, after, mode }: WriteFile,
): Promise<string | undefined> {
  const seen = before === undefined ? "absent" : createHash("sha256").update(before).digest("hex");
  const ran = await hypervisor.script(write, [path, seen, mode], { input: after });
  if (ran.code === 90)
    throw new Refused(problem(`${path} is not what the plan saw`, "npm run phoenix -- plan"));
  return ran.code === 0 ? undefined : ran.err.trim() || `exit code ${ran.code}`;
}

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
