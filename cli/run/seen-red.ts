// When each control was last seen red. Kept between runs, since most runs run no controls.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { compile, parseJson } from "../../fixtures/schema.ts";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import schema from "../../reports/run/run.schema.json" with { type: "json" };
import type { SeenRed, Tool } from "../../reports/run/run.ts";
import type { Row } from "../../reports/verdict.ts";
import { outputFolder } from "./output.ts";

/** By requirement: the revision that the controls were run with, and when each was last seen red. */
export type Seen = Readonly<
  Record<string, { readonly revision: number; readonly controls: readonly SeenRed[] }>
>;

const { definitions } = schema;
const check = compile<Seen>("record of controls", {
  type: "object",
  propertyNames: definitions.id,
  additionalProperties: {
    type: "object",
    required: ["revision", "controls"],
    additionalProperties: false,
    properties: {
      revision: { type: "integer", minimum: 1 },
      controls: definitions.requirement.properties.lastRed,
    },
  },
  definitions,
});

const fileIn = (environment: Pick<HostEnvironment, "output">) =>
  join(outputFolder(environment), "controls-seen-red.json");

/** What was seen so far. @throws BadInput if the file is damaged. */
export function readSeenRed(environment: Pick<HostEnvironment, "output">): Seen {
  const file = fileIn(environment);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return {};
  }
  return check(parseJson(text, file), { file, text });
}

/** For each requirement, the controls that were seen red with its present revision. */
export const ofRevisions = (
  seen: Seen,
  register: readonly { readonly id: string; readonly revision: number }[],
): Record<string, readonly SeenRed[]> =>
  Object.fromEntries(
    register.flatMap(({ id, revision }) => {
      const own = seen[id];
      return own?.revision === revision ? [[id, own.controls]] : [];
    }),
  );

/**
 * What was seen, with the controls of a run added. A control that did not go red is no longer one that was seen red, nor is one
 * of another revision, or one that is gone from a spec whose controls all ran.
 */
export function withControlsOf(
  seen: Seen,
  rows: readonly Pick<Row, "id" | "revision" | "controls">[],
  { version, commit }: Pick<Tool, "version" | "commit">,
  at: string,
): Seen {
  const now = rows
    .filter(({ controls }) => controls.shown.length > 0)
    .map(({ id, revision, controls }) => {
      const red = controls.shown.filter((one) => one.red);
      const own = red.map(({ title, modes }) => ({ control: title, modes, at, tool: commit ?? version }));
      const others = controls.names.filter((name) => !controls.shown.some(({ title }) => title === name));
      const earlier = seen[id]?.revision === revision ? (seen[id]?.controls ?? []) : [];
      const kept = earlier.filter(({ control }) => others.includes(control));
      return [id, { revision, controls: [...own, ...kept] }] as const;
    });
  return { ...seen, ...Object.fromEntries(now) };
}

/** Writes it, atomically. */
export function writeSeenRed(environment: Pick<HostEnvironment, "output">, seen: Seen): void {
  const file = fileIn(environment);
  mkdirSync(dirname(file), { recursive: true });
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, `${JSON.stringify(seen, null, 2)}\n`);
  renameSync(part, file);
}
