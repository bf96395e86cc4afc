// The claim about copies of Portainer's address, on a sample.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { resultOf } from "../../testing/claim-result.ts";
import { type Changes, lxcs, sample, treeFile, vms } from "../../testing/evidence-builder.ts";
import { oneAddress } from "./addresses.ts";

test("one address: healthy, with a check for each level", () => {
  const { verdict, checks } = judge(oneAddress, sample());
  expect(verdict).toBe("pass");
  expect([...new Set(checks.map(({ level }) => level))]).toEqual(["declared"]);
});

const copies = (text: string): Changes => ({ hypervisor: { "portainer addresses": text } });
for (const [what, changes, words] of [
  ["an old copy", copies("./etc/a\x003:10.0.0.99:9443\n"), "etc/a:3"],
  [
    "a docker host with another address",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: vms.replace("101/24", "102/24") } },
    "10.0.0.102",
  ],
  [
    "a docker host without an address",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: vms.replace("10.0.0.101/24", "dhcp") } },
    "dhcp",
  ],
  [
    "a rule for the old address",
    { hypervisor: { [treeFile("etc/phoenix_lxc_configs.json")]: lxcs.replace("10.0.0.101", "10.0.0.99") } },
    "10.0.0.99",
  ],
  ["no copy at all", copies(""), "0 copies"],
  [
    "a second entry of the docker host with another address",
    {
      hypervisor: {
        [treeFile("etc/phoenix_vm_configs.json")]: vms.replace(
          '{ "vmid": 9000 }',
          '{ "vmid": 1001, "network_config": { "ip": "10.0.0.99/24" } }',
        ),
      },
    },
    "10.0.0.99/24, 10.0.0.101/24",
  ],
  [
    "an address with a slash and no mask",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: vms.replace("101/24", "101/") } },
    "10.0.0.101/",
  ],
] as const)
  test(`one address: refuted by ${what}`, () => {
    const said = resultOf(oneAddress, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

for (const [what, text] of [
  ["the loopback address of a health check", "./compose.yml\x0012:127.0.0.1:9443\n"],
  ["another loopback address", "./compose.yml\x0012:127.0.1.1:9443\n"],
  ["the address of every interface", "./compose.yml\x0012:0.0.0.0:9443\n"],
] as const)
  test(`one address: ${what} is no copy`, () =>
    expect(resultOf(oneAddress, copies(`./etc/a\x003:10.0.0.101:9443\n${text}`))).toMatch(/^pass/));

test("one address: loopback as Portainer's own address is a wrong copy, and alone there is no copy", () => {
  expect(resultOf(oneAddress, copies('./etc/a\x003:portainer_server_ip": "127.0.0.1\n'))).toMatch(
    /^fail.*etc\/a:3/,
  );
  expect(resultOf(oneAddress, copies("./compose.yml\x0012:127.0.0.1:9443\n"))).toMatch(/^fail.*0 copies/);
});

for (const [what, to] of [
  ["of the docker host", "102/24"],
  ["outside its network", "101.7/16"],
] as const)
  test(`one address: when the address ${what} changes, the line that changed is blamed, and no copy`, () => {
    const said = resultOf(oneAddress, {
      hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: vms.replace("101/24", to) },
    });
    expect(said.match(/"where"/g)).toHaveLength(1);
    expect(said).toMatch(/phoenix_vm_configs\.json:\d+:\d+".*to 10\.0\.0\.101/);
  });

test("one address: a rule for the docker host may say it with a mask of one address", () => {
  const masked = lxcs.replace("10.0.0.101", "10.0.0.101/32");
  const changes = { hypervisor: { [treeFile("etc/phoenix_lxc_configs.json")]: masked } };
  expect(resultOf(oneAddress, changes)).toMatch(/^pass/);
});

test("one address: another service's rule may have another address; unknown when a place can't be read", () => {
  const other = lxcs.replace(
    '"rules": [',
    '"rules": [ { "type": "out", "dest": "10.0.0.150", "port": "8000" },',
  );
  expect(resultOf(oneAddress, { hypervisor: { [treeFile("etc/phoenix_lxc_configs.json")]: other } })).toMatch(
    /^pass/,
  );
  expect(resultOf(oneAddress, copies("what is this\n"))).toMatch(/^unknown.*not a place of an address/);
});
