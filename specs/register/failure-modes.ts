// Failures that happened in deployments like this one, by stable ids. Controls reproduce them and name their ids.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile, parseJson } from "../../fixtures/schema.ts";
import schema from "./failure-modes.schema.json" with { type: "json" };

export interface FailureMode {
  readonly id: string;
  /** D: can be reproduced in this topology. A: happened in another one. */
  readonly seed: "D" | "A";
  readonly what: string;
  /** Why no control reproduces it. */
  readonly because?: string;
}

const file = fileURLToPath(new URL("failure-modes.json", import.meta.url));
const check = compile<{ modes: FailureMode[] }>("list of failure modes", schema);
const text = readFileSync(file, "utf8");

/** All of them, in the order of their ids. */
export const failureModes: readonly FailureMode[] = check(parseJson(text, file), { file, text }).modes;

/** The failure mode of that id. @throws Error for an unknown id, which is an error in a spec. */
export function failureMode(id: string): FailureMode {
  const found = failureModes.find((each) => each.id === id);
  if (!found) throw new Error(`This is a bug in the suite: no failure mode "${id}" in failure-modes.json`);
  return found;
}
