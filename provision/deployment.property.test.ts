// Planning for any deployment, on a sample tree made for it: a second plan is empty, and no default value appears.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { otherDeployment } from "../fixtures/deployment/any-deployment.ts";
import { type Deployment, upstreamOf, urlOf } from "../fixtures/deployment/deployment.ts";
import { deploymentDigest } from "../fixtures/deployment/digest.ts";
import { defectOf } from "../fixtures/deployment/plan.ts";
import { defaultDeployment } from "../fixtures/deployment/read.ts";
import { saidIn } from "../fixtures/deployment/words.ts";
import { sampleConflicts } from "../fixtures/standin/deployment-values.ts";
import { writeSample } from "../fixtures/standin/tree.ts";
import { render } from "./diff.ts";
import { changesOf, makePlan, type Plan } from "./plan.ts";
import { readPlan, savePlan } from "./saved-plan.ts";
import { steps } from "./steps/index.ts";
import { factsOf, written } from "./testing/sample-facts.ts";

const plan = (facts: ReturnType<typeof factsOf>, literal = false) =>
  makePlan(facts, steps, { target: "sample", literal, without: [], only: [] });

/** Facts of a host with a sample tree made for this deployment; the tree is removed afterwards. */
function sampleFacts(deployment: Deployment) {
  const room = mkdtempSync(join(tmpdir(), "deployment-plan-"));
  try {
    writeSample(room, deployment);
    return factsOf(join(room, "usr/local/phoenix_hypervisor"), deployment);
  } finally {
    rmSync(room, { recursive: true });
  }
}

/** Everything that a plan prints and runs, with base64 decoded and without the port inside the container. */
function textOf(one: Plan): string {
  const scripts = changesOf(one).flatMap(({ change }) =>
    change.does === "run" ? [change.script, ...change.args, ...(change.undo?.args ?? [])] : [],
  );
  const words = scripts.map((word) =>
    /^[A-Za-z0-9+/]{16,}=*$/.test(word) ? Buffer.from(word, "base64").toString() : word,
  );
  return `${render(one, false)}\n${words.join("\n")}`.replaceAll(
    new RegExp(`"\\d+:${defaultDeployment.portainer.port}"`, "g"),
    "",
  );
}

const imitable = otherDeployment.filter((one) => sampleConflicts(one).length === 0);

test("the plan reaches a fixed point, and has the deployment's values and none of the default's", () => {
  fc.assert(
    fc.property(imitable, fc.boolean(), (deployment, literal) => {
      const facts = sampleFacts(deployment);
      const once = plan(facts, literal);
      const again = changesOf(plan(written(facts, once), literal));
      expect(again.filter(({ change }) => change.does !== "run")).toEqual([]);
      const text = textOf(once);
      expect(saidIn(text, defaultDeployment)).toEqual([]);
      expect(text).toContain(`server ${upstreamOf(deployment)};`);
      expect(text).toContain(`phoenix-cli create ${deployment.dockerHost.vmid}`);
      expect(text).toContain(`phoenix-cli converge ${deployment.gateway.ctid}`);
      expect(text).toContain(deployment.volume.path);
      if (!literal) expect(text).toContain(new URL(urlOf(deployment)).hostname);
      expect(once.deployment).toBe(deploymentDigest(deployment));
    }),
    { numRuns: 25 },
  );
});

test("the default's plan has every value that the test above looks for", () => {
  const said = saidIn(textOf(plan(sampleFacts(defaultDeployment))), defaultDeployment);
  for (const field of [
    ...["hypervisor.address", "gateway.ctid", "gateway.address", "gateway.upstream", "gateway.certificate"],
    ...["dockerHost.vmid", "dockerHost.address", "volume.path", "volume.mountPoint"],
    ...["portainer.host", "portainer.port", "portainer.image", "portainer.adminPasswordFile"],
  ])
    expect(said).toContain(field);
});

test("each remedy names a defect of the approved plan, and the output shows its text", () => {
  for (const { id, kind, remedies } of steps) {
    expect(remedies.length > 0, id).toBe(kind === "remedy");
    for (const defect of remedies) expect(defectOf(defect).text, `${id}: ${defect}`).toMatch(/\.$/);
  }
  const text = render(plan(sampleFacts(defaultDeployment)), false);
  expect(text).toContain(`(remedy of P4, task 1.2`);
  expect(text).toContain(`    P4: ${defectOf("P4").text}`);
});

test("a saved plan is read back unchanged, with the digest of its deployment", () => {
  const room = mkdtempSync(join(tmpdir(), "saved-plan-"));
  try {
    const file = join(room, "plan.json");
    const one = plan(sampleFacts(defaultDeployment));
    savePlan(file, one);
    expect(readPlan(file)).toEqual(JSON.parse(JSON.stringify(one)));
    expect(readPlan(file).deployment).toBe(deploymentDigest(defaultDeployment));
  } finally {
    rmSync(room, { recursive: true });
  }
});

test("equal deployments have the same digest, different ones do not", () => {
  const { portainer, ...rest } = defaultDeployment;
  expect(deploymentDigest({ portainer, ...rest })).toBe(deploymentDigest(defaultDeployment));
  const other = { ...defaultDeployment, portainer: { ...portainer, port: portainer.port + 1 } };
  expect(deploymentDigest(other)).not.toBe(deploymentDigest(defaultDeployment));
});
