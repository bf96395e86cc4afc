// The scenarios of the crash test: each step that changes files, on small disks that can be filled, and the whole plan.
import { CannotTell } from "../../fixtures/errors.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { readFacts } from "../../provision/facts.ts";
import { fingerprint } from "../../provision/fingerprint.ts";
import { places } from "../../provision/journal/journal.ts";
import { type Change, makePlan, planDigest } from "../../provision/plan.ts";
import { steps } from "../../provision/steps/index.ts";
import { cuttable } from "./relay.ts";
import type { Scenario } from "./sweep.ts";

// $1…: folders. Moves each to its own small disk, with modes, owners and times.
const onSmallDisks = `set -e
for folder do
  mkdir -p "$folder"
  disk=$(mktemp -d)
  mount -t tmpfs -o size=32m,mode="$(stat -c %a "$folder")" tmpfs "$disk"
  cp -a "$folder/." "$disk/"
  mount --move "$disk" "$folder"
done`;

async function common(hypervisor: Hypervisor, target: Target, disks: readonly string[]) {
  const ran = await hypervisor.script(onSmallDisks, disks);
  if (ran.code !== 0) throw new CannotTell(`the small disks could not be made: ${ran.err.trim()}`);
  const facts = await readFacts(hypervisor, target);
  const plan = makePlan(facts, steps, { target: target.name, literal: false, without: [], only: [] });
  const roots = [target.tree, "/etc/pve", "/etc/exports"];
  return { plan, scenario: { places, disks, roots, open: () => cuttable(target) } };
}

/**
 * A scenario for each step that changes files or folders, with one cheap command. Each runs on the target as the steps before
 * it leave it, with its own journal. Small entries allow many faults in little time.
 */
export async function fileScenarios(hypervisor: Hypervisor, target: Target): Promise<Scenario[]> {
  const volumes = target.deployment.volume.root;
  const disks = [target.tree, "/etc/pve", volumes, places.home];
  const { plan, scenario } = await common(hypervisor, target, disks);
  const cheap = (change: Change) => change.does !== "run" || change.title.includes("firewall");
  const steps = plan.steps.map((step) => ({ ...step, changes: step.changes.filter(cheap) }));
  return steps
    .filter(({ changes }) => changes.length > 0)
    .map((step) => ({
      ...scenario,
      name: step.id,
      plan: { ...plan, steps: [step], digest: planDigest([step]) },
      roots: [...scenario.roots, volumes],
      places: { home: `${places.home}/${step.id}`, scratch: `${places.scratch}/${step.id}` },
    }));
}

// $1: a folder to remove. A container that was just stopped may still have files open in it for a moment.
const removed = `for i in $(seq 50); do
  rm -rf "$1" 2>/dev/null
  [ -e "$1" ] || exit 0
  sleep 0.1
done
find "$1" >&2
exit 1`;

/** The whole plan, with Phoenix's own commands. The state of the guests is compared too. */
export async function wholePlanScenarios(hypervisor: Hypervisor, target: Target): Promise<Scenario[]> {
  const { plan, scenario } = await common(hypervisor, target, [target.tree, "/etc/pve", places.home]);
  const observe = async (one: Hypervisor) => {
    const all = Object.entries(fingerprint(await readFacts(one, target))).filter(
      ([name]) => !name.startsWith("/"),
    );
    return JSON.stringify(Object.fromEntries(all));
  };
  // Phoenix rewrites the configuration of its template each time.
  const renewed = ["/etc/pve/lxc/900.conf"];
  const clean = async (one: Hypervisor) => {
    const { code, err } = await one.script(removed, [target.deployment.volume.path]);
    if (code !== 0) throw new CannotTell(`data that was created meanwhile cannot be removed: ${err.trim()}`);
  };
  return [{ ...scenario, name: "the whole plan", plan, observe, renewed, clean }];
}
