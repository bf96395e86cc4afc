// The values of a deployment as they would stand in a text: for tests that look for those that should not be there.
import type { Deployment } from "../../fixtures/deployment/deployment.ts";

/** Every value of the document by its field, such as `gateway.ctid`. */
export const fieldsOf = (deployment: Deployment): readonly (readonly [field: string, value: string])[] =>
  Object.entries(deployment).flatMap(([part, values]) =>
    Object.entries(values as Record<string, string | number>).map(
      ([name, value]) => [`${part}.${name}`, String(value)] as const,
    ),
  );

/** Every value of the document. */
export const valuesOf = (deployment: Deployment): readonly string[] =>
  fieldsOf(deployment).map(([, value]) => value);

/** Whether a value is in a text as a word of its own: a number is not in a longer one, nor in an address. */
export function hasWord(text: string, value: string): boolean {
  const quoted = value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\w.-])${quoted}(?![\\w-]|\\.\\w)`).test(text);
}
