// The folder of all nights: what is in it, and how it is read, written and thinned out.
//
//   NIGHTS/heartbeat.prom                 for Prometheus's textfile collector
//   NIGHTS/started.json                   the start of the present or last night
//   NIGHTS/<night>.json                   one night (reports/night/night.schema.json)
//   NIGHTS/<night>.told.json              who was told of it, and who could not be
//   NIGHTS/<target>/lock                  held while the target is judged
//   NIGHTS/<target>/<night>/              what verify wrote: run.json, evidence.json, reports
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writable } from "../../fixtures/disk.ts";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { redact } from "../../fixtures/evidence/redact.ts";
import { compile, parseJson } from "../../fixtures/schema.ts";
import { asEarlier, type Earlier } from "../../reports/night/changes.ts";
import { type Heartbeat, metrics } from "../../reports/night/metrics.ts";
import { asNight, type Night, readNight } from "../../reports/night/night.ts";
import type { Told } from "./tell.ts";

const nightFile = /^(\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z)\.json$/;
const nightName = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z$/;

/** How many earlier nights a night looks back on. */
const lookBack = 400;

/** The start of a night, and the process that runs it. */
export interface Started {
  readonly night: string;
  readonly startedAt: string;
  readonly pid: number;
}

const asStarted = compile<Started>("start of a night", {
  type: "object",
  required: ["night", "startedAt", "pid"],
  properties: {
    night: { type: "string", pattern: nightName.source },
    startedAt: { type: "string" },
    pid: { type: "integer", minimum: 1 },
  },
});

const asTold = compile<readonly Told[]>("list of who was told", {
  type: "array",
  items: {
    type: "object",
    required: ["to"],
    properties: { to: { enum: ["command", "webhook"] }, trouble: { type: "string" } },
  },
});

/** The folder of all nights. */
export class Nights {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Makes the folder if it is not there. @throws BadInput if it can't be written. */
  make(): void {
    writable(`the folder of all nights ${this.dir}`, () =>
      mkdirSync(this.dir, { recursive: true, mode: 0o700 }),
    );
  }

  /** Makes and returns the folder of a target's night, and its path from the folder of all nights. */
  forTarget(target: string, night: string): { path: string; relative: string } {
    const relative = join(folderName(target), night);
    const path = join(this.dir, relative);
    writable(`the folder ${path}`, () => mkdirSync(path, { recursive: true, mode: 0o700 }));
    return { path, relative };
  }

  lockOf(target: string): string {
    const folder = join(this.dir, folderName(target));
    writable(`the folder ${folder}`, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
    return join(folder, "lock");
  }

  /** Names of all nights that ended, newest first. */
  names(): string[] {
    if (!existsSync(this.dir)) return [];
    return readdirSync(this.dir)
      .flatMap((name) => nightFile.exec(name)?.[1] ?? [])
      .sort()
      .reverse();
  }

  /** One night. @throws BadInput if its file is damaged. */
  read(night: string): Night {
    return readNight(join(this.dir, `${night}.json`));
  }

  /** The nights of one target, newest first. A damaged file is left out: tonight's verdict does not depend on it. */
  earlier(target: string): Earlier[] {
    return this.#readable().flatMap((night) => {
      const one = night.targets.find((each) => each.target === target);
      return one ? [asEarlier(night.night, one)] : [];
    });
  }

  /** Writes the start of a night, so that one that never ends is noticed. */
  started(night: string, startedAt: Date): void {
    this.#write("started.json", { night, startedAt: startedAt.toISOString(), pid: process.pid });
    this.heartbeat(startedAt.getTime(), false);
  }

  /** The night that was started last; undefined if there is none. */
  lastStarted(): Started | undefined {
    return this.#readIfThere("started.json", asStarted);
  }

  ended(night: Night): void {
    this.#write(`${night.night}.json`, asNight(night, { file: "this night" }));
  }

  /** Writes who was told, for `nightly status`. */
  told(night: string, told: readonly Told[]): void {
    this.#write(`${night}.told.json`, told);
  }

  /** Who could not be told of a night, and why. */
  notTold(night: string): readonly string[] {
    const told = this.#readIfThere(`${night}.told.json`, asTold) ?? [];
    return told.flatMap(({ to, trouble }) => (trouble === undefined ? [] : [`${to}: ${trouble}`]));
  }

  /** Writes the heartbeat from what is on the disk. */
  heartbeat(startedAt: number, notifyFailed: boolean): void {
    const nights = this.#readable();
    const seen = new Map<string, { verdict?: string; good?: string }>();
    for (const { night, targets } of nights)
      for (const { target, state } of targets) {
        const one = seen.get(target) ?? {};
        if (state !== "no verdict") one.verdict ??= night;
        if (state === "pass") one.good ??= night;
        seen.set(target, one);
      }
    const [last] = nights;
    const beat: Heartbeat = { startedAt, ...(last && { last }), seen, notifyFailed };
    this.#writeText("heartbeat.prom", metrics(beat));
  }

  /**
   * Removes all but the newest `keep` nights of each target, and documents of nights that no target has any more. The last
   * good night of each target stays, however old it is.
   */
  thin(keep: number): string[] {
    const nights = this.#readable();
    const good = new Map<string, string>();
    for (const { night, targets } of nights)
      for (const { target, state } of targets)
        if (state === "pass" && !good.has(target)) good.set(target, night);
    const old = nights.slice(keep);
    const removed: string[] = [];
    for (const { night, targets } of old) {
      const kept = targets.filter(({ target }) => good.get(target) === night);
      for (const { target } of targets) {
        const folder = join(this.dir, folderName(target), night);
        if (kept.some((one) => one.target === target) || !existsSync(folder)) continue;
        rmSync(folder, { recursive: true, force: true });
        removed.push(join(folderName(target), night));
      }
      if (kept.length > 0) continue;
      for (const name of [`${night}.json`, `${night}.told.json`])
        rmSync(join(this.dir, name), { force: true });
      removed.push(`${night}.json`);
    }
    return removed;
  }

  #readIfThere<T>(
    name: string,
    check: (value: unknown, source: { file: string; text: string }) => T,
  ): T | undefined {
    const file = join(this.dir, name);
    if (!existsSync(file)) return undefined;
    const text = readFileSync(file, "utf8");
    return check(parseJson(text, file), { file, text });
  }

  #readable(): Night[] {
    return this.names()
      .slice(0, lookBack)
      .flatMap((night) => {
        try {
          return [this.read(night)];
        } catch (error) {
          if (error instanceof BadInput) return [];
          throw error;
        }
      });
  }

  #write(name: string, value: unknown): void {
    this.#writeText(name, `${redact(JSON.stringify(value, null, 2))}\n`);
  }

  /** Written beside and renamed: a reader, such as Prometheus, never sees half a file. */
  #writeText(name: string, text: string): void {
    const file = join(this.dir, name);
    writable(file, () => {
      writeFileSync(`${file}.${process.pid}`, text, { mode: 0o600 });
      renameSync(`${file}.${process.pid}`, file);
    });
  }
}

/** A target's name as a folder: names of targets come from an inventory and may hold anything. */
export function folderName(target: string): string {
  const plain = target.replace(
    /[^\w.-]/g,
    (char) => `%${char.codePointAt(0)?.toString(16).padStart(2, "0")}`,
  );
  if (plain === "" || plain.length > 200)
    throw new BadInput(problem(`The name of a target is no name of a folder: ${target.slice(0, 60)}`));
  return nightName.test(plain) || plain.startsWith(".") ? `%${plain}` : plain;
}
