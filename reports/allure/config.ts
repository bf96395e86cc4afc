// Settings of the HTML report: one file, grouped by the plan, categories that say who has to act, and the quality gate.
import type { AllureConfig } from "allure";
import { blames } from "./blame.ts";

/** How many earlier runs of a target a report can show. */
const historyLimit = 50;

type Label = { readonly name: string; readonly value?: string | undefined };
type Judged = { readonly id: string; readonly labels: readonly Label[] };

const verdictIn = ({ labels }: Judged) => labels.find(({ name }) => name === "verdict")?.value ?? "unknown";

/** The rules of the gate, as the page names them. A waived failure breaks none. */
export const gateRules = {
  fail: "No requirement fails",
  unknown: "No verdict is unknown",
  open: "What had to be judged was judged",
} as const;

/** A rule of the gate: how many requirements may have this verdict, and the sentence that says it. */
const countRule = (rule: string, verdicts: readonly string[], words: string) => ({
  rule,
  message: ({ actual, expected }: { actual: unknown; expected: unknown }) =>
    `${actual} ${words}; at most ${expected} may`,
  successMessage: ({ actual }: { actual: unknown }) => `${actual} ${words}`,
  async validate({ trs, expected }: { trs: readonly Judged[]; expected: unknown }) {
    const those = trs.filter((one) => verdicts.includes(verdictIn(one)));
    return {
      success: those.length <= Number(expected),
      actual: those.length,
      testResults: those.map(({ id }) => id),
    };
  },
});

/** What a report is made with. */
export interface ReportSettings {
  /** The sentence at the top: the verdict. */
  readonly name: string;
  readonly output: string;
  /** The file with the earlier runs of this target, to which this run is added; none for no history. */
  readonly history?: string;
  /** Requirements that need not be judged: a run that was not asked to do all. */
  readonly mayBeOpen: number;
}

/** Allure's configuration. */
export function allureConfig({ name, output, history, mayBeOpen }: ReportSettings): AllureConfig {
  return {
    name,
    output,
    plugins: {
      awesome: {
        options: {
          singleFile: true,
          reportLanguage: "en",
          groupBy: ["epic", "feature"],
          defaultSortBy: "name,asc",
          sections: [],
          stepTreeExpansion: "expanded",
        },
      },
    },
    hideLabels: ["host", "story"],
    ...(history === undefined ? {} : { historyPath: history, historyLimit }),
    appendHistory: history !== undefined,
    categories: {
      rules: Object.entries(blames).map(([blame, sentence]) => ({
        name: sentence,
        matchers: { labels: { responsible: blame } },
        groupByMessage: false,
        expand: blame !== "not judged",
      })),
    },
    qualityGate: {
      rules: [{ [gateRules.fail]: 0, [gateRules.unknown]: 0, [gateRules.open]: mayBeOpen }],
      use: [
        countRule(gateRules.fail, ["fail"], "requirements fail"),
        countRule(gateRules.unknown, ["unknown", "pending"], "requirements are undetermined"),
        countRule(gateRules.open, ["not judged"], "requirements were not judged"),
      ],
    },
  };
}
