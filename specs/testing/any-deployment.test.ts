// The judge on any deployment: what is green on one deployment's healthy sample is green on another's, and evidence of one
// deployment that is judged as another is red.
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { anyDeployment } from "../../fixtures/deployment/any-deployment.ts";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { fieldsOf } from "../../fixtures/deployment/words.ts";
import { Evidence } from "../../fixtures/evidence/evidence.ts";
import type { RunRecord } from "../../fixtures/evidence/record.ts";
import { type Claim, judge } from "../../fixtures/judgement.ts";
import { honestCertificate, staysValid } from "../access/claims/certificate.ts";
import { leadsToGateway } from "../access/claims/names.ts";
import { answersAtAll } from "../access/claims/page.ts";
import { claimed } from "../access/claims/sign-in.ts";
import { everyStackRuns } from "../automation/claims/stacks.ts";
import { nothingElseRuns } from "../automation/claims/strays.ts";
import { fitComposeFile } from "../deployment/claims/compose.ts";
import { dataUntouched } from "../deployment/claims/data.ts";
import { directoryDelivered } from "../deployment/claims/directory.ts";
import { deliveredAsDeclared } from "../firewall/claims/delivered.ts";
import { gatewayAlone } from "../firewall/claims/docker-host.ts";
import { declaredRule, ruleInForce } from "../firewall/claims/gateway-rule.ts";
import { oneAddress } from "../gateway/claims/addresses.ts";
import { othersUntouched } from "../gateway/claims/others.ts";
import { leadsToHttps } from "../gateway/claims/redirect.ts";
import { acceptedByNginx, declaredUpstream, runningUpstream } from "../gateway/claims/upstream.ts";
import { vhostServesPortainer } from "../gateway/claims/vhost.ts";
import { nothingElseChanged } from "../operations/claims/blast-radius.ts";
import { allRestored, nothingChanged } from "../operations/claims/changes.ts";
import { noLessValid } from "../operations/claims/validity.ts";
import { cliCompleted } from "../orchestration/claims/phoenix-cli.ts";
import { databaseOnTheVolume } from "../persistence/claims/database.ts";
import { register } from "../register/register.ts";
import { ownersAlone } from "../security/claims/directories.ts";
import { needlessPortsShut } from "../security/claims/ports.ts";
import { nothingLiesAbout } from "../security/claims/secrets.ts";
import { exportForRoot } from "../storage/claims/export.ts";
import { volumesOfTheirOwn } from "../storage/claims/shared.ts";
import { declaredVolumePath, oneMountFromTheVolume } from "../storage/claims/volume.ts";
import { secondRunChangedNothing } from "../trials/second-run.ts";
import { evidenceAt } from "./before-and-after.ts";

const moments = ["2025-11-01T00:00:00.000Z", "2025-11-01T00:01:00.000Z"] as const;

/** Evidence from before and after of a healthy target of this deployment, judged as `judgedAs`. */
function beforeAndAfter(deployment: Deployment, judgedAs = deployment): [before: Evidence, after: Evidence] {
  const [before, after] = moments.map((at) => {
    const { document } = evidenceAt(at, {}, deployment);
    return new Evidence({ ...document, target: { ...document.target, deployment: judgedAs } });
  });
  return [before as Evidence, after as Evidence];
}

/** The record of an apply on this deployment. */
const recordOf = ({ gateway, dockerHost }: Deployment): RunRecord => ({
  ...{ at: "", literal: false, choice: [], steps: [] },
  commands: [`create ${dockerHost.vmid}`, `converge ${gateway.ctid}`].map((words) => ({
    ...{ argv: ["phoenix-cli", ...words.split(" ")], code: 0, output: "" },
    guestExecs: [{ argv: ["/bin/sh"], code: 0, answer: '{"exitcode":0,"exited":1}' }],
  })),
});

/** The part of each requirement that evidence decides. `before` is the evidence from before the plan; `record` belongs to the evidence's deployment. */
type Pure = (after: Evidence, before: Evidence, record: RunRecord) => ReturnType<Claim<Evidence>>;
const claims: Readonly<Record<string, Pure>> = {
  "STO-001": declaredVolumePath,
  "STO-002": volumesOfTheirOwn,
  "STO-003": oneMountFromTheVolume,
  "STO-005": exportForRoot,
  "GWY-001": declaredUpstream,
  "GWY-002": runningUpstream,
  "GWY-003": acceptedByNginx,
  "GWY-004": vhostServesPortainer,
  "GWY-005": leadsToHttps,
  "GWY-006": oneAddress,
  "GWY-007": (after, before) => othersUntouched(before, after),
  "FWL-001": declaredRule,
  "FWL-002": ruleInForce,
  "FWL-004": gatewayAlone,
  "FWL-005": deliveredAsDeclared,
  "DEP-001": directoryDelivered,
  "DEP-002": (after, before) => dataUntouched(before, after),
  "DEP-003": fitComposeFile,
  "AUT-001": everyStackRuns,
  "AUT-004": nothingElseRuns,
  "ORC-001": (after, _, record) => cliCompleted(record, after.deployment),
  "ORC-002": (after, before) => secondRunChangedNothing(before, after),
  "ACC-001": (after) => [answersAtAll(after)],
  "ACC-002": leadsToGateway,
  "ACC-003": honestCertificate,
  "ACC-004": (after) => [claimed(after)],
  "ACC-006": staysValid,
  "DAT-003": databaseOnTheVolume,
  "SEC-001": nothingLiesAbout,
  "SEC-002": needlessPortsShut,
  "SEC-003": ownersAlone,
  "OPS-001": (after, before) => nothingChanged(before, after),
  "OPS-002": (after, before) => allRestored(before, after),
  "OPS-003": (after, before) => nothingElseChanged(before, after),
};
/** Few, because compiling six schemas takes a quarter of a second for each deployment. */
const slow: typeof claims = { "OPS-004": (after, before) => noLessValid(before, after) };

/** Requirements that only a trial decides, and one that runs shellcheck on a script without deployment values. */
const others = [
  "STO-004",
  "GWY-008",
  "FWL-003",
  "AUT-002",
  "AUT-003",
  "AUT-005",
  "ACC-005",
  "DAT-001",
  "DAT-002",
];

/** Each requirement that is not green, with its verdict and why. */
function notGreen(deployment: Deployment, judgedAs = deployment, of = claims): string[] {
  const [before, after] = beforeAndAfter(deployment, judgedAs);
  return Object.entries(of).flatMap(([id, claim]) => {
    const { verdict, checks, reason } = judge((e) => claim(e, before, recordOf(deployment)), after);
    const wrong = checks.filter(({ ok }) => !ok);
    return verdict === "pass" ? [] : [`${id} ${verdict}: ${reason ?? JSON.stringify(wrong)}`];
  });
}

test("every requirement is listed here, or decided only by a trial", () => {
  expect([...Object.keys({ ...claims, ...slow }), ...others].sort()).toEqual(
    register.map(({ id }) => id).sort(),
  );
});

test("every claim is green on the healthy sample of the approved plan's own deployment", () => {
  expect(notGreen(defaultDeployment, defaultDeployment, { ...claims, ...slow })).toEqual([]);
});

test("every claim is green on the healthy sample of any deployment", () => {
  fc.assert(
    fc.property(anyDeployment, (deployment) => {
      expect(notGreen(deployment)).toEqual([]);
    }),
    { numRuns: 60 },
  );
  fc.assert(
    fc.property(anyDeployment, (deployment) => {
      expect(notGreen(deployment, deployment, slow)).toEqual([]);
    }),
    { numRuns: 3 },
  );
});

test("evidence of one deployment that is judged as another one is red", () => {
  fc.assert(
    fc.property(anyDeployment, anyDeployment, (deployment, other) => {
      const red = notGreen(deployment, other).filter((said) => /^\S+ fail/.test(said));
      expect(red.map((said) => said.slice(0, 7))).toEqual(
        expect.arrayContaining(["STO-001", "ORC-001", "FWL-001", "GWY-004", "ACC-002"]),
      );
    }),
    { numRuns: 30 },
  );
});

/** Values that no evidence shows, each with what uses it. */
const unseen: Readonly<Record<string, string>> = {
  "hypervisor.sshPort": "the trial of the gateway's rule",
  "hypervisor.bridge": "the reachability trial",
  "hypervisor.network": "the reachability trial",
  "hypervisor.router": "the stand-in",
  "gateway.certificate": "the probe: the evidence names the file that it read",
  "volume.root": "the probe, and what the plan may change",
  "portainer.image": "the builder: any pinned image will do",
  "portainer.adminPasswordFile": "the probe",
};

for (const [field] of fieldsOf(defaultDeployment).filter(([name]) => !(name in unseen)))
  test(`evidence with another ${field} than the deployment's fails`, () => {
    const [part = "", name = ""] = field.split(".");
    fc.assert(
      fc.property(anyDeployment, anyDeployment, (deployment, other) => {
        const parts = deployment as unknown as Record<string, Record<string, unknown>>;
        const value = (other as unknown as typeof parts)[part]?.[name];
        fc.pre(value !== parts[part]?.[name]);
        const changed = { ...parts, [part]: { ...parts[part], [name]: value } } as unknown as Deployment;
        expect(notGreen(deployment, changed)).not.toEqual([]);
      }),
      { numRuns: 10 },
    );
  });
