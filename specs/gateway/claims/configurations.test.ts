// The claim about Portainer's vhost on whole configurations that people write: what nginx does with a request decides.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { resultOf } from "../../testing/claim-result.ts";
import { type Changes, dump, sample, site } from "../../testing/evidence-builder.ts";
import { othersUntouched } from "./others.ts";
import { vhostServesPortainer } from "./vhost.ts";

const live = (text: string): Changes => ({ gateway: { "nginx -T": dump(text) } });
/** The sample site without Portainer's server on 443. */
const others = site.replace(/server \{\n {4}listen 443[\s\S]*?\n\}\n/, "");

const pair = (name = "portainer.phoenix.local") =>
  `listen 443 ssl; server_name ${name}; ssl_certificate /etc/nginx/ssl/portainer.phoenix.local.crt; ssl_certificate_key /etc/nginx/ssl/portainer.phoenix.local.key;`;
const headers = `proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $portainer_connection;`;
const limits = "proxy_read_timeout 1h; client_max_body_size 0;";
const pass = "proxy_pass https://portainer_service;";
const map = 'map $http_upgrade $portainer_connection { default upgrade; "" close; }\n';
const vhost = (inside: string, name?: string, before = "") =>
  `${others}${map}${before}server { ${pair(name)} ${inside} }\n`;
const usual = (more: string, without = "") =>
  vhost(`location / { ${pass} ${headers} ${limits.replace(without, "")} ${more} }`);

const verdictOf = (text: string) => resultOf(vhostServesPortainer, live(text));

for (const [what, text] of [
  ["its own name", usual("")],
  ["a wildcard name", vhost(`location / { ${pass} ${headers} ${limits} }`, "*.phoenix.local")],
  ["a name with a leading dot", vhost(`location / { ${pass} ${headers} ${limits} }`, ".phoenix.local")],
  [
    "a name by regular expression",
    vhost(`location / { ${pass} ${headers} ${limits} }`, '"~^portainer\\.phoenix\\.local$"'),
  ],
  ["a trailing wildcard", vhost(`location / { ${pass} ${headers} ${limits} }`, "portainer.*")],
  [
    "the default server",
    vhost(`location / { ${pass} ${headers} ${limits} }`, "_").replace(
      "listen 443 ssl;",
      "listen 443 ssl default_server;",
    ),
  ],
  [
    "an upstream in a variable",
    vhost(`location / { set $behind https://portainer_service; proxy_pass $behind; ${headers} ${limits} }`),
  ],
  [
    "an upstream in a variable of the server",
    vhost(`set $behind portainer_service; location / { proxy_pass https://$behind; ${headers} ${limits} }`),
  ],
  [
    "an upstream by a map",
    vhost(
      `location / { proxy_pass https://$to; ${headers} ${limits} }`,
      undefined,
      "map $host $to { default other_service; portainer.phoenix.local portainer_service; }\n",
    ),
  ],
  ["the address itself", vhost(`location / { proxy_pass https://10.0.0.101:9443; ${headers} ${limits} }`)],
  [
    "an upstream of another name and the same address",
    vhost(
      `location / { proxy_pass https://tls; ${headers} ${limits} }`,
      undefined,
      "upstream tls { server 10.0.0.101:9443; }\n",
    ),
  ],
  [
    "a location of its own for consoles",
    vhost(`location /api/websocket/ { ${pass} proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_read_timeout 1h; }
      location / { ${pass} proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header Connection ""; ${limits} }`),
  ],
  [
    "a location of its own for consoles, with a path",
    vhost(
      `location /api/websocket/ { proxy_pass https://portainer_service/api/websocket/; ${headers} ${limits} } location / { ${pass} ${headers} ${limits} }`,
    ),
  ],
  [
    "a location for consoles by regular expression",
    vhost(
      `location ~ ^/api/websocket/ { ${pass} ${headers} proxy_read_timeout 1d; } location / { ${pass} ${headers} proxy_read_timeout 300s; client_max_body_size 2g; }`,
    ),
  ],
  ["headers and limits in the server", vhost(`${headers} ${limits} location / { ${pass} }`)],
  ["limits in http", vhost(`location / { ${pass} ${headers} }`, undefined, limits)],
  ["all methods allowed one by one", usual("limit_except GET POST PUT PATCH DELETE { deny all; }")],
  [
    "a rate limit with a wide burst",
    usual("limit_req zone=z burst=100 nodelay;").replace(
      "map ",
      "limit_req_zone $binary_remote_addr zone=z:1m rate=5r/s;\nmap ",
    ),
  ],
  [
    "a rate limit that only counts",
    usual("limit_req zone=z; limit_req_dry_run on;").replace(
      "map ",
      "limit_req_zone $binary_remote_addr zone=z:1m rate=1r/s;\nmap ",
    ),
  ],
  ["a cookie path that stays", usual("proxy_cookie_path / /;")],
  ["a cookie path with attributes", usual('proxy_cookie_path / "/; secure";')],
  ["a cookie path of another path", usual("proxy_cookie_path /elsewhere/ /;")],
  ["Connection as the client sends it", usual("").replace("$portainer_connection;", "$http_connection;")],
  [
    "Portainer below a path too",
    vhost(`location / { ${pass} ${headers} ${limits} } location /portainer/ { return 302 /; }`),
  ],
] as const)
  test(`Portainer is served by ${what}`, () => expect(verdictOf(text)).toMatch(/^pass/));

for (const [what, text, words] of [
  ["a timeout of a minute", usual("", "proxy_read_timeout 1h;"), "no proxy_read_timeout: 60s"],
  [
    "a timeout of two minutes",
    usual("proxy_read_timeout 120;", "proxy_read_timeout 1h;"),
    "proxy_read_timeout 120",
  ],
  [
    "a timeout that consoles alone lack",
    vhost(`location /api/websocket/ { ${pass} ${headers} } location / { ${pass} ${headers} ${limits} }`),
    "600s or more",
  ],
  [
    "a timeout set below what http has",
    vhost(
      `location / { ${pass} ${headers} proxy_read_timeout 90s; client_max_body_size 0; }`,
      undefined,
      "proxy_read_timeout 1h;",
    ),
    "proxy_read_timeout 90s",
  ],
  [
    "a small upload limit",
    usual("client_max_body_size 10m;", "client_max_body_size 0;"),
    "client_max_body_size 10m",
  ],
  [
    "no upload limit written, so nginx's own",
    usual("", "client_max_body_size 0;"),
    "no client_max_body_size: 1m",
  ],
  [
    "an upload limit of the server",
    vhost(`client_max_body_size 64M; location / { ${pass} ${headers} proxy_read_timeout 1h; }`),
    "client_max_body_size 64M",
  ],
  [
    "an upload limit of one location",
    vhost(
      `location /api/endpoints/ { ${pass} ${headers} proxy_read_timeout 1h; client_max_body_size 20m; } location / { ${pass} ${headers} ${limits} }`,
    ),
    "client_max_body_size 20m",
  ],
  ["methods that limit_except refuses", usual("limit_except GET POST { deny all; }"), "403, by deny all"],
  [
    "methods that an if refuses",
    vhost(
      `if ($request_method !~ ^(GET|HEAD|POST)$) { return 405; } location / { ${pass} ${headers} ${limits} }`,
    ),
    "405, by return 405",
  ],
  [
    "one method that is refused",
    usual("limit_except GET POST PUT PATCH { deny all; }"),
    "DELETE /api/users/1",
  ],
  ["a password before Portainer's own", usual('auth_basic "x";'), "401, by auth_basic x"],
  [
    "a client certificate",
    vhost(`ssl_verify_client on; location / { ${pass} ${headers} ${limits} }`),
    "400, by ssl_verify_client on",
  ],
  [
    "a session cookie that gets another path",
    usual("proxy_cookie_path / /portainer/;"),
    "/portainer/: the browser never sends it",
  ],
  ["a session cookie that is hidden", usual("proxy_hide_header Set-Cookie;"), "proxy_hide_header Set-Cookie"],
  ["a session cookie that is not passed on", usual('proxy_set_header Cookie "";'), "Cookie is dropped"],
  [
    "a session header that is replaced",
    usual('proxy_set_header Authorization "Basic eDp5";'),
    "Authorization becomes Basic",
  ],
  ["headers that are not passed on", usual("proxy_pass_request_headers off;"), "is dropped"],
  [
    "a rate limit without a burst",
    usual("limit_req zone=z;").replace(
      "map ",
      "limit_req_zone $binary_remote_addr zone=z:1m rate=2r/s;\nmap ",
    ),
    "limit_req zone=z, at 2r/s",
  ],
  [
    "a rate limit by the minute",
    usual("limit_req zone=z burst=5 nodelay;").replace(
      "map ",
      "limit_req_zone $binary_remote_addr zone=z:1m rate=30r/m;\nmap ",
    ),
    "30r/m",
  ],
  [
    "one connection for all",
    usual("limit_conn c 1;").replace("map ", "limit_conn_zone $server_name zone=c:1m;\nmap "),
    "limit_conn c 1",
  ],
  [
    "scripts from the gateway's own disk",
    vhost(
      `location / { ${pass} ${headers} ${limits} } location ~* \\.(js|css)$ { root /var/www; expires 7d; }`,
    ),
    "GET /main.js, GET /main.css",
  ],
  [
    "an API that goes elsewhere",
    vhost(
      `location / { ${pass} ${headers} ${limits} } location /api/ { proxy_pass http://other_service; ${headers} ${limits} }`,
    ),
    "proxied to http://other_service",
  ],
  [
    "a path that is cut",
    vhost(
      `location / { ${pass} ${headers} ${limits} } location /api/ { proxy_pass https://portainer_service/; ${headers} ${limits} }`,
    ),
    "arrives as /",
  ],
  [
    "a path that is rewritten",
    vhost(`location / { rewrite ^/api/(.*)$ /portainer/api/$1 break; ${pass} ${headers} ${limits} }`),
    "arrives as /portainer/api/",
  ],
  [
    "one header in the location, which drops all others",
    vhost(`${headers} ${limits} location / { ${pass} proxy_set_header X-Real-IP $remote_addr; }`),
    "no X-Forwarded-Proto header",
  ],
  [
    "the upstream's name as Host",
    usual("").replace("Host $http_host", "Host $proxy_host"),
    '"found":"portainer_service"',
  ],
  [
    "a forged client address",
    usual("").replace("$proxy_add_x_forwarded_for", "$http_x_forwarded_for"),
    "X-Forwarded-For with the client's address",
  ],
  [
    "error pages of the gateway",
    vhost(
      `error_page 401 403 404 /sorry.html; location / { ${pass} ${headers} ${limits} proxy_intercept_errors on; }`,
    ),
    "proxy_intercept_errors on",
  ],
  [
    "TLS on another port",
    usual("").replace("listen 443 ssl", "listen 8443 ssl"),
    "nothing listens on port 443",
  ],
  ["443 without TLS", usual("").replace("listen 443 ssl", "listen 443"), "plain http"],
  [
    "443 on IPv6 alone",
    usual("").replace("listen 443 ssl", "listen [::]:443 ssl"),
    "nothing listens on port 443",
  ],
  [
    "another server that has the exact name",
    `${vhost(`location / { ${pass} ${headers} ${limits} }`, "*.phoenix.local")}server { ${pair()} return 410; }`,
    "410, by return 410",
  ],
] as const)
  test(`Portainer is not served with ${what}`, () => {
    const said = verdictOf(text);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

for (const [what, text, words] of [
  ["Lua", usual("access_by_lua_block { ngx.exit(403) }"), "access_by_lua_block is not followed"],
  [
    "access by address",
    usual("allow 10.0.0.0/24; deny all;"),
    "allow 10.0.0.0/24: it depends on the client's address",
  ],
  [
    "a variable of the running nginx",
    vhost(`location / { proxy_pass https://$upstream_addr; ${headers} ${limits} }`),
    "$upstream_addr",
  ],
  [
    "a name that the gateway resolves",
    vhost(`location / { proxy_pass https://docker.phoenix.local:9443; ${headers} ${limits} }`),
    "only the gateway can resolve",
  ],
  ["a sub-request that decides", usual("auth_request /sso;"), "auth_request is not followed"],
  ["a cookie rule by regular expression", usual("proxy_cookie_path ~^/$ /x;"), "proxy_cookie_path"],
  ["a rate whose zone is unknown", usual("limit_req zone=z;"), "its rate was not found"],
] as const)
  test(`Portainer's vhost is unknown with ${what}, and the directive is named`, () => {
    const said = verdictOf(text);
    expect(said).toMatch(/^unknown/);
    expect(said).toContain(words);
    expect(said).toMatch(/sites-enabled\/vllm_gateway:\d+/);
  });

test("what can't be followed hides no failure", () => {
  const said = verdictOf(
    vhost(`location / { ${pass} ${headers} } location /api/auth { auth_request /sso; ${pass} }`),
  );
  expect(said).toMatch(/^fail.*no proxy_read_timeout.*auth_request is not followed/);
});

for (const [what, name] of [
  ["a wildcard", "*.phoenix.local"],
  ["a leading dot", ".phoenix.local"],
  ["a regular expression", '"~^portainer\\."'],
] as const)
  test(`a server that answers Portainer's name by ${what} is Portainer's own`, () => {
    const now = live(vhost(`location / { ${pass} ${headers} ${limits} }`, name));
    expect(judge((e) => othersUntouched(sample(), e), sample(now)).verdict).toBe("pass");
  });
