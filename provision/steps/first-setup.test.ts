// Portainer's first set-up: planned only if it has no administrator, and never with a secret in the plan.
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { changesOf, makePlan } from "../plan.ts";
import { factsOf, sampleTree } from "../testing/sample-facts.ts";
import { firstSetup } from "./first-setup.ts";
import { steps } from "./index.ts";

const facts = factsOf(sampleTree);
const planned = (administrator: string, without: string[] = []) => {
  const dockerHost = { fstab: "", mounts: "", stacks: [], administrator };
  const plan = makePlan({ ...facts, dockerHost }, steps, { target: "t", literal: false, without, only: [] });
  return {
    changes: changesOf(plan).filter(({ step }) => step.id === firstSetup.id),
    nothing: plan.steps.find(({ id }) => id === firstSetup.id)?.nothing,
  };
};

test("it runs last, and its undo keeps the password if Portainer has data", () => {
  const [{ change } = {}] = planned("000").changes;
  expect(steps.at(-1)).toBe(firstSetup);
  expect(change).toMatchObject({
    does: "run",
    undo: { args: [expect.any(String), defaultDeployment.portainer.adminPasswordFile] },
  });
});

test("nothing is planned if Portainer has an administrator, or if nothing starts Portainer", () => {
  expect(planned("204")).toMatchObject({ changes: [], nothing: "Portainer has an administrator" });
  expect(planned("000", ["stacks-one-level-down"]).changes).toEqual([]);
  expect(planned("303").changes).toHaveLength(1);
});

test("the password is passed on standard input, never as an argument", () => {
  const [{ change } = {}] = planned("404").changes;
  const text = JSON.stringify(change);
  expect(text).toContain("--pass-stdin 1");
  expect(text).not.toMatch(/-d ['"]?\{|--data|--user /);
});
