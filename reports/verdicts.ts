// The file `verdicts.json`: one phase of a run against one target, row by row; its type, its schema, its door.
import { readFileSync } from "node:fs";
import type { Check } from "../fixtures/judgement.ts";
import { compile, parseJson } from "../fixtures/schema.ts";
import type { Requirement, Row } from "./verdict.ts";
import schema from "./verdicts.schema.json" with { type: "json" };

/** One phase: every requirement judged once against one target. */
export interface Verdicts {
  readonly version: 1;
  /** `before` or `after` the plan was applied, or whatever else the run calls it. */
  readonly phase: string;
  readonly target: string;
  /** When its first test began, and how long it took from then on. */
  readonly startedAt: string;
  readonly ms: number;
  /** How the test run itself ended; `interrupted` means that rows may be missing their tests. */
  readonly status: "passed" | "failed" | "timedout" | "interrupted";
  /** Mistakes of the suite itself, which no requirement answers for. */
  readonly bugs: readonly string[];
  readonly rows: readonly Row[];
}

/** Checks a value against `verdicts.schema.json`. @throws BadInput listing every error. */
export const asVerdicts = compile<Verdicts>("verdicts file", schema);

/** Checks the attachment `checks` of a test. @throws BadInput when it is not an array of checks. */
export const asChecks = compile<Check[]>("checks attachment", {
  type: "array",
  items: { $ref: "#/definitions/check" },
  definitions: schema.definitions,
});

const asRegister = compile<readonly Requirement[]>("register", {
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
      statement: { type: "string" },
      remedies: { type: "array", items: { type: "string" } },
    },
  },
});

/** Reads a verdicts file. @throws BadInput when it is not one. */
export function readVerdicts(file: string): Verdicts {
  const text = readFileSync(file, "utf8");
  return asVerdicts(parseJson(text, file), { file, text });
}

/** Reads what reports need of the register: an array, or an object whose `requirements` is one. */
export function readRegister(file: string): readonly Requirement[] {
  const value = parseJson(readFileSync(file, "utf8"), file);
  const list =
    value !== null && typeof value === "object" && "requirements" in value ? value.requirements : value;
  return asRegister(list, { file });
}
