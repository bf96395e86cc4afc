// `sweep`: on a stand-in, cuts an apply and its rollback short at every point there is, and shows that each ends whole.
import { BadInput, CannotTell, problem } from "../../fixtures/errors.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { steps } from "../../provision/steps/index.ts";
import { interruptible } from "../run/interruptible.ts";
import { type HostEnvironment, makeReady, type Ready } from "../run/ready.ts";
import { standInOn } from "../run/stand-in.ts";
import { fileBenches, wholeBenches } from "../sweep/scenarios.ts";
import {
  type Fault,
  isUnknown,
  isWhole,
  type Point,
  type Scenario,
  Sweep,
  type SweepRow,
} from "../sweep/sweep.ts";
import { table } from "../sweep/table.ts";

export interface SweepOptions {
  /** Takes every nth point of each scenario; 1 takes all. */
  readonly every: number;
  /** Which scenarios: the changes of files, the commands of the whole plan. */
  readonly scenario: readonly ("files" | "commands")[];
  /** Makes faults at these steps alone; the others are applied without one. None: all. */
  readonly only: readonly string[];
  readonly json: boolean;
  readonly hostEnvironment: HostEnvironment;
}

const fileFaults: readonly Fault[] = ["kill", "cut", "full"];
/** Behind the point at which a command starts it is killed once more while it runs. */
const commandFaults: readonly Fault[] = ["kill", "cut", "full", "kill-0.3", "kill-2", "alone-0.3"];

/** Returns 0 when every row is whole, 1 when one is not, 2 when the sweep, or one of its faults, could not be done. */
export async function sweep(
  options: SweepOptions,
  progress: Progress,
  print: (text: string) => void,
): Promise<number> {
  const names = steps.map(({ id }) => id);
  const nobody = options.only.find((step) => !names.includes(step));
  if (nobody !== undefined)
    throw new BadInput(problem(`There is no step ${nobody}: ${names.join(", ")}`, "npm run sweep"));
  await using ready = await makeReady(options.hostEnvironment, progress);
  const rows: SweepRow[] = [];
  const swept = await sweepRows(options, ready, progress, rows);
  if (rows.length > 0) print(options.json ? `${JSON.stringify(rows, null, 2)}\n` : table(rows));
  if (typeof swept === "number") {
    progress.say("Broken off: what the table does not show was not tried.");
    return swept;
  }
  if (rows.some((row) => !isWhole(row) && !isUnknown(row))) return 1;
  return rows.every(isWhole) ? 0 : 2;
}

/**
 * Sweeps the chosen parts, each on a stand-in of its own. @throws CannotTell when there was nothing to sweep.
 * @returns the rows, which are in `rows` as soon as they are known; or the exit code of an interruption: 130 or 143.
 */
export async function sweepRows(
  options: Pick<SweepOptions, "every" | "scenario" | "only">,
  ready: Ready,
  progress: Progress,
  rows: SweepRow[] = [],
): Promise<readonly SweepRow[] | number> {
  const parts = [
    { name: "files", benchesOn: fileBenches, faults: faultsOfFiles },
    { name: "commands", benchesOn: wholeBenches, faults: faultsOfCommands },
  ] as const;
  for (const part of parts.filter(({ name }) => options.scenario.includes(name))) {
    const swept = await interruptible((resources) =>
      sweepPart(part, options, ready, progress, resources, rows),
    );
    if (typeof swept === "number") return swept;
  }
  if (rows.length === 0) throw new CannotTell("the sweep had no points");
  return rows;
}

/** What is the same for every entry is swept once; that nobody confirms, in the middle of each change. */
function faultsOfFiles({ name, during }: Point, index: number): readonly Fault[] {
  if (index > 0 && name.startsWith("the entry: ")) return [];
  return during === "apply" && name.endsWith(": begin") ? [...fileFaults, "unconfirmed"] : fileFaults;
}

const isCommand = ({ name }: Point) => /: (command|undo-command|settle|ran)$/.test(name);
function faultsOfCommands(point: Point): readonly Fault[] {
  if (!isCommand(point)) return [];
  return point.name.endsWith(": ran") ? fileFaults : commandFaults;
}

interface Part {
  readonly name: "files" | "commands";
  readonly benchesOn: (hypervisor: Hypervisor, target: Target) => Promise<Scenario[]>;
  readonly faults: (point: Point, scenario: number) => readonly Fault[];
}

async function sweepPart(
  { name, benchesOn, faults }: Part,
  { every, only }: Pick<SweepOptions, "every" | "only">,
  ready: Ready,
  progress: Progress,
  resources: AsyncDisposableStack,
  rows: SweepRow[],
): Promise<void> {
  const own = { tree: readTree(undefined), name: `sweep-${process.pid}` };
  const standIn = await standInOn(resources, ready, own, progress);
  const hypervisor = resources.use(await connect(standIn.target));
  await progress.step("phoenix-cli with the tree as it is", () => converged(hypervisor, standIn.target.tree));
  for (const [index, scenario] of (await benchesOn(hypervisor, standIn.target)).entries()) {
    const ran = await Sweep.ready(scenario, hypervisor);
    const asked = ({ step }: Point) => only.length === 0 || (step !== undefined && only.includes(step));
    const own = (point: Point) => (asked(point) ? faults(point, index) : []);
    const all = ran.points.flatMap((point) => own(point).map((fault) => ({ point, fault })));
    const chosen = every === 1 ? all : sample(ran.points, own, every, index);
    await progress.step(`${name}, ${scenario.name}: ${chosen.length} of ${all.length} faults`, async () => {
      for (const [number, { point, fault }] of chosen.entries()) {
        const row = await ran.sweep.run(point, fault);
        rows.push(row);
        // A target that is between is no ground for another fault.
        if (!isWhole(row)) break;
        if (number % 10 === 9) progress.say(`  ${number + 1} of ${chosen.length}, all whole`);
      }
    });
    if (rows.some((row) => !isWhole(row))) break;
    await ran.sweep.keep();
  }
}

/** Every nth point that has faults, with one of them in turn, from scenario to scenario others; and some that nobody confirms. */
function sample(
  points: readonly Point[],
  faults: (point: Point) => readonly Fault[],
  every: number,
  scenario: number,
) {
  const some = points.filter((point) => faults(point).length > 0);
  const alone =
    scenario % 6 === 0 ? some.filter((point) => faults(point).includes("unconfirmed")).slice(0, 1) : [];
  const unconfirmed = alone.map((point) => ({ point, fault: "unconfirmed" as const }));
  const chosen = some.filter((_, index) => (index + 5 * scenario) % every === 0);
  const others = chosen.flatMap((point, index) => {
    const all = faults(point).filter((fault) => fault !== "unconfirmed");
    const fault = all[(index + scenario) % all.length];
    return fault ? [{ point, fault }] : [];
  });
  return [...unconfirmed, ...others];
}

async function converged(hypervisor: Hypervisor, tree: string): Promise<void> {
  for (const words of [
    ["create", "1001"],
    ["converge", "101"],
  ])
    await hypervisor.run([`${tree}/bin/phoenix-cli`, ...words], { timeoutMs: 300_000 });
}
