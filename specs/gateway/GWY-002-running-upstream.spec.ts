// GWY-002. The nginx that runs in LXC 101 sends Portainer's users to 10.0.0.101:9443, and to nowhere else.
import { plainUpstream, siteNotEnabled, staleRunningUpstream } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { runningUpstream } from "./claims/upstream.ts";

test(
  "GWY-002 the running gateway sends Portainer's users to VM 1001",
  requirement("GWY-002"),
  async ({ evidence }) => {
    await holds(runningUpstream(evidence));
  },
);

test(
  "GWY-002 is refuted by an old address in the running gateway, declared right",
  control("GWY-002", "F01"),
  async ({ broken }) => {
    await refuted(runningUpstream(await broken(staleRunningUpstream)), "10.0.0.99:9443");
  },
);

test("GWY-002 is refuted by an upstream at the plain port", control("GWY-002", "F04"), async ({ broken }) => {
  await refuted(runningUpstream(await broken(plainUpstream)), "10.0.0.101:9000");
});

test("GWY-002 is refuted by a site that is not enabled", control("GWY-002", "F08"), async ({ broken }) => {
  await refuted(runningUpstream(await broken(siteNotEnabled)), "no upstream portainer_service");
});
