// The claim about the volume's export on a sample: in the files, and in the server's table.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { resultOf } from "../../testing/claim-result.ts";
import { sample } from "../../testing/evidence-builder.ts";
import { exportForRoot } from "./export.ts";

const files = "file /etc/exports";
const table = "file /var/lib/nfs/etab";
const row = "/quickOS/vm-persistent-data 10.0.0.0/24(rw,no_root_squash)\n";

test("an export for root: healthy, in the files and in the server's table", () => {
  const { verdict, checks } = judge(exportForRoot, sample());
  expect(verdict).toBe("pass");
  expect(checks.map(({ level }) => level)).toEqual(["delivered", "live"]);
});

test("an export for root: a file of /etc/exports.d counts as well", () => {
  const more = { [files]: "", "file /etc/exports.d/phoenix.exports": row };
  expect(judge(exportForRoot, sample({ hypervisor: more }))).toMatchObject({
    verdict: "pass",
    checks: [{ where: "/etc/exports.d/phoenix.exports:1" }, {}],
  });
});

for (const [what, where] of [
  ["the files", files],
  ["the server's table", table],
] as const)
  for (const [fault, text, words] of [
    ["squashed root", row.replace("no_root", "root"), "/24(rw,root_squash)"],
    ["squashed root by default", row.replace(",no_root_squash", ""), "/24(rw)"],
    ["everybody squashed", row.replace(")", ",all_squash)"), "all_squash"],
    ["a read-only export", row.replace("rw", "ro"), "/24(ro,"],
    ["another network", row.replace("10.0.0.0", "10.0.1.0"), "to 10.0.1.0/24"],
    ["another directory", row.replace("persistent", "other"), "no export of it"],
    ["no export", "", "no export of it"],
    [
      "a more specific export for the docker host alone",
      `${row}/quickOS/vm-persistent-data/1001 10.0.0.101(ro)\n`,
      "10.0.0.101(ro)",
    ],
    [
      "clients joined by a comma",
      row.replace(" ", " 10.0.0.101,"),
      "one client named 10.0.0.101,10.0.0.0/24",
    ],
    ["a blank before the options", row.replace("(", " ("), "10.0.0.0/24()"],
  ] as const)
    test(`an export for root: refuted by ${fault} in ${what}`, () => {
      const said = resultOf(exportForRoot, { hypervisor: { [where]: text } });
      expect(said).toMatch(/^fail/);
      expect(said).toContain(words);
    });

test("an export for root: refuted without the server's table, unknown when a line can't be read", () => {
  expect(resultOf(exportForRoot, { hypervisor: { [table]: { code: 44 } } })).toMatch(/^fail.*no such file/);
  expect(resultOf(exportForRoot, { hypervisor: { [files]: "no-path x(rw)" } })).toMatch(/^unknown/);
});

test("an export by name is unknown with the name; joined clients stay a failure beside it", () => {
  const text = "/quickOS/vm-persistent-data dr-phoenix.phoenix.local(rw,no_root_squash)\n";
  const said = resultOf(exportForRoot, { hypervisor: { [files]: text, [table]: text } });
  expect(said).toMatch(/^unknown.*dr-phoenix.phoenix.local, and whether that is 10.0.0.101/);
  const more = `${text}/quickOS a,b(rw)\n`;
  expect(resultOf(exportForRoot, { hypervisor: { [files]: more } })).toMatch(/^fail.*one client named a,b/);
});

test("an export for Kerberos alone is refuted while the docker host mounts with sys", () => {
  const text = "/quickOS/vm-persistent-data 10.0.0.101(rw,sync,no_root_squash,sec=krb5p)\n";
  expect(resultOf(exportForRoot, { hypervisor: { [files]: text, [table]: text } })).toMatch(
    /^fail.*sec=krb5p/,
  );
  const fstab = "10.0.0.13:/quickOS/vm-persistent-data/1001 /persistent-storage nfs4 sec=krb5p 0 0\n";
  const both = { hypervisor: { [files]: text, [table]: text }, "docker-host": { "file /etc/fstab": fstab } };
  expect(resultOf(exportForRoot, both)).toMatch(/^pass/);
});
