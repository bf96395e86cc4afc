// The claim about everything else that the gateway serves, on sample evidence from before and after.
import { expect, test } from "@playwright/test";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { judge } from "../../../fixtures/judgement.ts";
import { resultOf } from "../../testing/claim-result.ts";
import { type Changes, dump, sample, site, treeFile } from "../../testing/evidence-builder.ts";
import { othersUntouched } from "./others.ts";

const live = (text: string): Changes => ({ gateway: { "nginx -T": dump(text) } });
const declaredSite = treeFile("etc/nginx/sites-available/vllm_gateway");
const untouched = (e: Evidence) => othersUntouched(sample(), e);

test("others untouched: healthy, with a check for each level", () => {
  const { verdict, checks } = judge(untouched, sample());
  expect(verdict).toBe("pass");
  expect([...new Set(checks.map(({ level }) => level))]).toEqual(["declared", "live", "behaves"]);
});

for (const [what, changes, words] of [
  [
    "a changed declared upstream",
    { hypervisor: { [declaredSite]: site.replace("192.0.2.150", "192.0.2.177") } },
    "vllm_gateway",
  ],
  ["a missing declared file", { hypervisor: { [declaredSite]: { code: 44 } } }, '"found":"none"'],
  ["a changed running upstream", live(site.replace("192.0.2.150", "192.0.2.177")), "server 192.0.2.177:8000"],
  [
    "a missing running upstream",
    live(site.replace(/upstream other_service.*\n/, "")),
    "gone: upstream other_service",
  ],
  ["a new server", live(`${site}server { listen 8080; server_name x; }`), "new: server"],
  [
    "a changed location of another service",
    live(site.replace("http://other_service", "http://other_service/v2")),
    "other_service/v2",
  ],
  ["servers in another order", live(`server { listen 80; server_name b; }${site}`), "new: server"],
  [
    "a name that answers differently",
    { gateway: { "other names": "http://gateway.example/ 502 \n" } },
    '"found":"502"',
  ],
  ["a missing name", { gateway: { "other names": "" } }, "no longer a name of the gateway"],
] as const)
  test(`others untouched: refuted by ${what}`, () => {
    const said = resultOf(untouched, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

test("others untouched: the first server of a port is the one for unknown names, so their order counts", () => {
  const two = (text: string) => sample(live(text));
  const [a, b] = ["server { listen 80; server_name a; }", "server { listen 80; server_name b; }"];
  const { checks } = judge((e) => othersUntouched(two(site + a + b), e), two(site + b + a));
  expect(checks.filter(({ ok }) => !ok).map(({ found }) => found)).toEqual(["in another order"]);
});

const shared = (names: string, listen = 80) =>
  `server { listen ${listen}; server_name portainer.phoenix.local ${names}; location / { return 204; } }`;

test("others untouched: a server that Portainer shares with others is theirs too", () => {
  const from = (before: string, now: string) => {
    const was = sample(live(site + before));
    return resultOf((e: Evidence) => othersUntouched(was, e), live(site + now));
  };
  const grafana = "server { listen 80; server_name grafana.lan; return 200; }";
  expect(from(grafana, grafana + shared("grafana.lan")), "a name of another server").toMatch(
    /^fail.*new: server for grafana\.lan/,
  );
  expect(from(grafana, shared("grafana.lan")), "instead of it").toMatch(/^fail.*gone: server/);
  expect(from(shared("grafana.lan"), shared("grafana.lan", 81)), "what both had is changed").toMatch(
    /^fail.*server for grafana\.lan/,
  );
  expect(from(shared("grafana.lan"), shared("")), "it is taken from them").toMatch(
    /^fail.*gone: server for grafana\.lan/,
  );
  expect(from(shared("grafana.lan"), shared("grafana.lan"))).toMatch(/^pass/);
  expect(from("", shared("portainer portainer.lan _ new.lan")), "names that nobody had").toMatch(/^pass/);
});

test("others untouched: Portainer's own parts may change", () => {
  const mine = site
    .replace("10.0.0.101:9443", "10.0.0.99:9443")
    .replace(/\n-\n/, "\n")
    .replace("https://portainer_service; }", "http://portainer_service; }")
    .replace("listen 443 ssl http2", "listen 443 ssl");
  const both: Changes = {
    hypervisor: { [declaredSite]: mine },
    ...live(`map $http_upgrade $portainer_connection { default upgrade; }\n${mine}`),
  };
  expect(resultOf(untouched, both)).toMatch(/^pass/);
});

test("others untouched: unknown without evidence from before", () => {
  const blind = sample({ gateway: { "other names": undefined } });
  expect(judge((e) => othersUntouched(blind, e), sample()).verdict).toBe("unknown");
});
