// OASIS's own schema of SARIF 2.1.0, for tests. It declares draft 4 of JSON Schema, and has nothing that later ones read otherwise.
import published from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json" with { type: "json" };
import { schemaCheck } from "../../fixtures/schema.ts";

const { $schema: _draft, id: _id, ...schema } = published;

/** A pattern of languages in it is no regular expression in Unicode mode. We write no language. */
const misspelt = "^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$";
const readable = JSON.parse(JSON.stringify(schema), (key, value) =>
  key === "pattern" && value === misspelt ? undefined : value,
);

/** The violations of a SARIF log. */
export const sarifErrors = schemaCheck(readable, "the schema of SARIF");
