// Whether the form `oscal` is valid by NIST's own schema. No registry that this project uses has that schema, so it is no part of
// the tests: get oscal_assessment-results_schema.json of the release that the form declares, and name it here.
// node bench/oscal.ts SCHEMA [RUN…]    without a run: made-up ones with every verdict, a waiver, no result, hostile text
import { readFileSync } from "node:fs";
import { verdicts } from "../fixtures/judgement.ts";
import { schemaErrors } from "../fixtures/schema.ts";
import { formats } from "../reports/formats/index.ts";
import { readRun } from "../reports/run/file.ts";
import type { Run } from "../reports/run/run.ts";
import { sampleRun as runOf } from "../reports/run/sample-accept.ts";
import { sampleRequirement, sampleRun, sampleTarget } from "../reports/run/sample-run.ts";

const [file, ...paths] = process.argv.slice(2);
if (file === undefined) throw new Error("node bench/oscal.ts SCHEMA [RUN…]");
const hostile = `=1+2 "q", \\ \u001b[31m \u202e 😀 <b> {x="y"}\r\nnext  `;
const texts = { seen: hostile, reason: hostile, statement: hostile, title: hostile };
const samples: Readonly<Record<string, Run>> = {
  "a host that fails, one that passes, one without a result": sampleRun(),
  "every verdict, and a waiver": runOf(verdicts),
  "nothing judged": runOf(["not judged"]),
  "hostile text": sampleRun({
    targets: [
      sampleTarget(hostile, { requirements: [sampleRequirement("STO-001", { verdict: "fail", ...texts })] }),
    ],
  }),
};
const runs = paths.length > 0 ? Object.fromEntries(paths.map((path) => [path, readRun(path)])) : samples;

const schema = JSON.parse(readFileSync(file, "utf8")) as { readonly $id: string };
const version = /\/oscal\/([\d.]+)\//.exec(schema.$id)?.[1];
let wrong = 0;
for (const [what, run] of Object.entries(runs)) {
  const document = JSON.parse(formats.oscal(run));
  const declared = document["assessment-results"].metadata["oscal-version"];
  const errors = schemaErrors(schema, document, file).map(
    ({ path, what: why }) => `${path.join("/")}: ${why}`,
  );
  if (declared !== version) errors.push(`it declares OSCAL ${declared}, and the schema is of ${version}`);
  console.log(`${errors.length === 0 ? "✓" : "✗"} ${what}${errors.map((line) => `\n    ${line}`).join("")}`);
  wrong += errors.length;
}
process.exit(wrong === 0 ? 0 : 1);
