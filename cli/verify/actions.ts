// The actions that `verify` may take on a target, and what an operator reads before the first of them.
import { BadInput, problem, Refused } from "../../fixtures/errors.ts";
import { effectOf } from "../../fixtures/target/effects.ts";
import { type Action, actions, type Target } from "../../fixtures/target/inventory.ts";
import { windowOpen, windowsInWords } from "../../fixtures/target/window.ts";

/** The actions named on the command line, checked. `all` is every action. @throws BadInput for a name that is none. */
export function namedActions(names: readonly string[]): readonly Action[] {
  if (names.includes("all")) return actions;
  const unknown = names.filter((name) => !(actions as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new BadInput(
      problem(
        `There is no action ${unknown.join(", ")}; there are ${actions.join(", ")}`,
        "npm run phoenix -- verify --help",
      ),
    );
  return actions.filter((action) => action === "observe" || names.includes(action));
}

/**
 * The actions that this run may take on a target: named on the command line, allowed by the inventory, in an open window.
 * @throws Refused if the command names one that the inventory does not allow, or names one while no window is open.
 */
export function allowedOn(
  { name, allows, windows }: Pick<Target, "name" | "allows" | "windows">,
  named: readonly Action[],
  now: Date,
): readonly Action[] {
  const acting = named.filter((action) => action !== "observe");
  const missing = acting.filter((action) => !allows.includes(action));
  if (missing.length > 0) {
    const words = missing.map((action) => `"${action}"`).join(", ");
    const next = `add ${words} to "allows" of ${name} in the inventory`;
    throw new Refused(problem(`The inventory does not allow ${missing.join(", ")} on ${name}`, next));
  }
  if (acting.length > 0 && windows !== undefined && !windowOpen(windows, now)) {
    const what = `${name} may be acted on ${windowsInWords(windows)}, and now it is ${now.toISOString()}`;
    throw new Refused(problem(what, "the same command in that time, or without --allow"));
  }
  return named;
}

/** What an operator reads before the first action: one line an action, and the requirements that need them. */
export function announcement(
  { name, deployment }: Pick<Target, "name" | "deployment">,
  taken: readonly Action[],
  ids: readonly string[],
): string {
  const acting = taken.filter((action) => action !== "observe");
  const width = Math.max(...acting.map((action) => action.length), 6);
  const lines = acting.map((action) => {
    const { does, gone } = effectOf(action, deployment);
    return `  ${action.padEnd(width)}  ${does}${gone === "" ? "" : `; gone meanwhile: ${gone}`}`;
  });
  const last = ids.includes("OPS-002")
    ? ["  At the end the plan is rolled back, for OPS-002: apply it again afterwards."]
    : [];
  return [`On ${name}, for ${ids.join(", ")}:`, ...lines, ...last].join("\n");
}
