// The validity claim on sample evidence: the tree's own schemas, errors from before, and what the plan edits.
import { expect, test } from "@playwright/test";
import { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { judge } from "../../../fixtures/judgement.ts";
import { sample, treeFile } from "../../testing/evidence-builder.ts";
import { noLessValid } from "./validity.ts";

const text = (value: unknown) => JSON.stringify(value, null, 2);
const required = (...names: string[]) => ({ type: "object", required: names });
const vms = { vms: [{ vmid: 9000 }, { vmid: 1001, name: "a", volumes: [{ type: "nfs", path: "/p" }] }] };
const rule = { type: "out", port: "9443" };
const lxcs = { lxc_configs: { "101": { firewall: { enabled: true, rules: [rule] } }, "900": {} } };
const volume = { ...required("path"), properties: { path: { type: "string" } } };
const vm = { ...required("name"), properties: { volumes: { items: volume } } };
const port = { properties: { port: { type: "string" } } };
const firewall = { properties: { rules: { items: port } } };
const files = {
  "etc/phoenix_vm_configs.json": text(vms),
  "etc/phoenix_vm_configs.schema.json": text({ properties: { vms: { items: vm } } }),
  "etc/phoenix_lxc_configs.json": text(lxcs),
  "etc/phoenix_lxc_configs.schema.json": text({
    properties: {
      lxc_configs: { additionalProperties: { properties: { firewall, memory: { type: "integer" } } } },
    },
  }),
  "etc/phoenix_hypervisor_config.json": text({ network: { portainer_server_ip: "10.0.0.101" } }),
  "etc/phoenix_hypervisor_config.schema.json": text(required("firewall")),
};
type Changes = Partial<Record<keyof typeof files, string | { code: number }>>;
function evidenceAt(at: string, changes: Changes = {}): Evidence {
  const hypervisor = Object.entries({ ...files, ...changes }).map(([name, given]) => [treeFile(name), given]);
  return new Evidence({ ...sample({ hypervisor: Object.fromEntries(hypervisor) }).document, at });
}
const before = evidenceAt("2025-11-01T00:00:00.000Z");
const judged = (changes?: Changes) =>
  judge((now) => noLessValid(before, now), evidenceAt("2025-11-01T00:01:00.000Z", changes));
const failing = (changes: Changes) => judged(changes).checks.filter(({ ok }) => !ok);

test("errors from before the plan do not fail", () => {
  const { verdict, checks } = judged();
  expect(verdict).toBe("pass");
  expect(checks.every(({ level }) => level === "declared")).toBe(true);
  expect(checks.map(({ found }) => found).join()).toContain("1 error, 1 before, none new");
});

for (const [what, changes, words, where] of [
  [
    "a new error elsewhere",
    { "etc/phoenix_lxc_configs.json": text(lxcs).replace('"900": {}', '"900": {"memory": "1"}') },
    "/lxc_configs/900/memory must be integer",
    "phoenix_lxc_configs.json:",
  ],
  [
    "a number where the rule needs text",
    { "etc/phoenix_lxc_configs.json": text(lxcs).replace('"9443"', "9443") },
    "port must be string",
    "phoenix_lxc_configs.json:9:",
  ],
  [
    "a volume without a path",
    { "etc/phoenix_vm_configs.json": text(vms).replace('"path"', '"paht"') },
    "required property 'path'",
    "phoenix_vm_configs.json:10:",
  ],
  [
    "no volume at all",
    { "etc/phoenix_vm_configs.json": text(vms).replace('"nfs"', '"zfs"') },
    "no such entry",
    "phoenix_vm_configs.json",
  ],
  ["null", { "etc/phoenix_vm_configs.json": "null" }, "no such entry", "phoenix_vm_configs.json"],
  [
    "null in a list",
    { "etc/phoenix_vm_configs.json": '{"vms": [null]}' },
    "no such entry",
    "phoenix_vm_configs.json",
  ],
  [
    "a list of containers that is null",
    { "etc/phoenix_lxc_configs.json": '{"lxc_configs": null}' },
    "no such entry",
    "phoenix_lxc_configs.json",
  ],
  [
    "100,000 lists in each other",
    { "etc/phoenix_vm_configs.json": `${"[".repeat(100_000)}${"]".repeat(100_000)}` },
    "values inside each other",
    "phoenix_vm_configs.json",
  ],
  [
    "100,000 objects in each other",
    { "etc/phoenix_lxc_configs.json": `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}` },
    "values inside each other",
    "phoenix_lxc_configs.json",
  ],
  ["a file that is not JSON", { "etc/phoenix_vm_configs.json": "{" }, "Not JSON", "phoenix_vm_configs.json"],
  [
    "a schema with a new requirement",
    { "etc/phoenix_lxc_configs.schema.json": text(required("x")) },
    "required property 'x'",
    "phoenix_lxc_configs.json",
  ],
] as [string, Changes, string, string][]) {
  test(`${what} fails`, () => {
    expect(judged(changes).verdict).toBe("fail");
    expect(failing(changes)[0]?.found).toContain(words);
    expect(failing(changes)[0]?.where).toContain(where);
  });
}

for (const [what, changes] of [
  ["no schema", { "etc/phoenix_vm_configs.schema.json": { code: 44 } }],
  ["an empty schema", { "etc/phoenix_vm_configs.schema.json": "{}" }],
  ["a schema that is true", { "etc/phoenix_lxc_configs.schema.json": "true" }],
  ["a schema that only describes", { "etc/phoenix_vm_configs.schema.json": '{"title": "virtual machines"}' }],
  [
    "a schema that is nested too deeply",
    { "etc/phoenix_vm_configs.schema.json": `${'{"not":'.repeat(100_000)}{}${"}".repeat(100_000)}` },
  ],
  ["a schema that is not JSON", { "etc/phoenix_vm_configs.schema.json": "{" }],
  ["a schema that can't be used", { "etc/phoenix_vm_configs.schema.json": '{"type": "no such type"}' }],
  [
    "a schema with a broken reference",
    { "etc/phoenix_vm_configs.schema.json": '{"$ref": "https://example.invalid/x"}' },
  ],
] as [string, Changes][]) {
  test(`${what} is unknown`, () => expect(judged(changes).verdict).toBe("unknown"));
}

test("with one set of evidence, only the edited places are checked", () => {
  const { verdict, checks } = judge((now) => noLessValid(now, now), before);
  expect(verdict).toBe("pass");
  expect(checks).toHaveLength(3);
});
