// Whether the form `oscal` is valid by NIST's own schema, and whether our schema of it (reports/formats/oscal.schema.json), which
// the tests use, takes nothing that NIST's refuses. No registry that this project uses has NIST's schema: get
// oscal_assessment-results_schema.json of the release that the form declares, and name it here.
// node bench/oscal.ts SCHEMA [RUN…]    without a run: made-up ones with every verdict, a waiver, no result, hostile text
import { readFileSync } from "node:fs";
import { schemaCheck } from "../fixtures/schema.ts";
import { damaged } from "../reports/formats/damaged.ts";
import { formats } from "../reports/formats/index.ts";
import own from "../reports/formats/oscal.schema.json" with { type: "json" };
import { oscalSamples } from "../reports/formats/oscal-samples.ts";
import { readRun } from "../reports/run/file.ts";

const [file, ...paths] = process.argv.slice(2);
if (file === undefined) throw new Error("node bench/oscal.ts SCHEMA [RUN…]");
const runs = paths.length > 0 ? Object.fromEntries(paths.map((path) => [path, readRun(path)])) : oscalSamples;

const schema = JSON.parse(readFileSync(file, "utf8")) as { readonly $id: string };
const version = /\/oscal\/([\d.]+)\//.exec(schema.$id)?.[1];
const nist = schemaCheck(schema, file);
const ours = schemaCheck(own, "reports/formats/oscal.schema.json");
let wrong = 0;
for (const [what, run] of Object.entries(runs)) {
  const document = JSON.parse(formats.oscal(run));
  const declared = document["assessment-results"].metadata["oscal-version"];
  const errors = [...nist(document), ...ours(document)].map(
    ({ path, what: why }) => `${path.join("/")}: ${why}`,
  );
  if (declared !== version) errors.push(`it declares OSCAL ${declared}, and the schema is of ${version}`);
  let refused = 0;
  for (const { how, value } of damaged(document)) {
    if (nist(value).length === 0) continue;
    refused += 1;
    if (ours(value).length === 0) errors.push(`our schema takes it, and NIST's does not: ${how}`);
  }
  console.log(
    `${errors.length === 0 ? "✓" : "✗"} ${what}: of ${refused} damaged documents that NIST's schema refuses, ours refuses all` +
      errors.map((line) => `\n    ${line}`).join(""),
  );
  wrong += errors.length;
}
process.exit(wrong === 0 ? 0 : 1);
