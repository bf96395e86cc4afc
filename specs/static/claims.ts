// The claims that files alone can decide, by requirement. A base is the tree that a change starts from.
import type { Evidence } from "../../fixtures/evidence/evidence.ts";
import type { Check } from "../../fixtures/judgement.ts";
import { validScript } from "../automation/claims/script.ts";
import { everyStackRuns } from "../automation/claims/stacks.ts";
import { fitComposeFile } from "../deployment/claims/compose.ts";
import { gatewayAlone } from "../firewall/claims/docker-host.ts";
import { declaredRule } from "../firewall/claims/gateway-rule.ts";
import { oneAddress } from "../gateway/claims/addresses.ts";
import { acceptedByNginx, declaredUpstream, runningUpstream } from "../gateway/claims/upstream.ts";
import { noLessValid } from "../operations/claims/validity.ts";
import { nothingLiesAbout } from "../security/claims/secrets.ts";
import { exportForRoot } from "../storage/claims/export.ts";
import { volumesOfTheirOwn } from "../storage/claims/shared.ts";
import { declaredVolumePath, oneMountFromTheVolume } from "../storage/claims/volume.ts";

export type StaticClaim = (tree: Evidence, base: Evidence) => readonly Check[];

/** Without a base the tree is compared with itself, so a claim that compares finds nothing new. */
export const claims: Readonly<Record<string, StaticClaim>> = {
  "STO-001": declaredVolumePath,
  "STO-002": volumesOfTheirOwn,
  "STO-003": oneMountFromTheVolume,
  "STO-005": exportForRoot,
  "GWY-001": declaredUpstream,
  "GWY-002": runningUpstream,
  "GWY-003": acceptedByNginx,
  "GWY-006": oneAddress,
  "FWL-001": declaredRule,
  "FWL-004": gatewayAlone,
  "DEP-003": fitComposeFile,
  "AUT-001": everyStackRuns,
  "AUT-005": (tree, base) => validScript(tree, () => base),
  "SEC-001": nothingLiesAbout,
  "OPS-004": (tree, base) => noLessValid(base, tree),
};

/** Requirements with a declared level that files alone can't decide, and why. */
export const impossible: Readonly<Record<string, string>> = {
  "GWY-007":
    "it compares a gateway before and after the plan; a change to the tree may be meant for another service",
  "OPS-003": "it compares a host before and after the plan: see the changes of the tree itself",
};
