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
  ["a range of ports", usual("").replace("listen 443 ssl", "listen 443-444 ssl")],
  ["one of the gateway's addresses", usual("").replace("listen 443 ssl", "listen 10.0.0.153:443 ssl")],
  ["IPv6 and IPv4 at once", usual("").replace("listen 443 ssl", "listen [::]:443 ssl ipv6only=off")],
  [
    "a trailing wildcard before a regular expression",
    `${vhost(`location / { ${pass} ${headers} ${limits} }`, "portainer.*")}server { ${pair('"~^port"')} return 404; }`,
  ],
  [
    "an upstream's address with the request's own path",
    vhost(`location / { proxy_pass https://portainer_service$request_uri; ${headers} ${limits} }`),
  ],
  [
    "one location for each console",
    vhost(
      `location = /api/websocket/exec { ${pass} ${headers} ${limits} } location = /api/websocket/attach { ${pass} ${headers} ${limits} } location / { ${pass} ${headers.replace(/proxy_set_header (Upgrade|Connection) [^;]*;/g, "")} ${limits} }`,
    ),
  ],
  [
    "a location for consoles within another",
    vhost(
      `location / { ${pass} ${headers.replace(/proxy_set_header (Upgrade|Connection) [^;]*;/g, "")} ${limits} location /api/websocket/ { ${pass} ${headers} ${limits} } }`,
    ),
  ],
  ["a time of two units", usual('proxy_read_timeout "1h 30m";', "proxy_read_timeout 1h;")],
  [
    "a cookie rule of the server that the location ends",
    vhost(`proxy_cookie_path / /admin; location / { ${pass} ${headers} ${limits} proxy_cookie_path off; }`),
  ],
  ["attributes of the cookie", usual("proxy_cookie_flags ~ secure samesite=lax;")],
  ["a cookie for the domain above", usual('proxy_cookie_path / "/; Domain=phoenix.local";')],
  ["a rate that a page does not feel", usual("limit_rate 2m;")],
  ["a rate that begins after an image", usual("limit_rate 10k; limit_rate_after 600m;")],
  ["a cache that keeps what Portainer's answers allow", usual("proxy_cache z;")],
  ["a realm without a file of users, which asks nobody", usual('auth_basic "x";')],
  [
    "Portainer in a named location that answers as it likes",
    vhost(
      `error_page 418 = @portainer; location / { return 418; } location @portainer { ${pass} ${headers} ${limits} }`,
    ),
  ],
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
  [
    "a limit on signing in alone",
    vhost(
      `location = /api/auth { limit_req zone=z burst=4 nodelay; ${pass} ${headers} } location / { ${pass} ${headers} ${limits} }`,
    ).replace("map ", "limit_req_zone $binary_remote_addr zone=z:1m rate=6r/m;\nmap "),
  ],
  [
    "a limit on consoles alone",
    vhost(
      `location /api/websocket/ { limit_req zone=z burst=2; limit_conn c 2; ${pass} ${headers} ${limits} } location / { ${pass} ${headers} ${limits} }`,
    ).replace(
      "map ",
      "limit_req_zone $binary_remote_addr zone=z:1m rate=1r/s;\nlimit_conn_zone $binary_remote_addr zone=c:1m;\nmap ",
    ),
  ],
  [
    "a short timeout for the page's own files",
    vhost(
      `location ~* [.](css|js|svg)$ { ${pass} ${headers} proxy_read_timeout 30s; } location / { ${pass} ${headers} ${limits} }`,
    ),
  ],
  [
    "those who say what they are",
    vhost(
      `if ($http_user_agent ~* "curl|wget|python|^-?$") { return 444; } if ($http_accept = "") { return 403; } location / { ${pass} ${headers} ${limits} }`,
    ),
  ],
  [
    "those whom a map of their programs lets in",
    vhost(
      `if ($robot) { return 403; } location / { ${pass} ${headers} ${limits} }`,
      undefined,
      'map $http_user_agent $robot { default 0; "" 1; "~*(nikto|masscan|zgrab)" 1; }\n',
    ),
  ],
  [
    "its own page's requests alone",
    vhost(
      `set $own 0; if ($http_origin = "") { set $own 1; } if ($http_origin = https://$host) { set $own 1; } if ($own = 0) { return 403; } location / { ${pass} ${headers} ${limits} }`,
    ),
  ],
  [
    "the name that TLS asked for",
    vhost(`if ($ssl_server_name != $host) { return 421; } location / { ${pass} ${headers} ${limits} }`),
  ],
  ["a header of another kind removed", usual("more_clear_headers Server X-Powered-*;")],
  ["its network alone", usual("allow 127.0.0.1; allow 10.0.0.0/24; deny all;")],
  ["all private networks", usual("allow 192.168.0.0/16; allow fd00::/8; allow 10.0.0.0/8; deny all;")],
  ["everybody but some elsewhere", usual("deny 203.0.113.9; deny 2001:db8::/32;")],
  [
    "its network or a password",
    usual('satisfy any; allow 10.0.0.0/24; deny all; auth_basic "x"; auth_basic_user_file /x;'),
  ],
  [
    "its network by geo",
    vhost(
      `if ($near = no) { return 403; } location / { ${pass} ${headers} ${limits} }`,
      undefined,
      "geo $near { default no; 10.0.0.0/8 yes; 127.0.0.0/8 yes; }\n",
    ),
  ],
  ["a cookie path that stays", usual("proxy_cookie_path / /;")],
  ["a cookie path with attributes", usual('proxy_cookie_path / "/; secure";')],
  ["a cookie path of another path", usual("proxy_cookie_path /elsewhere/ /;")],
  [
    "the page's own files kept by the browser",
    vhost(
      `location ~* [.](js|css)$ { ${pass} ${headers} ${limits} expires 7d; } location / { ${pass} ${headers} ${limits} expires off; }`,
    ),
  ],
  ["answers that no browser keeps", usual('expires -1; add_header Cache-Control "no-store, max-age=60";')],
  [
    "a path of the API to which one only posts",
    vhost(
      `location = /api/backup { limit_except POST { deny all; } ${pass} ${headers} ${limits} } location = /api/auth { limit_except POST { deny all; } ${pass} ${headers} ${limits} } location / { ${pass} ${headers} ${limits} }`,
    ),
  ],
  ["an age of nothing", usual('add_header Cache-Control "private, max-age=0, must-revalidate";')],
  [
    "a wide limit of connections to the upstream",
    usual("").replace("10.0.0.101:9443;", "10.0.0.101:9443 max_conns=64;"),
  ],
  [
    "one path of the API with a location of its own",
    vhost(
      `location ^~ /api/settings { ${pass} ${headers} ${limits} } location / { ${pass} ${headers} ${limits} }`,
    ),
  ],
  ["Connection as the client sends it", usual("").replace("$portainer_connection;", "$http_connection;")],
  [
    "Portainer below a path too",
    vhost(`location / { ${pass} ${headers} ${limits} } location /portainer/ { return 302 /; }`),
  ],
] as const)
  test(`Portainer is served by ${what}`, () => expect(verdictOf(text)).toMatch(/^pass/));

for (const [what, text, words] of [
  ["answers of the API that the browser keeps", usual("expires 1h;"), "expires 1h"],
  [
    "answers that the server lets a browser keep",
    vhost(`expires max; location / { ${pass} ${headers} ${limits} }`),
    "expires max",
  ],
  [
    "answers kept by a header",
    usual('add_header Cache-Control "public, max-age=600" always;'),
    "add_header Cache-Control",
  ],
  [
    "one connection to the upstream",
    usual("").replace("10.0.0.101:9443;", "10.0.0.101:9443 max_conns=1;"),
    "max_conns=1",
  ],
  [
    "a path of the API that is refused",
    vhost(`location ^~ /api/settings { deny all; } location / { ${pass} ${headers} ${limits} }`),
    "GET /api/settings",
  ],
  [
    "a path of the API within a location that is refused",
    vhost(`location / { ${pass} ${headers} ${limits} location = /api/stacks { return 403; } }`),
    "GET /api/stacks",
  ],
  ["a timeout of a minute", usual("", "proxy_read_timeout 1h;"), "no proxy_read_timeout: 60s"],
  ["a timeout in milliseconds", usual("proxy_read_timeout 90000ms;", "proxy_read_timeout 1h;"), "90000ms"],
  ["a rate at which no page arrives", usual("limit_rate 16k;"), "limit_rate 16k"],
  ["a rate of the upstream", usual("proxy_limit_rate 2000;"), "proxy_limit_rate 2000"],
  [
    "a server that refuses TLS for its name",
    vhost(`ssl_reject_handshake on; location / { ${pass} ${headers} ${limits} }`),
    "by ssl_reject_handshake on",
  ],
  [
    "an upgrade for one console alone",
    vhost(
      `location = /api/websocket/exec { ${pass} ${headers} ${limits} } location / { ${pass} ${headers.replace(/proxy_set_header (Upgrade|Connection) [^;]*;/g, "")} ${limits} }`,
    ),
    "no Upgrade header",
  ],
  [
    "a location for consoles that loses to a regular expression",
    vhost(
      `location /api/websocket { ${pass} ${headers} ${limits} } location ~ ^/api { ${pass} ${headers.replace(/proxy_set_header (Upgrade|Connection) [^;]*;/g, "")} ${limits} } location / { ${pass} ${headers} ${limits} }`,
    ),
    "no Upgrade header",
  ],
  [
    "an upload limit by the length that the client sends",
    vhost(`if ($content_length ~ "^[0-9]{8,}$") { return 413; } location / { ${pass} ${headers} ${limits} }`),
    "413, by return 413",
  ],
  [
    "an upload limit by a map of the length",
    vhost(
      `if ($big) { return 413; } location / { ${pass} ${headers} ${limits} }`,
      undefined,
      'map $http_content_length $big { default 0; "~^[0-9]{8,}$" 1; }\n',
    ),
    "docker/images/load",
  ],
  [
    "an upload limit for a build",
    vhost(
      `location ~ /docker/build$ { ${pass} ${headers} proxy_read_timeout 1h; client_max_body_size 20m; } location / { ${pass} ${headers} ${limits} }`,
    ),
    "client_max_body_size 20m",
  ],
  [
    "an upload limit for a backup that is restored",
    vhost(
      `location = /api/restore { ${pass} ${headers} proxy_read_timeout 1h; client_max_body_size 1m; } location / { ${pass} ${headers} ${limits} }`,
    ),
    "client_max_body_size 1m",
  ],
  [
    "methods that need a password",
    usual('limit_except GET POST { auth_basic "x"; auth_basic_user_file /x; }'),
    "401, by auth_basic x",
  ],
  [
    "methods that a map refuses",
    vhost(
      `if ($bad) { return 405; } location / { ${pass} ${headers} ${limits} }`,
      undefined,
      "map $request_method $bad { default 1; GET 0; POST 0; HEAD 0; }\n",
    ),
    "405, by return 405",
  ],
  [
    "one kind of path that is refused",
    vhost(
      `location / { ${pass} ${headers} ${limits} } location ~ ^/api/users/[0-9]+$ { deny all; ${pass} ${headers} ${limits} }`,
    ),
    "403, by deny all",
  ],
  ["every method sent on as GET", usual("proxy_method GET;"), "proxy_method GET"],
  [
    "a session cookie for another domain",
    usual('proxy_cookie_path / "/; Domain=elsewhere.local";'),
    "Domain=elsewhere.local",
  ],
  ["a token that is hidden", usual("proxy_hide_header X-CSRF-Token;"), "proxy_hide_header X-CSRF-Token"],
  ["a token that is dropped", usual('proxy_set_header X-CSRF-Token "";'), "X-CSRF-Token is dropped"],
  ["an API key that is dropped", usual('proxy_set_header X-API-Key "";'), "X-API-Key is dropped"],
  [
    "a registry's sign-in that is dropped",
    usual('proxy_set_header X-Registry-Auth "";'),
    "X-Registry-Auth is dropped",
  ],
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
  [
    "a password before Portainer's own",
    usual('auth_basic "x"; auth_basic_user_file /x;'),
    "401, by auth_basic x",
  ],
  [
    "the page for an error that is Portainer, with the error's status",
    vhost(
      `error_page 404 @portainer; location / { return 404; } location @portainer { ${pass} ${headers} ${limits} }`,
    ),
    "404 whatever Portainer answers",
  ],
  [
    "the page for an error that is Portainer, where every method becomes GET",
    vhost(
      `error_page 404 = $request_uri; if ($request_method ~ P) { return 404; } location / { ${pass} ${headers} ${limits} }`,
    ),
    "POST arrives as GET",
  ],
  [
    "an upstream whose only server is down",
    vhost(
      `location / { proxy_pass https://spare; ${headers} ${limits} }`,
      undefined,
      "upstream spare { server 10.0.0.101:9443 down; }\n",
    ),
    "502, by upstream spare",
  ],
  [
    "an upstream in a variable that nginx can't look up",
    vhost(`set $behind portainer.lan:9443; location / { proxy_pass https://$behind; ${headers} ${limits} }`),
    "502, by proxy_pass",
  ],
  [
    "a certificate of the client, asked for by a condition",
    vhost(
      `ssl_verify_client optional; if ($ssl_client_verify != SUCCESS) { return 403; } location / { ${pass} ${headers} ${limits} }`,
    ),
    "403, by return 403",
  ],
  [
    "a condition that refuses every browser",
    vhost(`if ($http_user_agent ~ "^Mozilla") { return 403; } location / { ${pass} ${headers} ${limits} }`),
    "403, by return 403",
  ],
  [
    "a session cookie that another module removes",
    usual('more_clear_headers -s 200 "Server Set-Cookie";'),
    "more_clear_headers -s 200 Server Set-Cookie",
  ],
  [
    "a session's token that another module removes",
    usual("more_clear_headers Server X-CSRF-*;"),
    "more_clear_headers Server X-CSRF-*",
  ],
  ["its network refused", usual("deny 10.0.0.0/16; allow all;"), "403, by deny 10.0.0.0/16"],
  [
    "its network refused by geo, in a smaller part of an allowed one",
    vhost(
      `if ($near = no) { return 403; } location / { ${pass} ${headers} ${limits} }`,
      undefined,
      "geo $near { default no; 10.0.0.0/8 yes; 10.0.0.0/20 no; }\n",
    ),
    "403, by return 403",
  ],
  [
    "a timeout in which no file of the page arrives",
    vhost(
      `location ~* [.](css|js|svg)$ { ${pass} ${headers} proxy_read_timeout 500ms; } location / { ${pass} ${headers} ${limits} }`,
    ),
    "proxy_read_timeout 500ms",
  ],
  [
    "a rate for the API that a page's own requests exceed",
    vhost(
      `location /api/ { limit_req zone=z burst=4 nodelay; ${pass} ${headers} ${limits} } location / { ${pass} ${headers} ${limits} }`,
    ).replace("map ", "limit_req_zone $binary_remote_addr zone=z:1m rate=6r/m;\nmap "),
    "limit_req zone=z burst=4 nodelay, at 6r/m",
  ],
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
  [
    "a network beside the known one",
    usual("allow 192.168.7.0/24; deny all;"),
    "allow 192.168.7.0/24: it depends on the client's address",
  ],
  ["a part of its network", usual("allow 10.0.0.0/25; deny all;"), "allow 10.0.0.0/25: it depends"],
  [
    "a part of its network by geo",
    vhost(
      `if ($near = no) { return 403; } location / { ${pass} ${headers} ${limits} }`,
      undefined,
      "geo $near { default no; 10.0.0.0/24 yes; 10.0.0.66 no; }\n",
    ),
    "geo 10.0.0.66: it depends",
  ],
  [
    "another network by geo",
    vhost(
      `if ($far) { return 403; } location / { ${pass} ${headers} ${limits} }`,
      undefined,
      "geo $far { default 1; 192.168.7.0/24 0; }\n",
    ),
    "geo $far: it depends",
  ],
  [
    "a module that changes the request's headers",
    usual("more_clear_input_headers Authorization;"),
    "more_clear_input_headers: what it changes",
  ],
  ["a rate whose zone is unknown", usual("limit_req zone=z;"), "its rate was not found"],
  ["a rate in a variable", usual("limit_rate $slow;"), "limit_rate $slow"],
  [
    "a cache of the API's answers",
    usual("proxy_cache z; proxy_cache_valid any 1h;"),
    "proxy_cache_valid any 1h",
  ],
  ["a filter that changes the page", usual("sub_filter main.js x.js;"), "sub_filter"],
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
