// Options for `allure-playwright`. Its results are raw material: `transcripts.ts` takes from them what each test did.
import { join } from "node:path";
import type { ReporterConfig } from "allure-js-commons/sdk/reporter";

const root = `${join(import.meta.dirname, "../..")}/`;

/** `["allure-playwright", allureOptions(dir)]` in Playwright's configuration. Each phase has its own folder. */
export function allureOptions(resultsDir: string): ReporterConfig & { readonly detail: boolean } {
  return {
    resultsDir,
    detail: true,
    listeners: [
      {
        beforeTestResultWrite(result) {
          // The computer that ran the tests is nobody's business, nor are the paths on it.
          result.labels = result.labels.filter(({ name }) => name !== "host" && name !== "thread");
          const { message, trace } = result.statusDetails;
          result.statusDetails = {
            ...(message && { message: message.replaceAll(root, "") }),
            ...(trace && { trace: trace.replaceAll(root, "") }),
          };
        },
      },
    ],
  };
}
