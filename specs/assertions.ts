// How a spec ends: a claim holds, or it is refuted. Both attach every check to the report before they decide.
import { type TestInfo, test } from "@playwright/test";
import { counted } from "../fixtures/counted.ts";
import { CannotTell } from "../fixtures/errors.ts";
import { redact } from "../fixtures/evidence/redact.ts";
import { type Check, fails, tellNotImitated } from "../fixtures/judgement.ts";

/** A requirement that does not hold: an answer about the target, not about this suite. */
export class NotMet extends Error {
  override readonly name = "NotMet";
}

/**
 * Attaches the checks, then fails when there are none or one of them fails.
 * @throws NotMet with expected, found, where and next of each failing check; CannotTell when there are no checks, or when
 * the target cannot imitate anything that a level checks.
 */
export function holds(checks: readonly Check[]): Promise<void> {
  return noted("holds", holding(checks));
}

async function holding(checks: readonly Check[]): Promise<void> {
  await attach(test.info(), "checks", checks);
  if (checks.length === 0) throw new CannotTell("the claim looked at nothing");
  const failing = checks.filter(fails);
  if (failing.length > 0) throw new NotMet(tell(failing, checks.length));
  const missing = tellNotImitated(checks);
  if (missing !== undefined) throw new CannotTell(missing);
}

/**
 * For controls: passes only when the same claim fails with these words in its expected, found or where.
 * A claim that throws refutes nothing, and neither does a check that the target cannot imitate.
 */
export function refuted(checks: readonly Check[], words: string): Promise<void> {
  return noted("refuted", refuting(checks, words));
}

async function refuting(checks: readonly Check[], words: string): Promise<void> {
  await attach(test.info(), "refuted", checks);
  const failing = checks.filter(fails);
  const said = failing.some(({ expected, found, where }) =>
    [expected, found, where].some((text) => text.includes(words)),
  );
  if (failing.length === 0) throw new Error(`The fault was not seen: none of ${checks.length} checks fails`);
  if (!said) throw new Error(`Red for another reason than "${words}":\n${tell(failing, checks.length)}`);
}

/** A pending verdict. It records whether the test awaits it: a rejection that is not awaited would not fail the test. */
class Awaitable extends Promise<undefined> {
  awaited = false;

  // biome-ignore lint/suspicious/noThenProperty: `await` calls `then`, and that call is recorded.
  override then<A = undefined, B = never>(
    done?: ((value: undefined) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.awaited = true;
    return super.then(done, failed);
  }

  static override get [Symbol.species]() {
    return Promise;
  }
}

const given = new WeakMap<TestInfo, { readonly name: string; readonly verdict: Awaitable }[]>();

function noted(name: string, work: Promise<void>): Promise<void> {
  const verdict = new Awaitable((resolve, reject) => {
    work.then(() => resolve(undefined), reject);
  });
  // Without this, a rejection that is not awaited would be reported outside of any test; `assertAwaited` reports it in its test.
  void Promise.prototype.then.call(verdict, undefined, () => {});
  const info = test.info();
  given.set(info, [...(given.get(info) ?? []), { name, verdict }]);
  return verdict;
}

/**
 * Called after each test of a spec.
 * @throws Error when a `holds` or `refuted` was not awaited, or the test passed without either, so it could never fail.
 */
export async function assertAwaited(info: TestInfo): Promise<void> {
  const all = given.get(info) ?? [];
  const forgotten = all.find(({ verdict }) => !verdict.awaited);
  await Promise.allSettled(all.map(({ verdict }) => verdict)); // so that their attachments go to this test
  if (forgotten)
    throw new Error(`This is a bug in the suite: ${forgotten.name}(…) was called and not awaited: await it`);
  if (all.length === 0 && info.status === "passed")
    throw new Error("This is a bug in the suite: the test has called neither holds(…) nor refuted(…)");
}

function attach(info: TestInfo, name: string, checks: readonly Check[]): Promise<void> {
  return info.attach(name, {
    body: redact(JSON.stringify(checks, null, 1)),
    contentType: "application/json",
  });
}

/** One paragraph for each failing check: what was expected and found, where, and what to do next. */
export function tell(failing: readonly Check[], all: number): string {
  // The level comes last: Playwright takes a line that ends in `file:line:column` for a stack frame.
  const paragraphs = failing.map(({ level, where, expected, found, next }) => {
    const rows = [`  expected  ${expected}`, `  found     ${found}`, `  where     ${where} (${level})`];
    return [...rows, ...(next ? [`  next      ${next}`] : [])].join("\n");
  });
  const summary = `${failing.length} of ${counted(all, "check does", "checks do")} not hold`;
  return redact([summary, ...paragraphs].join("\n\n"));
}
