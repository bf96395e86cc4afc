// Consent: a requirement whose test does what the target does not allow, or what its phase does without, is not tried.
import { CannotTell, problem } from "../fixtures/errors.ts";
import type { Target } from "../fixtures/target/inventory.ts";
import { requirementOf } from "./register/register.ts";

interface Given {
  readonly target: Pick<Target, "name" | "allows">;
  readonly phase: string;
  /** Actions that this phase does without, whatever the target allows. */
  readonly withhold: Target["allows"];
}

/** Why the test with these tags must not act, by what the register says of it; nothing for a control, which is made on a stand-in alone. */
export function refusalOf(
  tags: readonly string[],
  { target, phase, withhold }: Given,
): CannotTell | undefined {
  const id = tags.find((tag) => /^@[A-Z]{3}-\d{3}$/.test(tag))?.slice(1);
  if (id === undefined || !tags.includes("@requirement")) return undefined;
  const { needs } = requirementOf(id);
  const withheld = needs.filter((need) => withhold.includes(need));
  if (withheld.length > 0) return new CannotTell(`the phase "${phase}" does without ${withheld.join(", ")}`);
  const missing = needs.filter((need) => !target.allows.includes(need));
  if (missing.length === 0) return undefined;
  const words = missing.map((action) => `"${action}"`).join(", ");
  const next = `add ${words} to "allows" of ${target.name} in the inventory`;
  return new CannotTell(problem(`the target does not allow ${missing.join(", ")}`, next));
}

/**
 * The same object, or, where there is a refusal, one whose every use throws it. So a test is stopped when it begins to act,
 * and what evidence alone shows to be wrong before that still counts.
 */
export function guarded<T extends object>(it: T, refusal: CannotTell | undefined): T {
  if (refusal === undefined) return it;
  const refuse = (): never => {
    throw refusal;
  };
  // A promise that hands the object on asks whether it is one itself.
  const get = (_: T, key: string | symbol) =>
    key === "then" || typeof key === "symbol" ? undefined : refuse();
  return new Proxy(it, { get, apply: refuse });
}
