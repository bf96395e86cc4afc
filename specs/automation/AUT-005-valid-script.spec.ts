// AUT-005. The docker feature stays a valid shell script.
// 1. bash parses the whole script  2. shellcheck reports nothing that it did not report before the plan
import { join } from "node:path";
import { readEvidence } from "../../fixtures/evidence/collect.ts";
import { carelessLine, unclosedBlock } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { validScript } from "./claims/script.ts";

const before = (run: string) => () => readEvidence(join(run, "before", "evidence.json"));

test("AUT-005 the docker feature is a valid script", requirement("AUT-005"), async ({ evidence, run }) => {
  await holds(validScript(evidence, before(run)));
});

test("AUT-005 is refuted by an unclosed block", control("AUT-005"), async ({ broken, run }) => {
  await refuted(validScript(await broken(unclosedBlock), before(run)), "unexpected end of file");
});

test(
  "AUT-005 is refuted by a line that shellcheck warns about",
  control("AUT-005"),
  async ({ broken, run }) => {
    await refuted(validScript(await broken(carelessLine), before(run)), "SC2086");
  },
);
