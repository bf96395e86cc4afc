// The claim about http on a sample: it redirects to https, with path and query kept.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { resultOf } from "../../testing/claim-result.ts";
import { type Changes, dump, sample, site } from "../../testing/evidence-builder.ts";
import { leadsToHttps } from "./redirect.ts";

const live = (text: string): Changes => ({ gateway: { "nginx -T": dump(text) } });
const answered = (status: number, location: string): Changes => ({
  client: { redirect: JSON.stringify({ status, location, body: "" }) },
});
const to = "https://portainer.phoenix.local/accept/a%20path?query=1&more=%26";
const turn = "return 301 https://$host$request_uri;";

test("http to https: healthy, with a check for each level", () => {
  const { verdict, checks } = judge(leadsToHttps, sample());
  expect(verdict).toBe("pass");
  expect([...new Set(checks.map(({ level }) => level))]).toEqual(["live", "behaves"]);
});

for (const [what, changes, words] of [
  [
    "no server on 80",
    live(site.replace("listen 80;\n    server_name portainer", "listen 81;\n    server_name portainer")),
    "a file of the gateway's own disk",
  ],
  ["no return", live(site.replace(turn, "")), "a file of the gateway's own disk"],
  [
    "Portainer on plain http",
    live(site.replace(turn, "location / { proxy_pass https://portainer_service; }")),
    "proxied to https://portainer_service",
  ],
  [
    "a page of the gateway's own",
    live(site.replace(turn, "root /srv/www; index index.html; location / { try_files $uri $uri/ =404; }")),
    "a file of the gateway's own disk",
  ],
  ["nothing on 80", live(site.replaceAll("listen 80;", "listen 81;")), "nothing listens on port 80"],
  ["a path that is lost", live(site.replace(turn, "return 301 https://$host/;")), "301 https://$host/"],
  ["a temporary redirect", live(site.replace("return 301", "return 302")), "302 https://$host$request_uri"],
  [
    "another name",
    live(site.replace(turn, "return 301 https://elsewhere$request_uri;")),
    "https://elsewhere",
  ],
  ["a client that gets a temporary redirect", answered(302, to), `302 to ${to}`],
  ["a client whose query is lost", answered(301, to.replace(/\?.*/, "")), 'a%20path"'],
  ["a client that gets a page", answered(200, ""), '"found":"200"'],
  [
    "a client that gets nothing",
    { client: { redirect: { code: 1, err: "connect ECONNREFUSED" } } },
    "ECONNREFUSED",
  ],
] as const)
  test(`http to https: refuted by ${what}`, () => {
    const said = resultOf(leadsToHttps, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

test("http to https: a permanent redirect in location / passes, and so does 308", () => {
  expect(
    resultOf(leadsToHttps, live(site.replace(turn, `location / { ${turn.replace("301", "308")} }`))),
  ).toMatch(/^pass/);
  expect(resultOf(leadsToHttps, answered(308, to))).toMatch(/^pass/);
});

for (const [what, server] of [
  [
    "an if in the server, as certbot writes it",
    "server { if ($host = portainer.phoenix.local) { return 301 https://$host$request_uri; } listen 80; server_name portainer.phoenix.local; return 404; }",
  ],
  [
    "the default server",
    "server { listen 80 default_server; server_name _; return 301 https://$host$request_uri; }",
  ],
  ["a wildcard", `server { listen 80; server_name *.phoenix.local; ${turn} }`],
  [
    "an if about the scheme",
    'server { listen 80; server_name portainer.phoenix.local; if ($scheme != "https") { rewrite ^ https://$host$request_uri? permanent; } }',
  ],
  [
    "an if about TLS that is off",
    'server { listen 80; server_name portainer.phoenix.local; if ($https = "") { return 308 https://$http_host$request_uri; } }',
  ],
  [
    "a rewrite with the path that it captures",
    "server { listen 80; server_name portainer.phoenix.local; rewrite ^(.*)$ https://$host$1 permanent; }",
  ],
  [
    "the port that every client knows",
    `server { listen 80; server_name portainer.phoenix.local; ${turn.replace("$host", "$host:443")} }`,
  ],
  [
    "the scheme in capitals",
    `server { listen 80; server_name portainer.phoenix.local; ${turn.replace("https", "HTTPS")} }`,
  ],
  [
    "a permanent rewrite",
    "server { listen 80; server_name portainer.phoenix.local; rewrite ^ https://$server_name$request_uri? permanent; }",
  ],
  [
    "a variable",
    "server { listen 80; server_name portainer.phoenix.local; set $to https://$host; location / { return 308 $to$request_uri; } }",
  ],
  [
    "the first of two servers of the name",
    `${"server { listen 80; server_name portainer.phoenix.local; "}${turn} } server { server_name portainer.phoenix.local; return 404; }`,
  ],
] as const)
  test(`http to https: ${what} redirects`, () => {
    const others = site.replace(/server \{\n {4}listen 80;\n {4}server_name portainer[^}]*\}\n/, "");
    expect(others).not.toBe(site);
    expect(resultOf(leadsToHttps, live(others + server))).toMatch(/^pass/);
  });

for (const [what, server, words] of [
  [
    "an if about another name",
    "server { if ($host = other.phoenix.local) { return 301 https://$host$request_uri; } listen 80; server_name portainer.phoenix.local; return 404; }",
    "404, by return 404",
  ],
  [
    "a redirect to Portainer's own port",
    "server { listen 80; server_name portainer.phoenix.local; return 301 https://$host:9443$request_uri; }",
    "https://portainer.phoenix.local:9443/",
  ],
  [
    "a redirect without its status",
    "server { listen 80; server_name portainer.phoenix.local; return https://$host$request_uri; }",
    "302 to",
  ],
  [
    "the path decoded, in which a question mark would begin a query",
    "server { listen 80; server_name portainer.phoenix.local; return 301 https://$host$uri$is_args$args; }",
    "accept/a path",
  ],
  [
    "a default server that redirects to its own name",
    "server { listen 80 default_server; server_name gw; return 301 https://$server_name$request_uri; }",
    "301 to https://gw/",
  ],
  [
    "a rewrite that is temporary",
    "server { listen 80; server_name *.phoenix.local; rewrite ^ https://$host$request_uri? redirect; }",
    "302 to",
  ],
  [
    "a redirect of the start page alone",
    "server { listen 80; server_name portainer.phoenix.local; location = / { return 301 https://$host/; } location / { proxy_pass https://portainer_service; } }",
    "proxied to",
  ],
] as const)
  test(`http to https: refuted by ${what}`, () => {
    const others = site.replace(/server \{\n {4}listen 80;\n {4}server_name portainer[^}]*\}\n/, "");
    const said = resultOf(leadsToHttps, live(others + server));
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

test("http to https: unknown, by name, if nginx decides by what the configuration does not tell", () => {
  const server =
    "server { listen 80; server_name portainer.phoenix.local; if ($geoip_country_code = XX) { return 403; } return 301 https://$host$request_uri; }";
  expect(
    resultOf(
      leadsToHttps,
      live(site.replace(/server \{\n {4}listen 80;\n {4}server_name portainer[^}]*\}\n/, server)),
    ),
  ).toMatch(/^unknown.*geoip_country_code.*sites-enabled/);
});

test("http to https: unknown without a client's request", () => {
  expect(resultOf(leadsToHttps, { client: { redirect: undefined } })).toMatch(/^unknown/);
});
