// Saves plans to files, for review and for a later apply, and reads them with validation.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { BadInput, problem } from "../fixtures/errors.ts";
import { toType } from "../fixtures/quote.ts";
import { compile, parseJson } from "../fixtures/schema.ts";
import { type Plan, planDigest } from "./plan.ts";

const text = { type: "string" };
const words = { type: "array", items: text };
const script = { type: "object", required: ["script", "args"], properties: { script: text, args: words } };
// Paths must be absolute and without `..`: a plan runs as root.
const path = { type: "string", pattern: "^/(?!.*(^|/)\\.\\.(/|$))" };
const mode = { type: "string", pattern: "^[0-7]{3,4}$" };
const change = {
  type: "object",
  required: ["does"],
  oneOf: [
    {
      required: ["path", "after", "mode"],
      additionalProperties: false,
      properties: { does: { const: "write-file" }, path, before: text, after: text, mode },
    },
    {
      required: ["path", "mode"],
      additionalProperties: false,
      properties: { does: { const: "make-directory" }, path, mode },
    },
    {
      required: ["title", "script", "args"],
      additionalProperties: false,
      properties: {
        does: { const: "run" },
        title: text,
        script: text,
        args: words,
        phoenixCli: { type: "boolean" },
        undo: script,
        settles: { type: "boolean" },
        touches: { type: "array", items: path },
      },
    },
  ],
};

const validate = compile<Plan>("plan", {
  type: "object",
  required: ["format", "target", "deployment", "literal", "choice", "fingerprint", "steps", "digest"],
  properties: {
    format: { const: 3 },
    target: text,
    deployment: text,
    literal: { type: "boolean" },
    choice: words,
    fingerprint: { type: "object", additionalProperties: text },
    digest: text,
    steps: {
      type: "array",
      items: {
        type: "object",
        required: ["id", "kind", "plan", "remedies", "serves", "why", "changes"],
        properties: {
          id: text,
          kind: { enum: ["literal", "remedy"] },
          plan: text,
          remedies: words,
          serves: words,
          why: text,
          nothing: text,
          changes: { type: "array", items: change },
        },
      },
    },
  },
});

/** Writes a plan atomically, readable only by its owner: it contains the text of configuration files. */
export function savePlan(file: string, plan: Plan): void {
  const part = `${file}.part`;
  try {
    // A file that is there already keeps its mode, or is a link.
    rmSync(part, { force: true });
    const open = openSync(part, "wx", 0o600);
    writeSync(open, `${JSON.stringify(plan, null, 2)}\n`);
    fsyncSync(open);
    closeSync(open);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw new BadInput(
      problem(`The plan can't be written to ${file}: ${(error as Error).message}`, toType`ls -ld ${file}`),
    );
  }
}

/**
 * Reads a saved plan.
 * @throws BadInput if it is not a plan, or was edited after it was saved.
 */
export function readPlan(file: string): Plan {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch {
    throw new BadInput(problem(`Plan not readable: ${file}`, toType`ls -l ${file}`));
  }
  const plan = validate(parseJson(content, file), { file, text: content });
  const digest = planDigest(plan.steps);
  if (digest === plan.digest) return plan;
  throw new BadInput(
    problem(
      `${file} was edited after it was saved: it names the digest ${plan.digest}, but has ${digest}`,
      "npm run phoenix -- plan --out FILE",
    ),
  );
}
