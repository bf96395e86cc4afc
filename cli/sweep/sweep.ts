// The crash test: interrupts an apply and its rollback at every point. Each must end exactly in the state before or after.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CannotTell, Refused } from "../../fixtures/errors.ts";
import { waitUntil } from "../../fixtures/evidence/wait.ts";
import { silent } from "../../fixtures/progress.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import { type Applied, apply } from "../../provision/apply/apply.ts";
import { followAgent } from "../../provision/apply/follow-agent.ts";
import { type Entry, type Places, readJournal, start, unfinished } from "../../provision/journal/journal.ts";
import { changesOf, type Plan, say } from "../../provision/plan.ts";
import { differences, type Snapshot, snapshot } from "./snapshot.ts";

/**
 * kill: the agent is killed. kill-S: the agent and its command are killed S seconds after the command started. alone-S: only
 * the agent is killed then, the command continues. cut: the connection breaks. unconfirmed: it breaks during a guarded apply,
 * which the target must then roll back automatically. full: all disks are full.
 */
export type Fault = "kill" | `kill-${number}` | `alone-${number}` | "cut" | "unconfirmed" | "full";

/** What is interrupted, and where. */
export interface Scenario {
  readonly name: string;
  readonly places: Places;
  readonly plan: Plan;
  /** Folders that must end exactly in the state before or after. */
  readonly roots: readonly string[];
  /** Mount points of the small disks that `full` fills. */
  readonly disks: readonly string[];
  /** Opens a connection to the target that can be cut. */
  readonly open: () => Promise<{ hypervisor: Hypervisor; cut: () => void }>;
  /** Files whose time is not compared, because commands of the plan rewrite them with the same content. */
  readonly renewed?: readonly string[];
  /** Removes what a rollback rightly leaves: data that was created meanwhile. */
  readonly clean?: (hypervisor: Hypervisor) => Promise<unknown>;
  /** More state that must be as before or after: what runs in the guests. */
  readonly observe?: (hypervisor: Hypervisor) => Promise<string>;
}

/** A point between two sub-steps of the agent: `0003 rename`. */
export interface Point {
  readonly k: number;
  readonly name: string;
  /** The step of the change; none for points of the entry as a whole. */
  readonly step?: string;
  readonly during: "apply" | "rollback";
}

/** The result of one fault at one point. */
export interface SweepRow {
  readonly point: Point;
  readonly fault: Fault;
  /** After `rollback`: "before", or the differences. */
  readonly rolledBack: string;
  /** After `resume`: "after", or the differences. */
  readonly resumed: string;
}

export const isConsistent = ({ rolledBack, resumed }: SweepRow) =>
  rolledBack === "before" && resumed === "after";
/** The fault was not made, or its result was not observed: this shows nothing, and does not pass. */
export const isUnknown = ({ rolledBack }: SweepRow) => rolledBack.startsWith(unknown);
const unknown = "unknown: ";

const hook = readFileSync(join(import.meta.dirname, "point.sh"), "utf8");

/** A prepared scenario: the states before and after, and the points. */
export class Sweep {
  readonly #scenario: Scenario;
  readonly #hypervisor: Hypervisor;
  readonly #timeless: ReadonlySet<string>;
  #before!: { files: Snapshot; more: string };
  #after!: { files: Snapshot; more: string };

  private constructor(scenario: Scenario, hypervisor: Hypervisor) {
    this.#scenario = scenario;
    this.#hypervisor = hypervisor;
    this.#timeless = new Set([
      ...(scenario.renewed ?? []),
      ...changesOf(scenario.plan).flatMap(({ change }) =>
        change.does === "run" ? (change.touches ?? []) : [change.path],
      ),
    ]);
  }

  /** Applies the plan and rolls it back, counting the points. @throws CannotTell if this fails without a fault. */
  static async ready(scenario: Scenario, hypervisor: Hypervisor): Promise<{ sweep: Sweep; points: Point[] }> {
    const sweep = new Sweep(scenario, hypervisor);
    sweep.#before = await sweep.#observe();
    await sweep.#arm("kill", Number.MAX_SAFE_INTEGER);
    await sweep.#applyFully();
    const applying = await sweep.#points("apply");
    sweep.#after = await sweep.#observe();
    await sweep.#arm("kill", Number.MAX_SAFE_INTEGER);
    const back = await sweep.#end("undo");
    const undoing = await sweep.#points("rollback");
    await sweep.#disarm();
    if (back !== "before") throw new CannotTell(`a rollback without a fault is inconsistent: ${back}`);
    return { sweep, points: [...applying, ...undoing] };
  }

  /** Makes the fault at the point and compares the states after a rollback and after a resume. */
  async run(point: Point, fault: Fault): Promise<SweepRow> {
    try {
      return await this.#both(point, fault);
    } catch (error) {
      if (!(error instanceof CannotTell || error instanceof Refused)) throw error;
      return {
        point,
        fault,
        rolledBack: `${unknown}${error.message.replace(/\s+/g, " ").slice(0, 300)}`,
        resumed: "not tried",
      };
    }
  }

  async #both(point: Point, fault: Fault): Promise<SweepRow> {
    await this.#make(point, fault);
    if (fault === "unconfirmed") return this.#restoresItself(point, fault);
    const rolledBack = await this.#end("undo");
    if (rolledBack !== "before") return { point, fault, rolledBack, resumed: "not tried" };
    await this.#make(point, fault);
    const resumed = await this.#end("run");
    const back = await this.#end("undo");
    return { point, fault, resumed, rolledBack: back };
  }

  /** Without a confirmation or a command, the target returns to the state before and accepts another apply. */
  async #restoresItself(point: Point, fault: Fault): Promise<SweepRow> {
    const { held } = await waitUntil(
      () => this.#entry(),
      (entry) => entry === undefined,
      60_000,
    );
    if (!held) throw new CannotTell("nothing was rolled back within a minute");
    const rolledBack = await this.#end("undo");
    const resumed = await this.#end("run");
    await this.#end("undo");
    return { point, fault, rolledBack, resumed };
  }

  /** Applies the plan for the next scenario and removes its journal, because the disks are small. */
  async keep(): Promise<void> {
    await this.#applyFully();
    const { home, scratch } = this.#scenario.places;
    await this.#hypervisor.run(["rm", "-rf", `${home}/journal`, scratch]);
  }

  async #make(point: Point, fault: Fault): Promise<void> {
    const guarded = fault === "unconfirmed";
    const own = fault === "cut" || guarded ? await this.#scenario.open() : undefined;
    const hypervisor = own?.hypervisor ?? this.#hypervisor;
    if (point.during === "rollback") await this.#applyFully();
    await this.#arm(fault, point.k);
    const work = (
      point.during === "apply" ? this.#apply(hypervisor, guarded ? 2 : 0) : this.#undo(hypervisor)
    ).catch((error: unknown) => {
      if (!(error instanceof CannotTell)) throw error;
    });
    if (own) {
      const ended = work.then(() => {
        throw new CannotTell(`the ${point.during} ended before point ${point.k} was reached`);
      });
      await Promise.race([this.#until(`${this.#control}/reached`), ended]);
      own.cut();
      await this.#hypervisor.run(["touch", `${this.#control}/released`]);
    }
    await work;
    await this.#idle();
    await this.#disarm();
    await own?.hypervisor.close();
  }

  async #apply(hypervisor: Hypervisor, confirmWithin = 0): Promise<Applied> {
    const how = { does: "apply", who: "the sweep", choice: [], confirmWithin } as const;
    return apply(hypervisor, this.#scenario.plan, how, silent, this.#scenario.places);
  }

  /** @throws CannotTell if the apply fails without a fault. */
  async #applyFully(): Promise<void> {
    const { code, failed } = await this.#apply(this.#hypervisor);
    if (code !== 0) throw new CannotTell(`an apply without a fault failed: ${failed ?? `exit code ${code}`}`);
  }

  async #undo(hypervisor: Hypervisor): Promise<void> {
    const entry = await this.#entry();
    if (entry) await this.#work(hypervisor, entry, ["undo", "keep"]);
  }

  async #work(
    hypervisor: Hypervisor,
    { name, meta }: Entry,
    work: Parameters<typeof start>[3],
  ): Promise<string | undefined> {
    const { places } = this.#scenario;
    const agent = await start(hypervisor, name, "the sweep", work, places);
    const { code, failed } = await followAgent(hypervisor, agent, meta, silent, places);
    return code === 0 ? undefined : (failed ?? `the agent ended with ${code}`);
  }

  /** Runs what an operator would type next: rollback or resume. If no entry is left: an apply, or nothing. */
  async #end(work: "undo" | "run"): Promise<string> {
    const entry = await this.#entry();
    const pending = entry && unfinished({ holder: undefined, entries: [entry] });
    let wrong: string | undefined;
    if (work === "undo" && entry) wrong = await this.#work(this.#hypervisor, entry, ["undo", "keep"]);
    if (work === "run" && pending) wrong = await this.#work(this.#hypervisor, entry, ["run"]);
    if (work === "run" && !entry) {
      // The rollback finished on its own and left what a rollback leaves.
      await this.#scenario.clean?.(this.#hypervisor);
      await this.#applyFully();
    }
    if (wrong !== undefined) return wrong;
    if (work === "undo") await this.#scenario.clean?.(this.#hypervisor);
    const { files, more } = work === "undo" ? this.#before : this.#after;
    const now = await this.#observe();
    const wrongs = [
      ...differences(files, now.files, work === "run" ? this.#timeless : new Set(this.#scenario.renewed)),
      ...(more === now.more ? [] : [`the guests: ${now.more}, not ${more}`]),
    ];
    if (wrongs.length > 0) return wrongs.slice(0, 3).join("; ");
    return work === "undo" ? "before" : "after";
  }

  /** The entry that is applied or unfinished; none if everything is rolled back. */
  async #entry(): Promise<Entry | undefined> {
    const { entries } = await readJournal(this.#hypervisor, this.#scenario.places);
    return entries.findLast(({ phase }) => phase !== "undone");
  }

  async #observe(): Promise<{ files: Snapshot; more: string }> {
    const files = await snapshot(this.#hypervisor, this.#scenario.roots);
    return { files, more: (await this.#scenario.observe?.(this.#hypervisor)) ?? "" };
  }

  get #control(): string {
    return `${this.#scenario.places.scratch}/sweep`;
  }

  async #arm(fault: Fault, k: number): Promise<void> {
    const script = `rm -rf "$1/sweep"; mkdir -p "$1/sweep" && printf %s "$2" >"$1/sweep/mode" && printf %s "$3" >"$1/sweep/k"
      printf '%s\\n' "$5" >"$1/sweep/disks"; printf %s "$4" >"$1/point"`;
    const args = [this.#scenario.places.scratch, fault, String(k), hook, this.#scenario.disks.join("\n")];
    await this.#hypervisor.script(script, args);
  }

  async #disarm(): Promise<void> {
    const script = 'rm -rf "$1/point" "$1/sweep"; shift; for disk do rm -f "$disk/.phoenix-full"; done';
    await this.#hypervisor.script(script, [this.#scenario.places.scratch, ...this.#scenario.disks]);
  }

  async #points(during: Point["during"]): Promise<Point[]> {
    const { out } = await this.#hypervisor.run(["cat", `${this.#control}/points`]);
    const names = out.trimEnd().split("\n");
    return names.map((name, index) => ({ k: index + 1, ...this.#describe(name), during }));
  }

  /** `0003 rename` with the description of change 3. */
  #describe(line: string): Pick<Point, "name" | "step"> {
    const [number = "", point] = line.split(" ");
    const change = changesOf(this.#scenario.plan)[Number(number) - 1];
    if (!change) return { name: `the entry: ${point}` };
    return { name: `${change.step.id}: ${say(change.change)}: ${point}`, step: change.step.id };
  }

  /** Waits until a file exists: at most three minutes, because a whole plan may run before it on a busy machine. */
  async #until(path: string): Promise<void> {
    const script =
      'end=$(($(date +%s) + 180)); until [ -e "$1" ] || [ "$(date +%s)" -gt "$end" ]; do sleep 0.02; done; [ -e "$1" ]';
    const { code } = await this.#hypervisor.script(script, [path], { timeoutMs: 240_000 });
    if (code !== 0) throw new CannotTell(`${path} did not appear within three minutes`);
  }

  /** Waits until the target is not locked: at most ten minutes. */
  async #idle(): Promise<void> {
    const { home } = this.#scenario.places;
    const script = '[ -e "$1/lock" ] || exit 0; flock -w 600 9';
    const ran = await this.#hypervisor.script(`${script} 9>>"$1/lock"`, [home], { timeoutMs: 660_000 });
    if (ran.code !== 0) throw new CannotTell("the agent did not end within ten minutes");
  }
}
