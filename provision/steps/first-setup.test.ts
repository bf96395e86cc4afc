// Portainer's first set-up: planned where it has no administrator, and never with a secret in the plan.
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../fixtures/deployment/deployment.ts";
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

test("it runs last, and where it is undone the password stays with the data", () => {
  const [{ change } = {}] = planned("000").changes;
  expect(steps.at(-1)).toBe(firstSetup);
  expect(change).toMatchObject({
    does: "run",
    undo: { args: [expect.any(String), defaultDeployment.portainer.adminPasswordFile] },
  });
});

test("an administrator is left alone, and a Portainer that nothing starts is not waited for", () => {
  expect(planned("204")).toMatchObject({ changes: [], nothing: "Portainer has an administrator" });
  expect(planned("000", ["stacks-one-level-down"]).changes).toEqual([]);
  expect(planned("303").changes).toHaveLength(1);
});

test("no argument of a program carries the password: it goes from file to input", () => {
  const [{ change } = {}] = planned("404").changes;
  const text = JSON.stringify(change);
  expect(text).toContain("--pass-stdin 1");
  expect(text).not.toMatch(/-d ['"]?\{|--data|--user /);
});
