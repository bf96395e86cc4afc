// GWY-001. The declared upstream is Portainer's port on the docker host. Only the declared file counts here; whether nginx
// uses it is GWY-002.
import { upstreamOf } from "../../fixtures/deployment/deployment.ts";
import { staleDeclaredUpstream } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { declaredUpstream } from "./claims/upstream.ts";

test(
  "GWY-001 the declared site sends Portainer's users to the docker host",
  requirement("GWY-001"),
  async ({ evidence }) => {
    await holds(declaredUpstream(evidence));
  },
);

test(
  "GWY-001 is refuted by Portainer's old address",
  control("GWY-001", "F03"),
  async ({ broken, deployment }) => {
    const checks = declaredUpstream(await broken(staleDeclaredUpstream));
    await refuted(checks, `upstream ${deployment.gateway.upstream}: server ${upstreamOf(deployment)}`);
  },
);
