// Claims about the gateway on a sample: the redirect, copies of the address, and everything that is not Portainer's.
import { expect, test } from "@playwright/test";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type Claim, judge } from "../../../fixtures/judgement.ts";
import { dump, lxcs, sample, site, treeFile, vms } from "../../testing/evidence-builder.ts";
import { arrived, type Came } from "../trials/arrivals.ts";
import { oneAddress } from "./addresses.ts";
import { othersUntouched } from "./others.ts";
import { leadsToHttps } from "./redirect.ts";

type Changes = Parameters<typeof sample>[0];
const told = (claim: Claim<Evidence>, changes: Changes) => {
  const { verdict, checks, reason } = judge(claim, sample(changes));
  return `${verdict}: ${JSON.stringify([reason, checks.filter(({ ok }) => !ok)])}`;
};
const live = (text: string): Changes => ({ gateway: { "nginx -T": dump(text) } });
const answered = (status: number, location: string): Changes => ({
  client: { redirect: JSON.stringify({ status, location, body: "" }) },
});
const to = "https://portainer.phoenix.local/accept/a%20path?query=1&more=%26";
const turn = "return 301 https://$host$request_uri;";

for (const [name, claim, levels] of [
  ["http leads to https", leadsToHttps, ["live", "behaves"]],
  ["one address", oneAddress, ["declared"]],
  ["others untouched", (e: Evidence) => othersUntouched(sample(), e), ["declared", "live", "behaves"]],
] as const)
  test(`${name}: healthy, each level looked at`, () => {
    const { verdict, checks } = judge(claim, sample());
    expect(verdict).toBe("pass");
    expect([...new Set(checks.map(({ level }) => level))]).toEqual(levels);
  });

for (const [what, changes, words] of [
  [
    "no server on 80",
    live(
      site
        .replace(turn, turn)
        .replace("listen 80;\n    server_name portainer", "listen 81;\n    server_name portainer"),
    ),
    "no server portainer.phoenix.local on 80",
  ],
  ["two servers on 80", live(`${site}server { server_name portainer.phoenix.local; ${turn} }`), "2 servers"],
  ["no return", live(site.replace(turn, "")), "no return"],
  ["a path that is lost", live(site.replace(turn, "return 301 https://$host/;")), "301 https://$host/"],
  ["a redirect for now", live(site.replace("return 301", "return 302")), "302 https://$host$request_uri"],
  [
    "another name",
    live(site.replace(turn, "return 301 https://elsewhere$request_uri;")),
    "https://elsewhere",
  ],
  ["a client that is sent for now", answered(302, to), `302 to ${to}`],
  ["a client whose query is lost", answered(301, to.replace(/\?.*/, "")), 'a%20path"'],
  ["a client that gets a page", answered(200, ""), '"found":"200"'],
  [
    "a client that gets nothing",
    { client: { redirect: { code: 1, err: "connect ECONNREFUSED" } } },
    "ECONNREFUSED",
  ],
] as const)
  test(`http leads to https: refuted by ${what}`, () => {
    const said = told(leadsToHttps, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

test("http leads to https: a permanent redirect in location / will do, and 308", () => {
  expect(
    told(leadsToHttps, live(site.replace(turn, `location / { ${turn.replace("301", "308")} }`))),
  ).toMatch(/^pass/);
  expect(told(leadsToHttps, answered(308, to))).toMatch(/^pass/);
});

test("http leads to https: unknown where no client asked", () => {
  expect(told(leadsToHttps, { client: { redirect: undefined } })).toMatch(/^unknown/);
});

const copies = (text: string): Changes => ({ hypervisor: { "portainer addresses": text } });
for (const [what, changes, words] of [
  ["an old copy", copies("./etc/a\x003:10.0.0.99:9443\n"), "etc/a:3"],
  [
    "a machine that is elsewhere",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: vms.replace("101/24", "102/24") } },
    "10.0.0.102",
  ],
  [
    "a machine without an address",
    { hypervisor: { [treeFile("etc/phoenix_vm_configs.json")]: vms.replace("10.0.0.101/24", "dhcp") } },
    "dhcp",
  ],
  [
    "a rule for the old address",
    { hypervisor: { [treeFile("etc/phoenix_lxc_configs.json")]: lxcs.replace("10.0.0.101", "10.0.0.99") } },
    "10.0.0.99",
  ],
  ["no copy at all", copies(""), "0 of them"],
] as const)
  test(`one address: refuted by ${what}`, () => {
    const said = told(oneAddress, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

test("one address: another service's rule may lead elsewhere; what can't be read is unknown", () => {
  const other = lxcs.replace(
    '"rules": [',
    '"rules": [ { "type": "out", "dest": "10.0.0.150", "port": "8000" },',
  );
  expect(told(oneAddress, { hypervisor: { [treeFile("etc/phoenix_lxc_configs.json")]: other } })).toMatch(
    /^pass/,
  );
  expect(told(oneAddress, copies("what is this\n"))).toMatch(/^unknown.*not a place of an address/);
});

const declaredSite = treeFile("etc/nginx/sites-available/vllm_gateway");
const untouched = (e: Evidence) => othersUntouched(sample(), e);
for (const [what, changes, words] of [
  [
    "a declared upstream that moved",
    { hypervisor: { [declaredSite]: site.replace("10.0.0.150", "10.0.0.177") } },
    "vllm_gateway",
  ],
  ["a declared file that is gone", { hypervisor: { [declaredSite]: { code: 44 } } }, '"found":"none"'],
  ["a running upstream that moved", live(site.replace("10.0.0.150", "10.0.0.177")), "server 10.0.0.177:8000"],
  [
    "a running upstream that is gone",
    live(site.replace(/upstream other_service.*\n/, "")),
    "gone: upstream other_service",
  ],
  ["a server that is new", live(`${site}server { listen 8080; server_name x; }`), "new: server"],
  [
    "a location of another service that changed",
    live(site.replace("http://other_service", "http://other_service/v2")),
    "other_service/v2",
  ],
  ["servers in another order", live(`server { listen 80; server_name b; }${site}`), "new: server"],
  [
    "a name that answers otherwise",
    { gateway: { "other names": "http://gateway.phoenix.local/ 502 \n" } },
    '"found":"502"',
  ],
  ["a name that is gone", { gateway: { "other names": "" } }, "not a name of the gateway any more"],
] as const)
  test(`others untouched: refuted by ${what}`, () => {
    const said = told(untouched, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

test("others untouched: the first server of a port is the one for unknown names, so their order counts", () => {
  const two = (text: string) => sample(live(text));
  const [a, b] = ["server { listen 80; server_name a; }", "server { listen 80; server_name b; }"];
  const { checks } = judge((e) => othersUntouched(two(site + a + b), e), two(site + b + a));
  expect(checks.filter(({ ok }) => !ok).map(({ found }) => found)).toEqual(["in another order"]);
});

test("others untouched: what is Portainer's may change", () => {
  const mine = site
    .replace("10.0.0.101:9443", "10.0.0.99:9443")
    .replace(/\n-\n/, "\n")
    .replace("https://portainer_service; }", "http://portainer_service; }")
    .replace("listen 443 ssl http2", "listen 443 ssl");
  const both: Changes = {
    hypervisor: { [declaredSite]: mine },
    ...live(`map $http_upgrade $portainer_connection { default upgrade; }\n${mine}`),
  };
  expect(told(untouched, both)).toMatch(/^pass/);
});

test("others untouched: unknown without a look from before", () => {
  const blind = sample({ gateway: { "other names": undefined } });
  expect(judge((e) => othersUntouched(blind, e), sample()).verdict).toBe("unknown");
});

const path = "/accept/a%20path?query=1&more=%26";
const headers = {
  host: "portainer.phoenix.local",
  "x-forwarded-proto": "https",
  "x-forwarded-for": "203.0.113.7, 10.0.0.13",
};
const echo = { path, headers, size: 8 * 1024 * 1024, sha256: "d" };
const sees = (changes: { plain?: Came; large?: Came; slow?: Came; upgrade?: string }) =>
  arrived("https://x", { plain: echo, large: echo, slow: echo, upgrade: "101", ...changes }, "d")
    .filter(({ ok }) => !ok)
    .map(({ where, found }) => `${where}: ${found}`);

test("requests arrive: healthy with the client last, whether or not what it claims is kept", () => {
  expect(sees({})).toEqual([]);
  expect(sees({ plain: { ...echo, headers: { ...headers, "x-forwarded-for": "10.0.0.13" } } })).toEqual([]);
});

for (const [what, changes, words] of [
  ["a path that was read and written anew", { plain: { ...echo, path: "/accept/a path" } }, "/accept/a path"],
  [
    "the upstream's own name",
    { plain: { ...echo, headers: { ...headers, host: "10.0.0.101:9443" } } },
    "Host: 10.0.0.101:9443",
  ],
  [
    "a scheme that the client made up",
    { plain: { ...echo, headers: { ...headers, "x-forwarded-proto": "http" } } },
    "X-Forwarded-Proto: http",
  ],
  [
    "a client that is whoever it claims to be",
    { plain: { ...echo, headers: { ...headers, "x-forwarded-for": "203.0.113.7" } } },
    "X-Forwarded-For: 203.0.113.7",
  ],
  ["no client at all", { plain: { ...echo, headers: {} } }, "no x-forwarded-for"],
  ["an upload that is refused", { large: "413" }, "/upload: 413"],
  ["an upload that was cut", { large: { ...echo, size: 7 } }, "/upload: 7 bytes"],
  ["an upload that was changed", { large: { ...echo, sha256: "e" } }, "changed"],
  ["a slow answer that was not waited for", { slow: "504" }, "/slow: 504"],
  ["an upgrade that is an ordinary request", { upgrade: "200 {}" }, "/socket: 200"],
  ["nobody at the gateway", { plain: "connect ECONNREFUSED" }, "ECONNREFUSED"],
] as const)
  test(`requests arrive: refuted by ${what}`, () => {
    expect(sees(changes).join()).toContain(words);
  });
