// GWY-003. nginx accepts the declared and the running configuration, and warns of nothing about Portainer.
import { moduleGone, strayDash } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { acceptedByNginx } from "./claims/upstream.ts";

test("GWY-003 nginx accepts what is declared and what runs", requirement("GWY-003"), async ({ evidence }) => {
  await holds(acceptedByNginx(evidence));
});

test(
  "GWY-003 is refuted by a stray dash in the declared site",
  control("GWY-003", "F06"),
  async ({ broken }) => {
    await refuted(acceptedByNginx(await broken(strayDash)), 'unknown directive "-"');
  },
);

test("GWY-003 is refuted by a missing nginx module", control("GWY-003", "F07"), async ({ broken }) => {
  await refuted(acceptedByNginx(await broken(moduleGone)), "unknown directive");
});
