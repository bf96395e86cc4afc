// The claim about Portainer's name on a sample: it resolves to the gateway everywhere.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { selfSigned } from "../../../fixtures/standin/portainer/certificate.ts";
import { resultOf } from "../../testing/claim-result.ts";
import { sample } from "../../testing/evidence-builder.ts";
import { leadsToGateway } from "./names.ts";

test("the name: healthy, with a check for each place", () => {
  const { verdict, checks } = judge(leadsToGateway, sample());
  expect(verdict).toBe("pass");
  expect(checks.filter(({ level }) => level === "behaves")).toHaveLength(4);
  expect(checks.map(({ found }) => found)).toContain("portainer: no address");
});

test("the name: a resolver on the own link is one of the network", () => {
  const of = (resolvers: string) => resultOf(leadsToGateway, { hypervisor: { resolvers } });
  expect(of("fe80::1%eth0\n")).toMatch(/^pass/);
  expect(of("fec0::1\n"), "another network").toMatch(/^fail/);
});

for (const [what, changes, words] of [
  ["a hypervisor that cannot resolve it", { hypervisor: { name: { code: 2, out: "" } } }, "no address"],
  [
    "a docker host that resolves it elsewhere",
    { "docker-host": { name: "10.0.0.99\n" } },
    '"found":"10.0.0.99"',
  ],
  [
    "a container that resolves it elsewhere",
    { "docker-host": { "name in containers": "n8n -\nportainer 10.0.0.101\n" } },
    '"found":"portainer 10.0.0.101"',
  ],
  ["no container", { "docker-host": { "name in containers": "" } }, "no container"],
  ["a resolver outside", { "docker-host": { resolvers: "8.8.8.8\n" } }, '"found":"8.8.8.8"'],
  ["one resolver of two outside", { gateway: { resolvers: "10.0.0.1\n2001:db8::53\n" } }, "2001:db8::53"],
  ["a resolver in a neighbouring network", { hypervisor: { resolvers: "10.0.1.1\n" } }, "10.0.1.1"],
  ["two addresses", { gateway: { name: "10.0.0.153\n10.0.0.99\n" } }, "10.0.0.153, 10.0.0.99"],
  [
    "an address that does not answer",
    { "docker-host": { "by name": { code: 7, out: "10.0.0.153 000" } } },
    "10.0.0.153 000",
  ],
  ["an answer from another server", { hypervisor: { "by name": "10.0.0.99 200" } }, "10.0.0.99 200"],
  [
    "a client that gets another server's certificate",
    { client: { certificate: selfSigned().cert } },
    "the gateway's certificate",
  ],
  [
    "a client that cannot resolve it",
    { client: { certificate: { code: 1, err: "ENOTFOUND" } } },
    "ENOTFOUND",
  ],
  [
    "a look-up that another program ended",
    { hypervisor: { "by name": { code: 28, out: "10.0.0.153 200" } } },
    "exit code 28",
  ],
] as const)
  test(`the name: refuted by ${what}`, () => {
    const said = resultOf(leadsToGateway, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

for (const [what, changes, words] of [
  ["a stopped gateway", { hypervisor: { "pct status": "status: stopped\n" } }, "status: stopped"],
  ["a stopped docker host", { hypervisor: { "qm status": "status: stopped\n" } }, "status: stopped"],
  [
    "an nginx that is down",
    {
      gateway: { "by name": { code: 7, out: "10.0.0.153 000" } },
      hypervisor: { "by name": { code: 7, out: "10.0.0.153 000" } },
      "docker-host": { "by name": { code: 7, out: "10.0.0.153 000" } },
      client: { certificate: { code: 1, err: "connect ECONNREFUSED" } },
    },
    "says nothing about the name",
  ],
  [
    "a look-up that failed",
    { gateway: { name: { code: 1, err: "getent: Unknown database" } } },
    "Unknown database",
  ],
  ["a look-up that printed nothing", { gateway: { name: { code: 0, out: "\n" } } }, "no output"],
  ["a look-up that took too long", { gateway: { name: { code: 124 } } }, "timed out"],
  [
    "containers that could not be listed",
    { "docker-host": { "name in containers": { code: 1, err: "the containers could not be listed" } } },
    "the containers could not be listed",
  ],
  ["a missing curl", { hypervisor: { "by name": { code: 127, err: "curl: not found" } } }, "curl: not found"],
] as const)
  test(`the name: unknown with ${what}`, () => {
    const said = resultOf(leadsToGateway, changes);
    expect(said).toMatch(/^unknown/);
    expect(said).toContain(words);
  });

for (const [what, resolvers] of [
  ["in /etc/hosts, whatever resolver there is", "files\n8.8.8.8\n"],
  ["by a resolver in the network", "10.0.0.153\n"],
  ["by a resolver on the machine itself", "127.0.0.53\n::1\n"],
] as const)
  test(`the name: known ${what}`, () =>
    expect(resultOf(leadsToGateway, { "docker-host": { resolvers }, hypervisor: { resolvers } })).toMatch(
      /^pass/,
    ));

test("the name: unknown when the resolvers can't be read", () => {
  for (const resolvers of [undefined, { code: 2, err: "sed: can't read" }, "resolver.example\n"])
    expect(resultOf(leadsToGateway, { "docker-host": { resolvers } })).toMatch(/^unknown/);
});

test("the name: a stopped gateway hides no wrong address", () => {
  const changes = { hypervisor: { "pct status": "status: stopped\n", name: "10.0.0.99\n" } };
  expect(resultOf(leadsToGateway, changes)).toMatch(/^fail.*10\.0\.0\.99.*status: stopped/);
});

test("the name: the advice is nothing that is there already", () => {
  const said = resultOf(leadsToGateway, { gateway: { name: "10.0.0.153\n10.0.0.99\n" } });
  expect(said).toContain("remove 10.0.0.99 for portainer.phoenix.local");
});

test("the name: unknown when a place has no evidence", () => {
  expect(resultOf(leadsToGateway, { hypervisor: { name: undefined } })).toMatch(/^unknown/);
});
