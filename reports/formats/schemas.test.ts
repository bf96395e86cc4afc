// Each form is what its own schema or a real reader takes, for every made-up run; and the schemas refuse what is damaged. HDF
// (Heimdall's library), CSV and Prometheus (their grammars) are in forms.test.ts, Markdown in hostile.test.ts.
import { junitXml } from "@allurereport/reader";
import { expect, test } from "@playwright/test";
import { schemaCheck } from "../../fixtures/schema.ts";
import { judgedTargets } from "../run/run.ts";
import { damaged } from "./damaged.ts";
import inTotoSchema from "./in-toto.schema.json" with { type: "json" };
import { formats } from "./index.ts";
import oscalSchema from "./oscal.schema.json" with { type: "json" };
import { oscalSamples } from "./oscal-samples.ts";
import { sarifErrors } from "./sarif-schema.ts";

const schemas = {
  oscal: schemaCheck(oscalSchema, "our schema of OSCAL"),
  sarif: sarifErrors,
  "in-toto": schemaCheck(inTotoSchema, "our schema of in-toto"),
};

for (const [form, check] of Object.entries(schemas) as [keyof typeof schemas, (typeof schemas)["oscal"]][])
  for (const [what, run] of Object.entries(oscalSamples))
    test(`${form} is valid: ${what}`, () => {
      expect(check(JSON.parse(formats[form](run)))).toEqual([]);
    });

/** What a damaged document may be all the same: text that may be any, a list that may have fewer entries, what may be absent. */
const allowed: Readonly<Record<"oscal" | "in-toto", RegExp>> = {
  oscal:
    /(?:\/0|relevant-evidence|related-risks|deadline|include-all|(?:in|ex)clude-controls|observations|findings|risks) is removed$|(?:description|statement|value|title|version) is |(?:selections\/0|include-all) is \{\}$/,
  "in-toto": /(?:Tests|configuration)(?:\/0 is removed$|\/0 is "| is \[\]$)|subject\/0 is removed$|name is "/,
};

for (const form of ["oscal", "in-toto"] as const)
  test(`${form}: a document with a member less, one too many or one of another kind is refused`, () => {
    const taken = Object.entries(oscalSamples).flatMap(([what, run]) =>
      [...damaged(JSON.parse(formats[form](run)))]
        .filter(({ value }) => schemas[form](value).length === 0)
        .map(({ how }) => `${what}: ${how}`),
    );
    expect(taken.filter((how) => !allowed[form].test(how))).toEqual([]);
    expect(taken.filter((how) => / is (?:null|7)$/.test(how))).toEqual([]);
  });

test("JUnit: Allure's own reader has each requirement with the document's verdict", async () => {
  const statuses = { pass: "passed", fail: "failed", unknown: "broken" } as const;
  for (const [what, run] of Object.entries(oscalSamples)) {
    const read: string[] = [];
    const text = formats.junit(run);
    const visitor = {
      visitTestResult: async ({ name, status }: { name?: string; status?: string }) => {
        read.push(`${name?.split(" ", 1)} ${status}`);
      },
    };
    const file = { getOriginalFileName: () => "run.xml", asUtf8String: async () => text };
    expect(await junitXml.read(visitor as never, file as never), what).toBe(true);
    const wanted = judgedTargets(run).flatMap(({ requirements }) =>
      requirements.map(
        ({ id, verdict }) => `${id} ${statuses[verdict as keyof typeof statuses] ?? "skipped"}`,
      ),
    );
    expect(
      read.filter((line) => /^[A-Z]{3}-\d{3} /.test(line)),
      what,
    ).toEqual(wanted);
  }
});
