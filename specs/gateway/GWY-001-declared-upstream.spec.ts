// GWY-001. The declared upstream portainer_service is 10.0.0.101:9443. Only the file counts here: whether it is ever served is GWY-002.
import { staleDeclaredUpstream } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { declaredUpstream } from "./claims/upstream.ts";

test(
  "GWY-001 the declared site sends Portainer's users to VM 1001",
  requirement("GWY-001"),
  async ({ evidence }) => {
    await holds(declaredUpstream(evidence));
  },
);

test(
  "GWY-001 is refuted by the address that Portainer had before",
  control("GWY-001", "F03"),
  async ({ broken }) => {
    await refuted(declaredUpstream(await broken(staleDeclaredUpstream)), "10.0.0.99:9443");
  },
);
