// The register: every requirement by its id. Only what is in it is required, and every run has a row for each.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { compile, parseJson } from "../../fixtures/schema.ts";
import type { Action } from "../../fixtures/target/inventory.ts";
import type { Described } from "../../reports/verdict.ts";
import schema from "./register.schema.json" with { type: "json" };

/** One entry. Its statement has places for values: `{dockerHost.vmid}` is replaced by that of a deployment, see `rendered`. */
export interface Requirement extends Described {
  /** Every action that its test takes, which the target must allow. */
  readonly needs: readonly Action[];
  /** serial: it reads the live target, so no other test may act meanwhile. last: it removes what the others judge. */
  readonly turn?: "serial" | "last";
}

const file = fileURLToPath(new URL("register.json", import.meta.url));
const check = compile<{ requirements: Requirement[] }>("register", schema);

/** Reads a register. @throws BadInput with file and line when it is invalid. */
export function readRegister(path = file): readonly Requirement[] {
  const text = readFileSync(path, "utf8");
  return check(parseJson(text, path), { file: path, text }).requirements;
}

/**
 * A statement with the deployment's values in the place of `{part.field}`.
 * @throws Error for an unknown placeholder, which is an error in the register.
 */
export function rendered(statement: string, deployment: Deployment): string {
  const parts = deployment as unknown as Record<string, Record<string, string | number> | undefined>;
  return statement.replace(/\{([^{}]*)\}/g, (placeholder, name: string) => {
    const [part = "", field = "", ...more] = name.split(".");
    const value = more.length === 0 ? parts[part]?.[field] : undefined;
    if (value === undefined)
      throw new Error(`This is a bug in the suite: no deployment has ${placeholder}: "${statement}"`);
    return String(value);
  });
}

/** All requirements, with a deployment's values in their statements. */
export const registerFor = (deployment: Deployment): readonly Requirement[] =>
  register.map((entry) => ({ ...entry, statement: rendered(entry.statement, deployment) }));

/** All requirements, in the register's order. */
export const register = readRegister();

/** The requirement of that id. @throws Error for an unknown id, which is an error in a spec. */
export function requirementOf(id: string): Requirement {
  const found = register.find((each) => each.id === id);
  if (!found) throw new Error(`This is a bug in the suite: no requirement "${id}" in the register`);
  return found;
}
