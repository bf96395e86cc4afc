// One night at a time for each target: two would act on it at once, and each would see the other's trials.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isAlive } from "../../fixtures/alive.ts";
import { writable } from "../../fixtures/disk.ts";
import { CannotTell, problem } from "../../fixtures/errors.ts";
import { toType } from "../../fixtures/quote.ts";

/**
 * Takes the lock, or one whose holder is gone. Disposing of it gives it back.
 * @throws CannotTell if a living process holds it.
 */
export function lock(file: string): Disposable {
  const own = `${file}.${process.pid}`;
  writable(own, () => writeFileSync(own, String(process.pid), { mode: 0o600 }));
  try {
    for (let tries = 0; tries < 5; tries++) {
      if (linked(own, file)) return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
      const holder = holderOf(file);
      if (holder !== undefined && isAlive(holder))
        throw new CannotTell(
          problem(`Another night judges this target: process ${holder}`, toType`ps -fp ${holder}`),
        );
      takeAway(file, holder);
    }
    throw new CannotTell(problem(`The lock is taken again and again: ${file}`, toType`ls -l ${file}`));
  } finally {
    rmSync(own, { force: true });
  }
}

/** A link is made in one step, with its content: no reader sees a lock without a holder. */
function linked(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function holderOf(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, "utf8"), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** Takes a dead holder's lock away. If another process was faster, its new lock is put back. */
function takeAway(file: string, holder: number | undefined): void {
  const aside = `${file}.gone.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (holderOf(aside) !== holder) linked(aside, file);
  rmSync(aside, { force: true });
}
