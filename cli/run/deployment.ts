// The deployment that a command of ours is for: read and checked once, before anything is started for it.
import { type Deployment, defaultDeployment, readDeployment } from "../../fixtures/deployment/deployment.ts";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { checkMachine, checkStandIn } from "../../fixtures/standin/deployment-values.ts";

/** The document that `--deployment FILE` names; without it the approved plan's own. @throws BadInput for one that is none. */
export const deploymentFrom = (file: string | undefined): Deployment =>
  file === undefined ? defaultDeployment : readDeployment(file);

/** The same, for a stand-in. @throws BadInput for a deployment that the stand-in cannot imitate. */
export function standInDeployment(file: string | undefined, vm: HostEnvironment["vm"]): Deployment {
  const deployment = deploymentFrom(file);
  checkStandIn(deployment);
  if (vm === "qemu") checkMachine(deployment);
  return deployment;
}
