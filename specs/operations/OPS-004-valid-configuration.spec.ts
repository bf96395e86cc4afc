// OPS-004. The configuration files have no new error under their own schemas, and the objects that the plan edits are valid.
import { namelessTemplate, portAsNumber } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { noLessValid } from "./claims/validity.ts";

test("OPS-004 no file has a new schema error", requirement("OPS-004"), async ({ evidence, earlier }) => {
  await holds(noLessValid(earlier(), evidence));
});

test("OPS-004 is refuted by a template without a name", control("OPS-004"), async ({ evidence, broken }) => {
  await refuted(
    noLessValid(evidence, await broken(namelessTemplate)),
    "/vms/0 must have required property 'name'",
  );
});

test(
  "OPS-004 is refuted by a numeric port in the rule that the plan adds",
  control("OPS-004"),
  async ({ evidence, broken }) => {
    await refuted(noLessValid(evidence, await broken(portAsNumber)), "port must be string");
  },
);
