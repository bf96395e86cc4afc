// The file `verdicts.json`: one phase of a run against one target. Its type, its schema, and its reader.
import { readFileSync } from "node:fs";
import type { Check } from "../fixtures/judgement.ts";
import { compile, parseJson } from "../fixtures/schema.ts";
import type { Requirement, Row } from "./verdict.ts";
import schema from "./verdicts.schema.json" with { type: "json" };

/** One phase: every requirement judged once against one target. */
export interface Verdicts {
  readonly version: 1;
  /** `before` or `after` the plan was applied, or another name that the run chose. */
  readonly phase: string;
  readonly target: string;
  /** The start of its first test, and the duration since then. */
  readonly startedAt: string;
  readonly ms: number;
  /** How the test run ended. After `interrupted`, tests may be missing. */
  readonly status: "passed" | "failed" | "timedout" | "interrupted";
  /** Errors of the suite itself, which belong to no requirement. */
  readonly bugs: readonly string[];
  readonly rows: readonly Row[];
}

/** Checks a value against `verdicts.schema.json`. @throws BadInput listing every error. */
export const asVerdicts = compile<Verdicts>("verdicts file", schema);

/** Checks the attachment `checks` of a test. @throws BadInput if it is not an array of checks. */
export const asChecks = compile<Check[]>("checks attachment", {
  type: "array",
  items: { $ref: "#/definitions/check" },
  definitions: schema.definitions,
});

/** Checks what reports need of a register. @throws BadInput listing every error. */
export const asRegister = compile<readonly Requirement[]>("register", {
  type: "array",
  minItems: 1,
  items: {
    type: "object",
    required: ["id", "revision", "kind", "plan", "severity", "statement", "levels", "remedies"],
    properties: {
      id: { type: "string", pattern: "^[A-Z]{3}-[0-9]{3}$" },
      revision: { type: "integer", minimum: 1 },
      kind: { enum: ["L", "R"] },
      levels: { type: "array", minItems: 1, items: schema.definitions.level },
      plan: { type: "string" },
      severity: { enum: ["must", "should"] },
      statement: { type: "string", pattern: "^[^{}]*$", description: "a statement without placeholders" },
      remedies: { type: "array", items: { type: "string" } },
      follows: schema.definitions.row.properties.follows,
    },
  },
});

/** Reads a verdicts file. @throws BadInput if it is not one. */
export function readVerdicts(file: string): Verdicts {
  const text = readFileSync(file, "utf8");
  return asVerdicts(parseJson(text, file), { file, text });
}
