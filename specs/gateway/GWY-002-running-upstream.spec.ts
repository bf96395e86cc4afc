// GWY-002. The nginx that runs in the gateway sends Portainer's users to its port on the docker host, and nowhere else.
import { upstreamOf } from "../../fixtures/deployment/deployment.ts";
import {
  oldSitePutBack,
  plainUpstream,
  siteLinkForgotten,
  siteNotEnabled,
  staleRunningUpstream,
} from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { runningUpstream } from "./claims/upstream.ts";

test(
  "GWY-002 the running gateway sends Portainer's users to the docker host",
  requirement("GWY-002"),
  async ({ evidence }) => {
    await holds(runningUpstream(evidence));
  },
);

test(
  "GWY-002 is refuted by an old address in the running gateway, while the declared one is right",
  control("GWY-002", "F01"),
  async ({ broken, deployment }) => {
    const checks = runningUpstream(await broken(staleRunningUpstream));
    await refuted(checks, `upstream ${deployment.gateway.upstream}: server ${upstreamOf(deployment)}`);
  },
);

test(
  "GWY-002 is refuted by an upstream at the plain-HTTP port",
  control("GWY-002", "F04"),
  async ({ broken, deployment }) => {
    await refuted(runningUpstream(await broken(plainUpstream)), `${deployment.dockerHost.address}:9000`);
  },
);

test(
  "GWY-002 is refuted by a site that is not enabled",
  control("GWY-002", "F08"),
  async ({ broken, deployment }) => {
    const checks = runningUpstream(await broken(siteNotEnabled));
    await refuted(checks, `no upstream ${deployment.gateway.upstream}`);
  },
);

test("GWY-002 is refuted by a right file, put back unloaded", control("GWY-002"), async ({ broken }) => {
  await refuted(runningUpstream(await broken(oldSitePutBack)), "changed");
});

test("GWY-002 is refuted by a script that enables no site", control("GWY-002"), async ({ broken }) => {
  await refuted(runningUpstream(await broken(siteLinkForgotten)), "a site that the script enables");
});
