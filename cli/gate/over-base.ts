// What is judged of a tree that is deployed where its base runs: everything that can be seen then, and that data was left alone.
import { register } from "../../specs/register/register.ts";

/**
 * They compare the hypervisor with what it was before: here that is the base, and a tree may well change what the base has.
 * On a stand-in of the tree's own they are judged as always.
 */
const comparing: ReadonlySet<string> = new Set(["GWY-007", "OPS-003"]);

/** The ids of the requirements that are judged there. */
export const judgedOverBase = (): string[] => [
  ...register.filter(({ id, needs }) => needs.length === 1 && !comparing.has(id)).map(({ id }) => id),
  "DEP-002",
];
