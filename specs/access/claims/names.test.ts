// The claim about Portainer's name on a sample: wherever it is asked for, the gateway answers.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { selfSigned } from "../../../fixtures/standin/portainer/certificate.ts";
import { sample } from "../../testing/evidence-builder.ts";
import { told } from "../../testing/told.ts";
import { leadsToGateway } from "./names.ts";

test("the name: healthy, with each place asked and answered", () => {
  const { verdict, checks } = judge(leadsToGateway, sample());
  expect(verdict).toBe("pass");
  expect(checks.filter(({ level }) => level === "behaves")).toHaveLength(4);
});

for (const [what, changes, words] of [
  ["a hypervisor that does not know it", { hypervisor: { name: { code: 0, out: "" } } }, "no address"],
  [
    "a machine to which it is somebody else",
    { "docker-host": { name: "10.0.0.99\n" } },
    '"found":"10.0.0.99"',
  ],
  [
    "a container to which it is somebody else",
    { "docker-host": { "name in containers": "n8n -\nportainer 10.0.0.101\n" } },
    '"found":"portainer 10.0.0.101"',
  ],
  ["no container", { "docker-host": { "name in containers": "" } }, "no container"],
  ["two addresses", { gateway: { name: "10.0.0.153\n10.0.0.99\n" } }, "10.0.0.153, 10.0.0.99"],
  [
    "an address that does not answer",
    { "docker-host": { "by name": { code: 7, out: "10.0.0.153 000" } } },
    "10.0.0.153 000",
  ],
  ["an answer of somebody else", { hypervisor: { "by name": "10.0.0.99 200" } }, "10.0.0.99 200"],
  [
    "a client that gets somebody else's certificate",
    { client: { certificate: selfSigned().cert } },
    "the gateway's certificate",
  ],
  ["a client that finds nobody", { client: { certificate: { code: 1, err: "ENOTFOUND" } } }, "ENOTFOUND"],
  ["a gateway that is stopped", { hypervisor: { "pct status": "status: stopped\n" } }, "status: stopped"],
] as const)
  test(`the name: refuted by ${what}`, () => {
    const said = told(leadsToGateway, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

test("the name: unknown where a place was not asked", () => {
  expect(told(leadsToGateway, { hypervisor: { name: undefined } })).toMatch(/^unknown/);
});
