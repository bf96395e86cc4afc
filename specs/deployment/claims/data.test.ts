// The claim that Portainer's data was left alone, on sample evidence from before and after.
import { expect, test } from "@playwright/test";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type Claim, judge } from "../../../fixtures/judgement.ts";
import { healthy, sample } from "../../testing/evidence-builder.ts";
import { dataUntouched } from "./data.ts";

const failing = (claim: Claim<Evidence>, changes: Parameters<typeof sample>[0]) => {
  const { verdict, checks, reason } = judge(claim, sample(changes));
  const wrong = checks.filter(({ ok }) => !ok).map(({ level, found }) => `${level}: ${found}`);
  return [verdict, ...(reason ? [reason] : wrong)];
};

const data = "/quickOS/vm-persistent-data/1001/portainer/portainer_data";
const listing = (text: string) => ({ hypervisor: { "list portainer": text } });
const listed = String(healthy.hypervisor["list portainer"]);
const untouched = (after: Parameters<typeof sample>[0], before: Parameters<typeof sample>[0] = {}) =>
  failing((e) => dataUntouched(sample(before), e), after);

test("untouched data: healthy when nothing changed or the database grew", () => {
  expect(untouched({})).toEqual(["pass"]);
  expect(
    untouched(listing(listed.replace("4096", "8192").replace(/1700000000\.5 8192/, "1800000000.5 8192"))),
  ).toEqual(["pass"]);
});

test("untouched data: new files are allowed", () => {
  expect(untouched({}, listing(listed.replace(/f [^\0]*\0\0[^\0]*docker-compose.yml\0/, "")))).toEqual([
    "pass",
  ]);
});

/** The listing with the entry of one path changed. */
const changed = (path: string, change: (meta: string) => string) =>
  listing(listed.replace(new RegExp(`[dfl] [^\\0]*(?=\\0\\0${path}\\0)`), change));

for (const [what, after, wrong] of [
  [
    "another directory with the same name",
    changed(data, (meta) => meta.replace(/7$/, "8")),
    ["behaves: directory 8 (755 root:root)"],
  ],
  [
    "another owner of the directory",
    changed(data, (meta) => meta.replace("root:root", "1000:1000")),
    ["behaves: directory 7 (755 1000:1000)"],
  ],
  [
    "another database file",
    changed(`${data}/portainer.db`, (meta) => meta.replace(/7$/, "8")),
    ["behaves: file 8 (600 root:root)"],
  ],
  [
    "a missing database",
    listing(listed.slice(0, listed.indexOf("f 600 root:root 1700000000.5 4096"))),
    ["behaves: nothing", "behaves: gone: portainer.db"],
  ],
  [
    "another instance",
    { client: { status: JSON.stringify({ status: 200, location: "", body: '{"InstanceID":"i-2"}' }) } },
    ["behaves: instance i-2"],
  ],
  [
    "no answer",
    { client: { status: { code: 1, err: "connect ECONNREFUSED" } } },
    ["behaves: no instance: connect ECONNREFUSED"],
  ],
] as const)
  test(`untouched data: refuted by ${what}`, () => expect(untouched(after)).toEqual(["fail", ...wrong]));

test("untouched data: a copy elsewhere on the volume is not Portainer's, and one of Portainer's own must be listed", () => {
  const known = String(healthy.hypervisor.databases);
  const at = (path: string) => known.replaceAll(`${data}/portainer.db`, path);
  const copied = (path: string) => ({ hypervisor: { databases: known + at(path) } });
  const backup = copied("/quickOS/vm-persistent-data/1001/backup/portainer.db");
  expect(untouched(backup, backup)).toEqual(["pass"]);
  const gone = changed(`${data}/portainer.db`, (meta) => meta.replace(/7$/, "8"));
  expect(untouched({ hypervisor: { ...backup.hypervisor, ...gone.hypervisor } }, backup)[0]).toBe("fail");
  expect(untouched({}, copied("/quickOS/vm-persistent-data/1001/portainer/other/portainer.db"))[0]).toBe(
    "unknown",
  );
  const elsewhere = { hypervisor: { databases: at("/quickOS/vm-persistent-data/1001/moved/portainer.db") } };
  expect(untouched(elsewhere, elsewhere)[0]).toBe("unknown");
});

test("untouched data: no database before proves nothing, and neither does a Portainer that never answers", () => {
  expect(untouched({}, { hypervisor: { databases: "" } })).toEqual(["fail", "behaves: none"]);
  const silent = { client: { status: { code: 1, err: "connect ECONNREFUSED" } } };
  expect(untouched(silent, silent)[0]).toBe("fail");
});
