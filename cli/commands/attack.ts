// `attack`: tries to make the suite lie, hang, crash, or leave or tell something: seeded, bounded, with a table.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { readDocument } from "../../fixtures/evidence/document.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { interruptible } from "../../fixtures/interruptible.ts";
import { jsonText } from "../../fixtures/printable.ts";
import type { Progress } from "../../fixtures/progress.ts";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { type AttackName, attacks, type Recorded, runAttack } from "../attack/attacks.ts";
import { type Outcome, table } from "../attack/outcome.ts";
import { outputFolder } from "../run/output.ts";
import { targetOf } from "../verify/evidence.ts";

export interface AttackOptions {
  readonly seed: number;
  /** Only these attacks; all if there is none. */
  readonly only: readonly AttackName[];
  /** How often each attack is tried, instead of its own number. */
  readonly times?: number;
  /** The folder of a run of the main job, whose evidence is damaged. */
  readonly run?: string;
  readonly json: boolean;
  readonly hostEnvironment: HostEnvironment;
}

/** Prints the table. Returns `fail` if something was found, `unknown` if an attack could not be done. */
export async function attack(
  { seed, only, times, run, json, hostEnvironment }: AttackOptions,
  progress: Progress,
  print: (text: string) => void,
): Promise<number> {
  const names = (Object.keys(attacks) as AttackName[]).filter(
    (name) => only.length === 0 || only.includes(name),
  );
  const { path, cacheHome, dockerHost } = hostEnvironment;
  const folder = run ?? join(outputFolder(hostEnvironment), "latest");
  const recorded = recordedIn(folder);
  const env = {
    ...{ PATH: path, HOME: homedir() },
    ...(cacheHome !== undefined && { XDG_CACHE_HOME: cacheHome }),
    ...(dockerHost !== undefined && { DOCKER_HOST: dockerHost }),
  };
  const outcomes: Outcome[] = [];
  const ended = await interruptible(async (resources) => {
    for (const name of names) {
      const count = times ?? attacks[name].times;
      const outcome = await progress.step(`${attacks[name].about}: ${count}`, () =>
        runAttack(name, { times: count, seed, recorded, run: folder, env, resources }),
      );
      outcomes.push(outcome);
    }
    return undefined;
  });
  if (ended !== undefined) return ended;
  print(json ? jsonText({ seed, outcomes }) : `\nSeed ${seed}\n\n${table(outcomes)}`);
  if (outcomes.some(({ finds }) => finds.length > 0)) return Exit.fail;
  return outcomes.some(({ unable }) => unable !== undefined) ? Exit.unknown : Exit.pass;
}

/** The evidence of a run of the main job, from before and after the plan. */
function recordedIn(folder: string): Recorded {
  const [before, after] = ["before", "after"].map((phase) => join(folder, phase, "evidence.json")) as [
    string,
    string,
  ];
  const record = join(folder, "after", "record.json");
  if (![before, after, record].every((file) => existsSync(file)))
    throw new BadInput(
      problem(`No run of the main job in ${folder}: its evidence is attacked`, "npm run accept"),
    );
  const document = readDocument(after);
  if (document.look === undefined)
    throw new BadInput(
      problem(
        `The evidence in ${after} is of an older version: its answers are not bound to their questions`,
        "npm run accept",
      ),
    );
  return { target: targetOf(document), document, before, record };
}
