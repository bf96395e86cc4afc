// The claim about the volume's export on a sample: in the files, and in the server's table.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { resultOf } from "../../testing/claim-result.ts";
import { sample, treeFile } from "../../testing/evidence-builder.ts";
import { exportForRoot } from "./export.ts";

const files = "file /etc/exports";
const table = "file /var/lib/nfs/etab";
const row = "/quickOS/vm-persistent-data 10.0.0.0/24(rw,no_root_squash)\n";

test("an export for root: healthy, in the tree, in the files and in the server's table", () => {
  const { verdict, checks } = judge(exportForRoot, sample());
  expect(verdict).toBe("pass");
  expect(checks.map(({ level }) => level)).toEqual(["declared", "delivered", "live"]);
});

test("an export for root: a file of /etc/exports.d counts as well", () => {
  const more = { [files]: "", "file /etc/exports.d/phoenix.exports": row };
  expect(judge(exportForRoot, sample({ hypervisor: more }))).toMatchObject({
    verdict: "pass",
    checks: [{}, { where: "/etc/exports.d/phoenix.exports:1" }, {}],
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

const config = treeFile("etc/phoenix_hypervisor_config.json");
const declared = (path: string, clients: string[], options: string[]) =>
  JSON.stringify({ nfs: { exports: [{ path, clients, options }] } });
const root = "/quickOS/vm-persistent-data";
const network = "10.0.0.0/24";

for (const [what, text, verdict, words] of [
  ["squashed root", declared(root, [network], ["rw", "root_squash"]), "fail", "(rw,root_squash)"],
  ["squashed root by default", declared(root, [network], ["rw", "sync"]), "fail", "(rw,sync)"],
  ["a read-only export", declared(root, [network], ["ro", "no_root_squash"]), "fail", "(ro,no_root_squash)"],
  ["another network", declared(root, ["10.9.0.0/16"], ["rw", "no_root_squash"]), "fail", "to 10.9.0.0/16"],
  ["another directory", declared("/srv", [network], ["rw", "no_root_squash"]), "fail", "no export of it"],
  ["no export", "{}", "fail", "no export of it"],
  [
    "a client by its name",
    declared(root, ["docker"], ["rw", "no_root_squash"]),
    "unknown",
    "getent hosts docker",
  ],
  ["a slash at the directory's end", declared(`${root}/`, [network], ["rw", "no_root_squash"]), "pass", ""],
  ["options in one text", declared(root, [network], ["rw,sync,no_root_squash"]), "pass", ""],
  [
    "a squashing option in such a text",
    declared(root, [network], ["rw,no_root_squash,root_squash"]),
    "fail",
    "root_squash)",
  ],
  [
    "an option that exportfs refuses",
    declared(root, [network], ["rw", "no_root_squash", "no_subtre_check"]),
    "fail",
    'the option \\"no_subtre_check\\", which exportfs refuses: it reads nothing from there',
  ],
  [
    "such an option in the export before",
    JSON.stringify({
      nfs: {
        exports: [
          { path: "/srv", clients: ["*"], options: ["rw", "anonuid=nobody"] },
          { path: root, clients: [network], options: ["rw", "no_root_squash"] },
        ],
      },
    }),
    "fail",
    "anonuid=nobody",
  ],
  [
    "such an option in the export behind",
    JSON.stringify({
      nfs: {
        exports: [
          { path: root, clients: [network], options: ["rw", "no_root_squash"] },
          { path: "/srv", clients: ["*"], options: ["rw", "sec=kerberos"] },
        ],
      },
    }),
    "pass",
    "",
  ],
  ["options of another shape", '{"nfs":{"exports":[{"path":1}]}}', "unknown", "must be string"],
] as const)
  test(`an export for root: ${verdict} with ${what} in the tree`, () => {
    const said = resultOf(exportForRoot, { hypervisor: { [config]: text } });
    expect(said).toMatch(new RegExp(`^${verdict}`));
    expect(said).toContain(words);
  });

test("an export for root: refuted by an option that exportfs refuses, in its line or in one before", () => {
  const said = (text: string) => resultOf(exportForRoot, { hypervisor: { [files]: text } });
  const typed = row.replace("no_root", "sync,noroot");
  expect(said(typed)).toMatch(/^fail.*exports:1 has the option ..noroot_squash.*reads nothing from there/);
  expect(said(`/srv *(rw,fsid=x)\n${row}`)).toMatch(/^fail.*exports:1 has the option ..fsid=x/);
  expect(said(`${row}/srv *(rw,fsid=x)\n`), "one behind it loses nothing of it").toMatch(/^pass/);
});

test("an export for root: refuted without the server's table, unknown when a line can't be read", () => {
  expect(resultOf(exportForRoot, { hypervisor: { [table]: { code: 44 } } })).toMatch(/^fail.*no such file/);
  expect(resultOf(exportForRoot, { hypervisor: { [files]: "/a x(rw" } })).toMatch(/^unknown/);
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
  expect(resultOf(exportForRoot, both), "what the tree declares is for sys alone").toMatch(
    /^fail.*phoenix_hypervisor_config.json/,
  );
  const tree = declared(root, [network], ["rw", "no_root_squash", "sec=krb5p"]);
  const all = { ...both, hypervisor: { ...both.hypervisor, [config]: tree } };
  expect(resultOf(exportForRoot, all)).toMatch(/^pass/);
});
