// The reporter that counts for `npm test`: sends one message with the totals to the process that started Playwright.
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Reporter, Suite, TestCase, TestError } from "@playwright/test/reporter";

/** The numbers of tests by result. A flaky test counts as failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Errors outside any test, such as a file that does not load. */
  readonly errors: number;
  /** Each failed test and each error outside a test, in a line: where, which, why. */
  readonly wrong: readonly string[];
}

export default class CountReporter implements Reporter {
  #suite: Suite | undefined;
  readonly #errors: string[] = [];

  printsToStdio(): boolean {
    return false;
  }

  onBegin(_config: unknown, suite: Suite): void {
    this.#suite = suite;
  }

  onError(error: TestError): void {
    const { file, line } = error.location ?? {};
    this.#errors.push(
      `${file ? `${relative(process.cwd(), file)}:${line}` : "outside any test"}: ${why(error)}`,
    );
  }

  onEnd(): void {
    const tests = this.#suite?.allTests() ?? [];
    const those = (...kinds: string[]) => tests.filter((test) => kinds.includes(test.outcome()));
    const failed = those("unexpected", "flaky");
    const counts: Counts = {
      ...{ passed: those("expected").length, failed: failed.length },
      ...{ skipped: those("skipped").length, errors: this.#errors.length },
      wrong: [...failed.map(inWords), ...this.#errors],
    };
    process.send?.(counts);
  }
}

function inWords({ location: { file, line }, title, results }: TestCase): string {
  const [error] = results.flatMap(({ errors }) => errors);
  return `${relative(process.cwd(), file)}:${line} › ${title}: ${why(error)}`;
}

/** The first line of an error, without colours. */
function why({ message, value }: TestError = {}): string {
  const [line = ""] = stripVTControlCharacters(message ?? value ?? "").split("\n");
  return line.slice(0, 300) || "it gave no reason";
}
