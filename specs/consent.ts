// Consent: a requirement is not tried when its test needs an action that the target does not allow or the phase withholds.
import { CannotTell, NotJudged, problem } from "../fixtures/errors.ts";
import type { Target } from "../fixtures/target/inventory.ts";
import { requirementOf } from "./register/register.ts";

interface Given {
  readonly target: Pick<Target, "name" | "allows">;
  /** Actions that this phase withholds, whatever the target allows. */
  readonly withhold: Target["allows"];
}

/** Why the test with these tags must not act, by its needs in the register; undefined for a control, which runs only on a stand-in. */
export function refusalOf(tags: readonly string[], { target, withhold }: Given): CannotTell | undefined {
  const id = tags.find((tag) => /^@[A-Z]{3}-\d{3}$/.test(tag))?.slice(1);
  if (id === undefined || !tags.includes("@requirement")) return undefined;
  const { needs } = requirementOf(id);
  const withheld = needs.filter((need) => withhold.includes(need));
  if (withheld.length > 0) return new NotJudged(`needs ${withheld.join(", ")}`);
  const missing = needs.filter((need) => !target.allows.includes(need));
  if (missing.length === 0) return undefined;
  const words = missing.map((action) => `"${action}"`).join(", ");
  const next = `add ${words} to "allows" of ${target.name} in the inventory`;
  return new CannotTell(problem(`the target does not allow ${missing.join(", ")}`, next));
}

/**
 * The same object, or, with a refusal, one that throws it on every use. So a test stops when it begins to act,
 * and a failing check of the evidence before that still counts.
 */
export function guarded<T extends object>(it: T, refusal: CannotTell | undefined): T {
  if (refusal === undefined) return it;
  const refuse = (): never => {
    throw refusal;
  };
  // `await` reads `then` of every value that a promise resolves to, which is not a use.
  const get = (_: T, key: string | symbol) =>
    key === "then" || typeof key === "symbol" ? undefined : refuse();
  return new Proxy(it, { get, apply: refuse });
}
