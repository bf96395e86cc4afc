// `compare`: what moved between two runs.
import { jsonText } from "../../fixtures/printable.ts";
import { compareRuns, comparisonPage, exitOfComparison } from "../../reports/run/compare.ts";
import { readRun } from "../../reports/run/file.ts";

export interface CompareOptions {
  /** The folders of two runs, or their documents: the earlier one first. */
  readonly before: string;
  readonly now: string;
  readonly json: boolean;
  readonly print: (text: string) => void;
}

/** Prints the comparison. Returns 1 if something newly fails, 2 if something can't be told or compared, else 0. */
export function compare({ before, now, json, print }: CompareOptions): number {
  const comparison = compareRuns(readRun(before), readRun(now));
  print(json ? jsonText({ version: 1, ...comparison }) : comparisonPage(comparison));
  return exitOfComparison(comparison);
}
