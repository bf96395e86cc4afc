// GWY-007. Every other upstream and vhost is as it was: in the tree, in the running nginx, and in its answers.
import { otherUpstreamMoved, otherVhostGone } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { othersUntouched } from "./claims/others.ts";

test(
  "GWY-007 the gateway's other services are as they were",
  requirement("GWY-007"),
  async ({ evidence, earlier }) => {
    await holds(othersUntouched(earlier(), evidence));
  },
);

test(
  "GWY-007 is refuted by a changed upstream of another service",
  control("GWY-007"),
  async ({ broken, evidence }) => {
    const now = await broken(otherUpstreamMoved);
    await refuted(othersUntouched(evidence, now), "new: upstream ");
  },
);

test(
  "GWY-007 is refuted by a vhost that answers to another name",
  control("GWY-007"),
  async ({ broken, evidence }) => {
    const checks = othersUntouched(evidence, await broken(otherVhostGone));
    await refuted(checks, "no longer a name of the gateway");
  },
);
