// The commands that work on a target of an inventory.
import { literal, only, record, seconds, without, yes } from "../options.ts";
import type { Define } from "./define.ts";

export function defineOnTarget({ onTarget, services, end }: Define): void {
  onTarget("plan", {
    summary: "show what an apply would do",
    description:
      "Shows what an apply would do, as a diff, step by step, and why a step has nothing to do. Changes nothing.",
  })
    .addOption(literal())
    .addOption(without())
    .addOption(only())
    .option("--out <file>", "save the plan, for `apply FILE`")
    .action(async (options) => {
      const { plan } = await import("../commands/plan.ts");
      end(await plan({ ...options, ...services }));
    });
  onTarget("apply", {
    summary: "apply the plan, or a saved plan",
    description:
      "Plans, shows the plan, asks for confirmation, and applies it. With a file it applies that saved plan; it refuses and lists the differences if the target has changed since.",
  })
    .argument("[plan.json]", "a plan that `plan --out` saved")
    .addOption(literal())
    .addOption(without())
    .addOption(only())
    .addOption(yes())
    .option(
      "--confirm-within <time>",
      "roll back automatically unless confirmed healthy within this time: 120s, 5m, 1h",
      seconds,
    )
    .addOption(record())
    .action(async (file: string | undefined, options) => {
      const { apply } = await import("../commands/apply.ts");
      end(await apply({ ...options, ...services, file }));
    });
  onTarget("status", {
    summary: "show what was applied, what is unfinished, who holds the lock, and what to type next",
    description:
      "Shows each entry of the target's journal, who holds the lock, and what to type next. Ends with 1 while an entry is unfinished.",
  }).action(async (options) => {
    const { status } = await import("../commands/status.ts");
    end(await status({ ...options, ...services }));
  });
  onTarget("resume", {
    summary: "finish an interrupted apply",
    description: "Finishes an interrupted apply from the journal on the target.",
  })
    .addOption(record())
    .action(async (options) => {
      const { resume } = await import("../commands/resume.ts");
      end(await resume({ ...options, ...services }));
    });
  onTarget("rollback", {
    summary: "undo the last apply",
    description:
      "Undoes the last apply, or with --all every apply: content, modes, owners and times of each file. Data that others created meanwhile stays and is listed.",
  })
    .addOption(yes())
    .option("--all", "undo every apply, latest first", false)
    .option(
      "--overwrite",
      "also undo files that were edited since; the edited version is kept in the journal",
      false,
    )
    .action(async (options) => {
      const { rollback } = await import("../commands/rollback.ts");
      end(await rollback({ ...options, ...services }));
    });
  onTarget("confirm", {
    summary: "keep an apply that would otherwise roll back automatically",
    description: "Keeps the result of `apply --confirm-within`, which otherwise rolls back automatically.",
  }).action(async (options) => {
    const { confirm } = await import("../commands/confirm.ts");
    end(await confirm({ ...options, ...services }));
  });
  onTarget("unlock", {
    summary: "end the process that holds the target's lock",
    description:
      "Ends the process that holds the target's lock. Its entry stays unfinished: resume it or roll it back.",
  })
    .addOption(yes())
    .option("--force", "send SIGKILL instead of SIGTERM", false)
    .action(async (options) => {
      const { unlock } = await import("../commands/unlock.ts");
      end(await unlock({ ...options, ...services }));
    });
  onTarget("converge", {
    summary: "run phoenix-cli for both guests, with the tree as it is",
    description: "Runs phoenix-cli for both guests with the tree as it is. Writes no file itself.",
  })
    .addOption(record())
    .action(async (options) => {
      const { converge } = await import("../commands/converge.ts");
      end(await converge({ ...options, ...services }));
    });
}
