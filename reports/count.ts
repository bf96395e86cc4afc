// The counting reporter behind `npm test`: sends one message with the totals to the process that started Playwright.
import type { Reporter, Suite } from "@playwright/test/reporter";

/** How many tests there were, by how they ended. A flaky test is a failed one: nothing here is retried. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Mistakes outside any test, such as a file that does not load. */
  readonly errors: number;
}

export default class CountReporter implements Reporter {
  #suite: Suite | undefined;
  #errors = 0;

  printsToStdio(): boolean {
    return false;
  }

  onBegin(_config: unknown, suite: Suite): void {
    this.#suite = suite;
  }

  onError(): void {
    this.#errors += 1;
  }

  onEnd(): void {
    const outcomes = (this.#suite?.allTests() ?? []).map((test) => test.outcome());
    const count = (...kinds: string[]) => outcomes.filter((outcome) => kinds.includes(outcome)).length;
    const counts: Counts = {
      ...{ passed: count("expected"), failed: count("unexpected", "flaky") },
      ...{ skipped: count("skipped"), errors: this.#errors },
    };
    process.send?.(counts);
  }
}
