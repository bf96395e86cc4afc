// How a spec ends: a claim holds, or it is refuted. Both show every check before they judge.
import { type TestInfo, test } from "@playwright/test";
import { CannotTell } from "../fixtures/errors.ts";
import { redact } from "../fixtures/evidence/redact.ts";
import type { Check } from "../fixtures/judgement.ts";

/** A requirement that does not hold: an answer about the target, not about this suite. */
export class NotMet extends Error {
  override readonly name = "NotMet";
}

/**
 * Attaches the checks, then fails unless there is one and all are ok.
 * @throws NotMet with expected, found, where and next of each failing check; CannotTell when nothing was looked at.
 */
export async function holds(checks: readonly Check[]): Promise<void> {
  await attach(test.info(), "checks", checks);
  if (checks.length === 0) throw new CannotTell("the claim looked at nothing");
  const failing = checks.filter(({ ok }) => !ok);
  if (failing.length > 0) throw new NotMet(tell(failing, checks.length));
}

/**
 * For controls: passes only when the same claim fails, and with these words in what it expected, found or where.
 * A claim that throws is no refutation.
 */
export async function refuted(checks: readonly Check[], words: string): Promise<void> {
  await attach(test.info(), "refuted", checks);
  const failing = checks.filter(({ ok }) => !ok);
  const said = failing.some(({ expected, found, where }) =>
    [expected, found, where].some((text) => text.includes(words)),
  );
  if (failing.length === 0) throw new Error(`The fault was not seen: all ${checks.length} checks hold`);
  if (!said) throw new Error(`Red for another reason than "${words}":\n${tell(failing, checks.length)}`);
}

function attach(info: TestInfo, name: string, checks: readonly Check[]): Promise<void> {
  return info.attach(name, {
    body: redact(JSON.stringify(checks, null, 1)),
    contentType: "application/json",
  });
}

/** One paragraph a failing check, in the words an operator can act on. */
export function tell(failing: readonly Check[], all: number): string {
  // The level stands last: a line that ends in `file:line:column` would be taken for a stack frame.
  const paragraphs = failing.map(({ level, where, expected, found, next }) => {
    const rows = [`  expected  ${expected}`, `  found     ${found}`, `  where     ${where} (${level})`];
    return [...rows, ...(next ? [`  next      ${next}`] : [])].join("\n");
  });
  const summary = `${failing.length} of ${all} ${all === 1 ? "check does" : "checks do"} not hold`;
  return redact([summary, ...paragraphs].join("\n\n"));
}
