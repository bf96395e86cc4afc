// Made-up runs that use every part of the form `oscal`: each verdict, a waiver, a target without a result, hostile text.
import { verdicts } from "../../fixtures/judgement.ts";
import type { Run } from "../run/run.ts";
import { sampleRun as runOf } from "../run/sample-accept.ts";
import { sampleRequirement, sampleRun, sampleTarget } from "../run/sample-run.ts";

const hostile = `=1+2 "q", \\ \u001b[31m \u202e 😀 <b> {x="y"}\r\nnext  `;
const texts = { seen: hostile, reason: hostile, statement: hostile, title: hostile };

/** By what is in them. */
export const oscalSamples: Readonly<Record<string, Run>> = {
  "a host that fails, one that passes, one without a result": sampleRun(),
  "every verdict, and a waiver": runOf(verdicts),
  "nothing judged": runOf(["not judged"]),
  "hostile text": sampleRun({
    targets: [
      sampleTarget(hostile, { requirements: [sampleRequirement("STO-001", { verdict: "fail", ...texts })] }),
    ],
  }),
};
