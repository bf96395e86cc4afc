// The claim about Portainer's vhost on a sample.
import { expect, test } from "@playwright/test";
import { type Bad, expectSeen, resultOf } from "../../testing/claim-result.ts";
import { dump, site } from "../../testing/evidence-builder.ts";
import { vhostServesPortainer } from "./vhost.ts";

const json = (value: object) => JSON.stringify(value);

const bad: readonly Bad[] = [
  [
    "no vhost",
    { gateway: { "nginx -T": dump(site.replace("443 ssl http2", "80")) } },
    "fail",
    "nothing listens on port 443",
  ],
  [
    "plain http to a TLS port",
    { gateway: { "nginx -T": dump(site.replace("https://", "http://")) } },
    "fail",
    "http://portainer_service",
  ],
  [
    "no upgrade",
    { gateway: { "nginx -T": dump(site.replace(/.*Upgrade.*\n/, "")) } },
    "fail",
    "no Upgrade header",
  ],
  [
    "an emptied Connection header",
    { gateway: { "nginx -T": dump(site.replace('"upgrade"', '""')) } },
    "fail",
    "Connection upgrade",
  ],
  [
    "HTTP/1.0",
    { gateway: { "nginx -T": dump(site.replace("proxy_http_version 1.1;", "")) } },
    "fail",
    "no proxy_http_version",
  ],
  [
    "no server on 443",
    { gateway: { sockets: "  sl  local_address rem_address   st\n" } },
    "fail",
    "443 listening",
  ],
  [
    "a refused connection",
    { client: { status: { code: 1, err: "connect ECONNREFUSED" } } },
    "fail",
    "connect ECONNREFUSED",
  ],
  [
    "a bad gateway",
    { client: { status: json({ status: 502, location: "", body: "<html>" }) } },
    "fail",
    "502 <html>",
  ],
  [
    "a page that says 200 but is not Portainer",
    { client: { status: json({ status: 200, location: "", body: "Welcome to nginx" }) } },
    "fail",
    "Welcome to nginx",
  ],
];

test("vhostServesPortainer holds on a healthy target", () => {
  expect(resultOf(vhostServesPortainer)).toMatch(/^pass/);
});

for (const state of bad)
  test(`vhostServesPortainer reads ${state[2]} with ${state[0]}`, () =>
    expectSeen(vhostServesPortainer, state));
