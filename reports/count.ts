// The reporter that counts for `npm test`: sends one message with the totals to the process that started Playwright.
import type { Reporter, Suite } from "@playwright/test/reporter";

/** The numbers of tests by result. A flaky test counts as failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Errors outside any test, such as a file that does not load. */
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
