// AUT-005. The docker feature stays a valid shell script.
// 1. bash parses the whole script  2. shellcheck reports nothing that it did not report before the plan, of
// what changes what the script does
import { carelessLine, unclosedBlock } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { validScript } from "./claims/script.ts";

test(
  "AUT-005 the docker feature is a valid script",
  requirement("AUT-005"),
  async ({ evidence, earlier }) => {
    await holds(validScript(evidence, earlier));
  },
);

test("AUT-005 is refuted by an unclosed block", control("AUT-005"), async ({ broken, earlier }) => {
  await refuted(validScript(await broken(unclosedBlock), earlier), "unexpected end of file");
});

test(
  "AUT-005 is refuted by a line that does something else than it reads like",
  control("AUT-005"),
  async ({ broken, earlier }) => {
    await refuted(validScript(await broken(carelessLine), earlier), "SC2071");
  },
);
