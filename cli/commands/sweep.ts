// `sweep`: the crash test. Interrupts an apply and its rollback at every point, on a stand-in, and shows that the target is
// never left half-changed.
import { counted } from "../../fixtures/counted.ts";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { CannotTell } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { interruptible } from "../../fixtures/interruptible.ts";
import { jsonText } from "../../fixtures/printable.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { standInDeployment } from "../run/deployment.ts";
import { type HostEnvironment, makeReady, type Ready } from "../run/ready.ts";
import { standInOn } from "../run/stand-in.ts";
import { fileScenarios, wholePlanScenarios } from "../sweep/scenarios.ts";
import {
  type Fault,
  isConsistent,
  isUnknown,
  type Point,
  type Scenario,
  Sweep,
  type SweepRow,
} from "../sweep/sweep.ts";
import { table } from "../sweep/table.ts";
import { checkSteps } from "../target/known-steps.ts";

export interface SweepOptions {
  /** Interrupts at every nth point of each scenario; 1 means every point. */
  readonly every: number;
  /** `files`: each step that changes files. `commands`: the commands of the whole plan. */
  readonly scenario: readonly ("files" | "commands")[];
  /** Interrupts only at these steps; the others are applied without a fault. Empty: all steps. */
  readonly only: readonly string[];
  /** `--deployment FILE`; without it, the approved plan's own. */
  readonly deployment?: string;
  readonly json: boolean;
  readonly hostEnvironment: HostEnvironment;
}

/** What is swept, on a stand-in of which deployment. */
export interface SweepChoice extends Pick<SweepOptions, "every" | "scenario" | "only"> {
  readonly deployment: Deployment;
}

const fileFaults: readonly Fault[] = ["kill", "cut", "full"];
/** A command is also killed while it runs. */
const commandFaults: readonly Fault[] = ["kill", "cut", "full", "kill-0.3", "kill-2", "alone-0.3"];

/** Returns `pass` if every row is consistent, `fail` if one is not, `unknown` if a fault or the sweep could not be done. */
export async function sweep(
  options: SweepOptions,
  progress: Progress,
  print: (text: string) => void,
): Promise<number> {
  return interruptible((resources) => sweepAndPrint(options, progress, print, resources));
}

async function sweepAndPrint(
  options: SweepOptions,
  progress: Progress,
  print: (text: string) => void,
  resources: AsyncDisposableStack,
): Promise<number> {
  checkSteps(options.only, "sweep");
  const deployment = standInDeployment(options.deployment, options.hostEnvironment.vm);
  const ready = await makeReady(options.hostEnvironment, progress, resources);
  const rows: SweepRow[] = [];
  const swept = await sweepRows({ ...options, deployment }, ready, progress, rows);
  if (rows.length > 0) print(options.json ? jsonText(rows) : table(rows));
  if (typeof swept === "number") {
    progress.say("Interrupted: points that are not in the table were not tried.");
    return swept;
  }
  if (rows.some((row) => !isConsistent(row) && !isUnknown(row))) return Exit.fail;
  return rows.every(isConsistent) ? Exit.pass : Exit.unknown;
}

/**
 * Sweeps the chosen parts, each on its own stand-in. Adds each row to `rows` as soon as it is known.
 * @returns the rows, or the exit code of the interruption.
 * @throws CannotTell if there was nothing to sweep.
 */
export async function sweepRows(
  options: SweepChoice,
  ready: Ready,
  progress: Progress,
  rows: SweepRow[] = [],
): Promise<readonly SweepRow[] | number> {
  const parts = [
    { name: "files", scenariosOn: fileScenarios, faults: faultsOfFiles },
    { name: "commands", scenariosOn: wholePlanScenarios, faults: faultsOfCommands },
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

/** Points of the entry itself are the same in every scenario and are swept once; `unconfirmed` is tried once per change. */
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
  readonly scenariosOn: (hypervisor: Hypervisor, target: Target) => Promise<Scenario[]>;
  readonly faults: (point: Point, scenario: number) => readonly Fault[];
}

async function sweepPart(
  { name, scenariosOn, faults }: Part,
  { every, only, deployment }: SweepChoice,
  ready: Ready,
  progress: Progress,
  resources: AsyncDisposableStack,
  rows: SweepRow[],
): Promise<void> {
  const own = { tree: readTree(undefined, deployment), deployment, name: "sweep" };
  const standIn = await standInOn(resources, ready, own, progress);
  const hypervisor = resources.use(await connect(standIn.target));
  await progress.step("running phoenix-cli with the tree as it is", () =>
    converged(hypervisor, standIn.target),
  );
  for (const [index, scenario] of (await scenariosOn(hypervisor, standIn.target)).entries()) {
    const ran = await Sweep.ready(scenario, hypervisor);
    const asked = ({ step }: Point) => only.length === 0 || (step !== undefined && only.includes(step));
    const own = (point: Point) => (asked(point) ? faults(point, index) : []);
    const all = ran.points.flatMap((point) => own(point).map((fault) => ({ point, fault })));
    const chosen = every === 1 ? all : sample(ran.points, own, every, index);
    await progress.step(
      `${name}, ${scenario.name}: ${chosen.length} of ${counted(all.length, "fault")}`,
      async () => {
        for (const [number, { point, fault }] of chosen.entries()) {
          const row = await ran.sweep.run(point, fault);
          rows.push(row);
          // A half-changed target is no valid start for the next fault.
          if (!isConsistent(row)) break;
          if (number % 10 === 9) progress.note(`  ${number + 1} of ${chosen.length}, all consistent`);
        }
      },
    );
    if (rows.some((row) => !isConsistent(row))) break;
    await ran.sweep.keep();
  }
}

/**
 * Every nth point that has faults, with one of its faults in turn. Other scenarios get other points and faults. Every sixth
 * scenario also gets one `unconfirmed`.
 */
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

async function converged(hypervisor: Hypervisor, { tree, deployment }: Target): Promise<void> {
  for (const words of [
    ["create", String(deployment.dockerHost.vmid)],
    ["converge", String(deployment.gateway.ctid)],
  ])
    await hypervisor.run([`${tree}/bin/phoenix-cli`, ...words], { timeoutMs: 300_000 });
}
