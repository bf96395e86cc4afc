// The result of a claim on the sample, for tests of claims.
import { expect } from "@playwright/test";
import type { EvidenceDocument } from "../../fixtures/evidence/document.ts";
import type { Evidence } from "../../fixtures/evidence/evidence.ts";
import { type Claim, judge, type Verdict } from "../../fixtures/judgement.ts";
import { type Changes, sample } from "./evidence-builder.ts";

/** A bad state: what it is, the answers that show it, the verdict, and words of a failing check or of the reason. */
export type Bad = readonly [what: string, changes: Changes, verdict: Verdict, words: string];

/** The verdict on the healthy sample with some answers changed, then as JSON the reason and each failing check. */
export function resultOf(
  claim: Claim<Evidence>,
  changes: Changes = {},
  target: Partial<EvidenceDocument["target"]> = {},
): string {
  const { verdict, checks, reason } = judge(claim, sample(changes, target));
  return `${verdict}: ${JSON.stringify([reason, checks.filter(({ ok }) => !ok)])}`;
}

/** Expects the claim's verdict and the words in a bad state. */
export function expectSeen(claim: Claim<Evidence>, [, changes, verdict, words]: Bad): void {
  const said = resultOf(claim, changes);
  expect(said.slice(0, said.indexOf(":")), said).toBe(verdict);
  expect(said).toContain(JSON.stringify(words).slice(1, -1));
}
