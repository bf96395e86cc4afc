// The sentence at the top of a report: the verdict, and how many requirements hold.
import { type Verdict, verdicts } from "../../fixtures/judgement.ts";
import type { RunTarget } from "../run/run.ts";

const words = { pass: "PASS", fail: "FAIL", unknown: "COULD NOT TELL", error: "NO RESULT" } as const;

/** `PASS: 43 of 43 requirements hold on stand-in`, with the numbers of all other verdicts. Before the plan counts for nothing. */
export function headline({ target, verdict, requirements }: RunTarget): string {
  const count = (wanted: Verdict) => requirements.filter((one) => one.verdict === wanted).length;
  const others = verdicts
    .filter((one) => one !== "pass" && count(one) > 0)
    .map((one) => `${count(one)} ${one}`);
  const lead = `${words[verdict]}: ${count("pass")} of ${requirements.length} requirements hold on ${target}`;
  return [lead, ...others].join(", ");
}
