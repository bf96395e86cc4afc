// The metadata of a journal entry.
import { type EntryStep, entryChanges, entrySteps, entryWords } from "../../fixtures/journal-entry.ts";
import { compile, parseJson } from "../../fixtures/schema.ts";
import { changesOf, type Plan, say } from "../plan.ts";

/** `plan.json` of an entry: describes it without the contents of the plan's files. */
export interface Meta {
  readonly format: 2;
  /** apply: can be rolled back. converge: runs Phoenix with the tree as it is; can't be rolled back. */
  readonly does: "apply" | "converge";
  readonly target: string;
  /** The digest of the deployment that the entry is for; entries of earlier versions have none. */
  readonly deployment?: string;
  readonly digest: string;
  /** ISO 8601, UTC, by the client's clock. */
  readonly at: string;
  readonly who: string;
  readonly literal: boolean;
  /** The command-line arguments that select steps. */
  readonly choice: readonly string[];
  readonly steps: readonly EntryStep[];
  readonly changes: readonly {
    readonly step: string;
    readonly says: string;
    readonly argv?: readonly string[];
  }[];
  /** Roll back automatically unless confirmed within this many seconds; 0: no timer. */
  readonly confirmWithin: number;
}

const validate = compile<Meta>("entry of the journal", {
  type: "object",
  required: [
    "format",
    "does",
    "target",
    "digest",
    "at",
    "who",
    "literal",
    "choice",
    "steps",
    "changes",
    "confirmWithin",
  ],
  properties: {
    format: { const: 2 },
    does: { enum: ["apply", "converge"] },
    target: { type: "string" },
    deployment: { type: "string" },
    digest: { type: "string" },
    at: { type: "string" },
    who: { type: "string" },
    literal: { type: "boolean" },
    choice: entryWords,
    steps: entrySteps,
    changes: entryChanges,
    confirmWithin: { type: "number", minimum: 0 },
  },
});

/** Reads an entry's `plan.json`. @throws BadInput with the position if it is not valid. */
export function readMeta(text: string, file: string): Meta {
  return validate(parseJson(text, file), { file, text });
}

export interface MetaOptions {
  readonly does: Meta["does"];
  readonly who: string;
  readonly choice: readonly string[];
  readonly confirmWithin: number;
}

/** The metadata of an entry for this plan. */
export function metaOf(plan: Plan, { does, who, choice, confirmWithin }: MetaOptions): Meta {
  return {
    format: 2,
    does,
    target: plan.target,
    deployment: plan.deployment,
    digest: plan.digest,
    at: new Date().toISOString(),
    who,
    literal: plan.literal,
    choice,
    steps: plan.steps
      .filter(({ changes }) => changes.length > 0)
      .map(({ id, kind, plan: task, why }) => ({ id, kind, plan: task, why })),
    changes: changesOf(plan).map(({ step, change }) => ({
      step: step.id,
      says: say(change),
      ...(change.does === "run" && change.phoenixCli && { argv: change.title.split(" ") }),
    })),
    confirmWithin,
  };
}
