// FWL-005. The firewall files of the gateway and of the docker host hold the declared rules and policies, each once.
import * as faults from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { deliveredAsDeclared } from "./claims/delivered.ts";

test(
  "FWL-005 the firewall files hold the declared rules and no others",
  requirement("FWL-005"),
  async ({ evidence }) => {
    await holds(deliveredAsDeclared(evidence));
  },
);

test(
  "FWL-005 is refuted by a gateway that accepts every connection",
  control("FWL-005"),
  async ({ broken }) => {
    await refuted(deliveredAsDeclared(await broken(faults.gatewayForAll)), "IN ACCEPT is not declared");
  },
);

test("FWL-005 is refuted by a port that no one declared", control("FWL-005"), async ({ broken }) => {
  await refuted(deliveredAsDeclared(await broken(faults.undeclaredPort)), "-dport 8080 is not declared");
});

test("FWL-005 is refuted by a rule that is written twice", control("FWL-005"), async ({ broken }) => {
  await refuted(deliveredAsDeclared(await broken(faults.ruleTwice)), "repeats line");
});

test("FWL-005 is refuted by a declared rule that is missing", control("FWL-005"), async ({ broken }) => {
  await refuted(deliveredAsDeclared(await broken(faults.ruleGone)), "is not there");
});
