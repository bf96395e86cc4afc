// The sweep: an apply and its rollback are cut short at every point there is; each has to end exactly before or exactly after.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CannotTell, Refused } from "../../fixtures/errors.ts";
import { waitUntil } from "../../fixtures/evidence/wait.ts";
import { silent } from "../../fixtures/progress.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import { type Applied, apply } from "../../provision/apply/apply.ts";
import { attend } from "../../provision/apply/follow-agent.ts";
import { type Entry, type Places, readJournal, start, unfinished } from "../../provision/journal/journal.ts";
import { changesOf, type Plan, say } from "../../provision/plan.ts";
import { differences, type Snapshot, snapshot } from "./snapshot.ts";

/**
 * kill: the target's agent dies. kill-S: it dies S seconds into a command, and the command with it. alone-S: it dies then, and
 * the command runs on. cut: the connection breaks. unconfirmed: it breaks during a guarded apply, which then has to be undone
 * by the target itself. full: no room on any disk.
 */
export type Fault = "kill" | `kill-${number}` | `alone-${number}` | "cut" | "unconfirmed" | "full";

/** What is swept, and where. */
export interface Scenario {
  readonly name: string;
  readonly places: Places;
  readonly plan: Plan;
  /** Folders that have to be exactly before or after. */
  readonly roots: readonly string[];
  /** Mount points of the disks that `full` fills; each is small. */
  readonly disks: readonly string[];
  /** Opens a way to the target that can be cut. */
  readonly open: () => Promise<{ hypervisor: Hypervisor; cut: () => void }>;
  /** Files whose time does not count, since commands of the plan write them anew as they were. */
  readonly renewed?: readonly string[];
  /** Takes away what a rollback rightly leaves: data that was made meanwhile. */
  readonly clean?: (hypervisor: Hypervisor) => Promise<unknown>;
  /** More that has to be as before or after: what runs in the guests. */
  readonly look?: (hypervisor: Hypervisor) => Promise<string>;
}

/** A point of the agent's: `0003 rename`. */
export interface Point {
  readonly k: number;
  readonly name: string;
  /** The step that the change belongs to; the entry as a whole belongs to none. */
  readonly step?: string;
  readonly during: "apply" | "rollback";
}

/** How one fault at one point ended. */
export interface SweepRow {
  readonly point: Point;
  readonly fault: Fault;
  /** After `rollback`: "before", or what is not. */
  readonly rolledBack: string;
  /** After `resume`: "after", or what is not. */
  readonly resumed: string;
}

export const isWhole = ({ rolledBack, resumed }: SweepRow) => rolledBack === "before" && resumed === "after";
/** The fault was not made, or its end was not seen: that shows nothing, and is no pass. */
export const isUnknown = ({ rolledBack }: SweepRow) => rolledBack.startsWith(unknown);
const unknown = "could not tell: ";

const hook = readFileSync(join(import.meta.dirname, "point.sh"), "utf8");

/** A scenario that is ready: what before and after look like, and which points there are. */
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

  /** Runs the plan once and back, counting its points. @throws CannotTell when that does not even work without a fault. */
  static async ready(scenario: Scenario, hypervisor: Hypervisor): Promise<{ sweep: Sweep; points: Point[] }> {
    const sweep = new Sweep(scenario, hypervisor);
    sweep.#before = await sweep.#look();
    await sweep.#arm("kill", Number.MAX_SAFE_INTEGER);
    await sweep.#applyWhole();
    const applying = await sweep.#points("apply");
    sweep.#after = await sweep.#look();
    await sweep.#arm("kill", Number.MAX_SAFE_INTEGER);
    const back = await sweep.#end("undo");
    const undoing = await sweep.#points("rollback");
    await sweep.#disarm();
    if (back !== "before") throw new CannotTell(`a rollback without any fault is not whole: ${back}`);
    return { sweep, points: [...applying, ...undoing] };
  }

  /** Makes the fault at the point, ends it either way, and says what that came to. */
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

  /** Nobody confirms and nobody types anything: the target is as before, and can be applied to again. */
  async #restoresItself(point: Point, fault: Fault): Promise<SweepRow> {
    const { held } = await waitUntil(
      () => this.#entry(),
      (entry) => entry === undefined,
      60_000,
    );
    if (!held) throw new CannotTell("nothing was undone in a minute");
    const rolledBack = await this.#end("undo");
    const resumed = await this.#end("run");
    await this.#end("undo");
    return { point, fault, rolledBack, resumed };
  }

  /** Applies the plan for good: the ground of the next scenario, whose disks are small. */
  async keep(): Promise<void> {
    await this.#applyWhole();
    const { home, scratch } = this.#scenario.places;
    await this.#hypervisor.run(["rm", "-rf", `${home}/journal`, scratch]);
  }

  async #make(point: Point, fault: Fault): Promise<void> {
    const guarded = fault === "unconfirmed";
    const own = fault === "cut" || guarded ? await this.#scenario.open() : undefined;
    const hypervisor = own?.hypervisor ?? this.#hypervisor;
    if (point.during === "rollback") await this.#applyWhole();
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

  /** @throws CannotTell when it ends otherwise than whole though no fault was made. */
  async #applyWhole(): Promise<void> {
    const { code, failed } = await this.#apply(this.#hypervisor);
    if (code !== 0)
      throw new CannotTell(`an apply without any fault failed: ${failed ?? `exit code ${code}`}`);
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
    const { code, failed } = await attend(hypervisor, agent, meta, silent, places);
    return code === 0 ? undefined : (failed ?? `the agent ended with ${code}`);
  }

  /** What an operator would type next: rollback or resume. Where no fault left anything, an apply or nothing. */
  async #end(work: "undo" | "run"): Promise<string> {
    const entry = await this.#entry();
    const pending = entry && unfinished({ holder: undefined, entries: [entry] });
    let wrong: string | undefined;
    if (work === "undo" && entry) wrong = await this.#work(this.#hypervisor, entry, ["undo", "keep"]);
    if (work === "run" && pending) wrong = await this.#work(this.#hypervisor, entry, ["run"]);
    if (work === "run" && !entry) {
      // The rollback went on to its end by itself, and left what a rollback leaves.
      await this.#scenario.clean?.(this.#hypervisor);
      await this.#applyWhole();
    }
    if (wrong !== undefined) return wrong;
    if (work === "undo") await this.#scenario.clean?.(this.#hypervisor);
    const { files, more } = work === "undo" ? this.#before : this.#after;
    const now = await this.#look();
    const wrongs = [
      ...differences(files, now.files, work === "run" ? this.#timeless : new Set(this.#scenario.renewed)),
      ...(more === now.more ? [] : [`the guests: ${now.more}, not ${more}`]),
    ];
    if (wrongs.length > 0) return wrongs.slice(0, 3).join("; ");
    return work === "undo" ? "before" : "after";
  }

  /** The entry that is applied or unfinished; none when everything is undone. */
  async #entry(): Promise<Entry | undefined> {
    const { entries } = await readJournal(this.#hypervisor, this.#scenario.places);
    return entries.findLast(({ phase }) => phase !== "undone");
  }

  async #look(): Promise<{ files: Snapshot; more: string }> {
    const files = await snapshot(this.#hypervisor, this.#scenario.roots);
    return { files, more: (await this.#scenario.look?.(this.#hypervisor)) ?? "" };
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
    return names.map((name, index) => ({ k: index + 1, ...this.#told(name), during }));
  }

  /** `0003 rename` with what change 3 is. */
  #told(line: string): Pick<Point, "name" | "step"> {
    const [number = "", point] = line.split(" ");
    const change = changesOf(this.#scenario.plan)[Number(number) - 1];
    if (!change) return { name: `the entry: ${point}` };
    return { name: `${change.step.id}: ${say(change.change)}: ${point}`, step: change.step.id };
  }

  /** Waits until a file is there: three minutes at most, since a whole plan may come before it, on a machine that has much to do. */
  async #until(path: string): Promise<void> {
    const script =
      'end=$(($(date +%s) + 180)); until [ -e "$1" ] || [ "$(date +%s)" -gt "$end" ]; do sleep 0.02; done; [ -e "$1" ]';
    const { code } = await this.#hypervisor.script(script, [path], { timeoutMs: 240_000 });
    if (code !== 0) throw new CannotTell(`${path} did not come`);
  }

  /** Waits until nobody works on the target; 10 minutes at most. */
  async #idle(): Promise<void> {
    const { home } = this.#scenario.places;
    const script = '[ -e "$1/lock" ] || exit 0; flock -w 600 9';
    const ran = await this.#hypervisor.script(`${script} 9>>"$1/lock"`, [home], { timeoutMs: 660_000 });
    if (ran.code !== 0) throw new CannotTell("the agent did not end in ten minutes");
  }
}
