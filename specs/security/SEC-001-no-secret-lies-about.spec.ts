// SEC-001. No secret is in a tracked file, a world-readable file or an artifact of this project.
// The probe searches for known secrets and secret-like text; it reports only the places, never the text.
import {
  openPasswordFile,
  passwordInTheTree,
  passwordOnTheVolume,
  toldASecret,
} from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { nothingLiesAbout, runIsClean } from "./claims/secrets.ts";

test("SEC-001 no secret is exposed", requirement("SEC-001"), async ({ evidence, run }) => {
  await holds([...nothingLiesAbout(evidence), ...runIsClean(run)]);
});

test("SEC-001 is refuted by a password in a file of the tree", control("SEC-001"), async ({ broken }) => {
  await refuted(nothingLiesAbout(await broken(passwordInTheTree)), "phoenix_hypervisor_config.json:");
});

test(
  "SEC-001 is refuted by the administrator's password on the volume",
  control("SEC-001"),
  async ({ broken }) => {
    await refuted(nothingLiesAbout(await broken(passwordOnTheVolume)), "the administrator's password");
  },
);

test("SEC-001 is refuted by a password file that others can read", control("SEC-001"), async ({ broken }) => {
  await refuted(nothingLiesAbout(await broken(openPasswordFile)), "for others to read");
});

test(
  "SEC-001 is refuted by a container that was given a password",
  control("SEC-001"),
  async ({ broken }) => {
    await refuted(nothingLiesAbout(await broken(toldASecret)), "told a secret");
  },
);
