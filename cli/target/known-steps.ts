// Checks the names of steps that a user typed, before anything starts.
import { BadInput, problem } from "../../fixtures/errors.ts";
import { toType } from "../../fixtures/quote.ts";
import { steps } from "../../provision/steps/index.ts";

/** @throws BadInput with the names that exist if one of these does not. */
export function checkSteps(names: readonly string[], command: string): void {
  const known = steps.map(({ id }) => id);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const what = `There is no step ${unknown.join(", ")}; there are ${known.join(", ")}`;
  throw new BadInput(problem(what, toType`npm run phoenix -- ${command} --help`));
}
