// Guards a target while trials act on it: one run at a time, and a timer on the target that removes everything if the run dies.
// The run renews a lease. If it does not for half a minute, the target itself undoes what trials made, as a next run would.
import { hostname } from "node:os";
import { CannotTell, problem, Refused } from "../../fixtures/errors.ts";
import { onDockerHost } from "../../fixtures/evidence/guests.ts";
import { waitUntil } from "../../fixtures/evidence/wait.ts";
import { removalOf } from "../../fixtures/faults/remains.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import type { Target } from "../../fixtures/target/inventory.ts";

/** On the hypervisor; gone after a reboot, as the watcher is. */
const folder = "/run/phoenix-verify";
const quietSeconds = 30;
const renewMs = 5_000;

/** What the target runs beside the trials. It ends when the lease is taken away, or expires. */
const watcher = `cd ${folder} || exit
last= quiet=0
while test -e lease; do
  now=$(cat lease)
  if [ "$now" = "$last" ]; then quiet=$((quiet + 1)); else quiet=0; fi
  last=$now
  if [ "$quiet" -ge ${quietSeconds} ]; then
    sh ./undo > /run/phoenix-verify.log 2>&1
    cd / && rm -rf ${folder}
    exit
  fi
  sleep 1
done`;

// $1: the run. $2: the watcher. Standard input: the script that undoes everything.
const begin = `umask 077
mkdir ${folder} 2>/dev/null || { cat ${folder}/run 2>/dev/null; exit 75; }
cat > ${folder}/undo && printf %s "$1" > ${folder}/run && printf 0 > ${folder}/lease || exit 1
setsid sh -c "$2" </dev/null >/dev/null 2>&1 &
echo $! > ${folder}/pid`;

const renew = `test -e ${folder}/lease && test "$(cat ${folder}/run)" = "$1" && printf %s "$2" > ${folder}/lease`;
const release = `test "$(cat ${folder}/run 2>/dev/null)" = "$1" || exit 75
rm -f ${folder}/lease && rm -rf ${folder}`;

/** A folder whose watcher no longer runs is of no use to anybody: the host was rebooted, or the watcher was killed. */
const clear = `test -e ${folder} || exit 0
kill -0 "$(cat ${folder}/pid 2>/dev/null)" 2>/dev/null && { cat ${folder}/run; exit 75; }
rm -rf ${folder}`;

/** A guarded target. */
export interface Guarded {
  /** What an earlier run had left, and this one removed. */
  readonly removed: readonly string[];
  /** Removes everything that is left. @throws CannotTell if the target's timer was faster, or something can't be removed. */
  end(): Promise<void>;
}

/**
 * Waits until no other run is at work, removes what an earlier one left, and starts the target's timer.
 * @throws Refused if another run is still at work after 45 s; CannotTell if something can't be removed.
 */
export async function guardTarget(
  hypervisor: Hypervisor,
  target: Target,
  name: string,
  say: (text: string) => void,
): Promise<Guarded> {
  const run = `${name}, process ${process.pid} on ${hostname()}`;
  const first = await hypervisor.script(clear);
  if (first.code === 75) say(`  ${target.name}: waiting for another run: ${first.out.trim()}`);
  const free = await waitUntil(
    () => hypervisor.script(clear),
    ({ code }) => code === 0,
    (quietSeconds + 15) * 1000,
  );
  if (!free.held) throw atWork(target, free.last.out);
  const removed = await removeAll(hypervisor, target);
  const began = await hypervisor.script(begin, [run, watcher], { input: removalOf(target).whole });
  if (began.code === 75) throw atWork(target, began.out);
  if (began.code !== 0)
    throw new CannotTell(`the timer on ${target.name} could not be started: ${began.err.trim()}`);
  let count = 0;
  let lost: string | undefined;
  const renewing = setInterval(async () => {
    count += 1;
    const said = await hypervisor
      .script(renew, [run, String(count)], { timeoutMs: 10_000 })
      .catch((error: Error) => error.message);
    if (typeof said !== "string" && said.code !== 0) lost = "its lease has expired";
  }, renewMs);
  return {
    removed,
    end: async () => {
      clearInterval(renewing);
      const released = await hypervisor.script(release, [run]);
      await removeAll(hypervisor, target);
      if (lost !== undefined || released.code !== 0) {
        const what = `The timer on ${target.name} has undone the trials meanwhile (${lost ?? "its lease is gone"}), so their results count for nothing`;
        throw new CannotTell(problem(what, "the same command again, over a better connection"));
      }
    },
  };
}

const atWork = ({ name }: Target, who: string) =>
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
  const inside = await onDockerHost(hypervisor, target.deployment.dockerHost.vmid, removal.onDockerHost);
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
