// Guards a target while trials act on it: one run at a time, and a timer on the target that removes everything if the run dies.
// The run renews a lease. If it does not for half a minute, the target itself undoes what trials made, as a next run would.
import { hostname } from "node:os";
import { CannotTell, problem, Refused } from "../../fixtures/errors.ts";
import { onDockerHost } from "../../fixtures/evidence/guests.ts";
import { waitUntil } from "../../fixtures/evidence/wait.ts";
import { removalOf } from "../../fixtures/faults/remains.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import type { Target } from "../../fixtures/target/inventory.ts";

/** How a target is guarded. */
export interface Ways {
  /** A folder on the hypervisor; gone after a reboot, as the watcher is. */
  readonly folder: string;
  /** After so many seconds without a renewal the target undoes everything itself. */
  readonly quietSeconds: number;
  readonly renewMs: number;
  /** What the target runs then. */
  readonly undo: string;
  /** The same, from here: removes what trials left, and returns a line for each thing. */
  readonly removeAll: () => Promise<readonly string[]>;
}

const waysOf = (hypervisor: Hypervisor, target: Target): Ways => ({
  ...{ folder: "/run/phoenix-verify", quietSeconds: 30, renewMs: 5_000 },
  undo: removalOf(target).whole,
  removeAll: () => removeAll(hypervisor, target),
});

/** Exit code of the scripts: another run is at work. */
const taken = 75;

/** What the target runs beside the trials. It ends when the lease is taken away, or expires. */
const watcherOf = ({ folder, quietSeconds }: Ways) => `cd ${folder} || exit
last= quiet=0
while test -e lease; do
  now=$(cat lease)
  if [ "$now" = "$last" ]; then quiet=$((quiet + 1)); else quiet=0; fi
  last=$now
  if [ "$quiet" -ge ${quietSeconds} ]; then
    sh ./undo > ${folder}.log 2>&1
    cd / && rm -rf ${folder}
    exit
  fi
  sleep 1
done`;

const scriptsOf = ({ folder }: Ways) => ({
  // $1: the run. $2: the watcher. Standard input: the script that undoes everything.
  begin: `umask 077
mkdir ${folder} 2>/dev/null || { cat ${folder}/run 2>/dev/null; exit ${taken}; }
cat > ${folder}/undo && printf %s "$1" > ${folder}/run && printf 0 > ${folder}/lease || exit 1
setsid sh -c "$2" </dev/null >/dev/null 2>&1 &
echo $! > ${folder}/pid`,
  renew: `test -e ${folder}/lease && test "$(cat ${folder}/run)" = "$1" && printf %s "$2" > ${folder}/lease`,
  release: `test "$(cat ${folder}/run 2>/dev/null)" = "$1" || exit ${taken}
rm -f ${folder}/lease && rm -rf ${folder}`,
  // A folder whose watcher no longer runs is of no use: the host was rebooted, or somebody killed the watcher.
  clear: `test -e ${folder} || exit 0
kill -0 "$(cat ${folder}/pid 2>/dev/null)" 2>/dev/null && { cat ${folder}/run; exit ${taken}; }
rm -rf ${folder}`,
});

/** A guarded target. */
export interface Guarded {
  /** What an earlier run had left, and this one removed. */
  readonly removed: readonly string[];
  /** Removes everything that is left. @throws CannotTell if the target's timer was faster, or something can't be removed. */
  end(): Promise<void>;
}

/**
 * Waits until no other run is at work, removes what an earlier one left, and starts the target's timer.
 * @throws Refused if another run is still at work after that; CannotTell if something can't be removed.
 */
export async function guardTarget(
  hypervisor: Hypervisor,
  target: Pick<Target, "name" | "deployment">,
  say: (text: string) => void,
  ways: Ways = waysOf(hypervisor, target as Target),
): Promise<Guarded> {
  const run = `verify, process ${process.pid} on ${hostname()}, since ${new Date().toISOString()}`;
  const { begin, renew, release, clear } = scriptsOf(ways);
  const first = await hypervisor.script(clear);
  if (first.code === taken) say(`  ${target.name}: waiting for another run: ${first.out.trim()}`);
  const patience = (ways.quietSeconds + 15) * 1000;
  const free = await waitUntil(
    () => hypervisor.script(clear),
    ({ code }) => code === 0,
    patience,
  );
  if (!free.held) throw atWork(target, free.last.out);
  const removed = await ways.removeAll();
  const began = await hypervisor.script(begin, [run, watcherOf(ways)], { input: ways.undo });
  if (began.code === taken) throw atWork(target, began.out);
  if (began.code !== 0)
    throw new CannotTell(`the timer on ${target.name} could not be started: ${began.err.trim()}`);
  let count = 0;
  const renewing = setInterval(() => {
    count += 1;
    // Whether it came in time, the lease says at the end.
    hypervisor.script(renew, [run, String(count)], { timeoutMs: 10_000 }).catch(() => {});
  }, ways.renewMs);
  return {
    removed,
    end: async () => {
      clearInterval(renewing);
      const released = await hypervisor.script(release, [run]);
      await ways.removeAll();
      if (released.code === 0) return;
      const what = `The timer on ${target.name} has undone the trials meanwhile, as this run did not renew its lease: their results count for nothing`;
      throw new CannotTell(problem(what, "the same command again, over a better connection"));
    },
  };
}

const atWork = ({ name }: Pick<Target, "name">, who: string) =>
  new Refused(
    problem(
      `Another run is at work on ${name}: ${who.trim() || "unknown"}`,
      "the same command, when that run has ended",
    ),
  );

/** Removes what trials left, and returns a line for each thing. @throws CannotTell if something stays. */
async function removeAll(hypervisor: Hypervisor, target: Target): Promise<string[]> {
  const removal = removalOf(target);
  const here = await hypervisor.script(removal.onHypervisor);
  const inside = await onDockerHost(hypervisor, target, removal.onDockerHost);
  for (const { code, err } of [here, inside])
    if (code !== 0)
      throw new CannotTell(
        problem(
          `Something that a trial made on ${target.name} can't be removed: ${err.trim()}`,
          "remove it by hand",
        ),
      );
  return [here, inside].flatMap(({ out }) => out.split("\n")).filter((line) => line !== "");
}
