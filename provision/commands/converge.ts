// `converge`: has Phoenix bring what the tree says to both guests, as it is, and records what ran in them.
import { lock } from "../journal.ts";
import { type CommandRecord, recorded } from "../phoenix-record.ts";
import { wanted } from "../wanted.ts";
import { mayChange, onTarget, type TargetOptions, who, writeRecord } from "./target.ts";

/** Runs phoenix-cli for both guests; returns 1 when one of the commands fails. */
export async function converge(options: TargetOptions & { readonly record?: string }): Promise<number> {
  return onTarget(options, async (hypervisor, target) => {
    mayChange(target);
    await using _ = await lock(hypervisor, who());
    const at = new Date().toISOString();
    const commands: CommandRecord[] = [];
    for (const words of [
      ["create", wanted.vmid],
      ["converge", wanted.ctid],
    ].map((list) => list.map(String))) {
      const name = `phoenix-cli ${words.join(" ")}`;
      const cli = ["phoenix-cli", ...words];
      const script = 'exec "$1/bin/phoenix-cli" "$2" "$3"';
      commands.push(
        await options.progress.step(name, () => recorded(hypervisor, cli, script, [target.tree, ...words])),
      );
    }
    writeRecord(options.record, { at, literal: false, choice: [], steps: [], commands });
    if (options.json) options.print(`${JSON.stringify(commands, null, 2)}\n`);
    return commands.every(({ code }) => code === 0) ? 0 : 1;
  });
}
