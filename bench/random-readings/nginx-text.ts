// Odd but valid configurations of nginx: what is in the block `http`.
import type { Random } from "./choice.ts";
import type { Files } from "./kinds.ts";

export function nginxFiles(random: Random): Files {
  const servers = Array.from({ length: 1 + random.below(4) }, () => server(random));
  const included = random.once(3) && servers.length > 1 ? servers.splice(-1) : [];
  const files: Record<string, string> = {
    "http.conf": lines([
      ...(random.once(3) ? settings(random) : []),
      ...maps(random),
      ...upstreams(random),
      ...servers.flat(),
      ...(included.length > 0
        ? [`include ${random.of(["conf.d/*.conf", '"conf.d/*.conf"', "conf.d/site.conf"])};`]
        : []),
    ]),
  };
  if (included.length > 0) files["conf.d/site.conf"] = lines(included.flat());
  if (included.length > 0 && random.once(4))
    files["conf.d/.hidden.conf"] = "server { listen 80; return 418; }\n";
  return files;
}

const lines = (all: readonly string[]) => `${all.join("\n")}\n`;

function maps(random: Random): string[] {
  return [
    ...(random.once(2)
      ? [
          random.of(["map $http_upgrade $connection_upgrade {", "map '$http_upgrade' $connection_upgrade {"]),
          random.of(["  default upgrade;", "  default Upgrade;"]),
          random.of(["  '' close;", '  "" close;', "  ~^$ close;"]),
          "}",
        ]
      : ['map $http_upgrade $connection_upgrade { default upgrade; "" close; }']),
    "map $host $by_host {",
    ...random.some(["  hostnames;"], 4),
    ...random.some([
      "  default up;",
      "  a.test up;",
      "  *.a.test other;",
      "  ~^c\\. third;",
      "  B.A.TEST other;",
      "  ~*TEST$ up;",
    ]),
    "}",
    "map $request_method $by_method {",
    ...random.some(
      ["  default 0;", "  GET 1;", "  put 1;", "  ~^(POST|DELETE)$ $request_method;", "  default '';"].slice(
        0,
        4,
      ),
    ),
    "}",
  ];
}

function upstreams(random: Random): string[] {
  const parameters = () =>
    random.of(["", "", "", " weight=2", " max_fails=0", " max_fails=3 fail_timeout=5s", " max_conns=9"]);
  const more = random.of([
    [],
    [],
    ["  server 127.0.0.1:9003 backup;"],
    ["  server 127.0.0.1:9003 down;"],
    ["  server 127.0.0.1:9002;"],
    ["  keepalive 8;"],
    ["  ip_hash;"],
    ["  zone up 64k;"],
    ["  server 127.0.0.1:9002 down;", "  server 127.0.0.1:9003 backup;"],
  ]);
  const down = random.once(12) ? " down" : "";
  return [
    random.of(["upstream up {", "upstream 'up' {", "upstream\n  up\n{"]),
    `  server ${random.of(["127.0.0.1:9001", "'127.0.0.1:9001'"])}${parameters()}${down};${random.once(4) ? " # server 127.0.0.1:9002;" : ""}`,
    ...more,
    "}",
    `upstream other { server 127.0.0.1:9002${parameters()}; }`,
    "upstream third { server 127.0.0.1:9003; }",
  ];
}

/** Settings that are inherited, each only once at a level. */
function settings(random: Random): string[] {
  const header = () =>
    random.of([
      ..."Host $host|Host $http_host|Host fixed.test|Host $proxy_host|X-Id 1|X-Id $uri|X-Id '$request_uri'|X-Real-IP $remote_addr".split(
        "|",
      ),
      ...'X-Forwarded-Proto $scheme|Upgrade $http_upgrade|Connection $connection_upgrade|Connection "upgrade"|Connection ""|X-Empty ""'.split(
        "|",
      ),
      ...'X-Set $by_method|X-Set a$arg_x|x-id "$request_method-x"|X-Set $1|X-Set $server_name:$server_port|X-Set $is_args$args|X-Empty $http_x_none|X-Set $by_host'.split(
        "|",
      ),
    ]);
  const headers = random.once(3)
    ? Array.from({ length: 1 + random.below(4) }, () => `proxy_set_header ${header()};`)
    : [];
  return [
    ...headers.filter((one, at) => headers.indexOf(one) === at),
    ...one(random, 5, [
      "client_max_body_size 1k;",
      "client_max_body_size 0;",
      "client_max_body_size 2K;",
      "client_max_body_size 10m;",
      "client_max_body_size 4999;",
      "client_max_body_size '1m';",
    ]),
    ...one(random, 6, ["proxy_http_version 1.1;"]),
    ...one(random, 8, ["proxy_read_timeout 3600s;", "proxy_read_timeout 1h;"]),
    ...one(random, 30, ["proxy_pass_request_headers off;"]),
    ...one(random, 20, [
      "deny all;",
      "allow 127.0.0.1; deny all;",
      "allow ::1; deny all;",
      "deny 127.0.0.1;",
      "allow all;",
      "deny 10.0.0.0/8;",
      "allow 127.0.0.0/8;",
    ]),
    ...one(random, 20, ["satisfy any;"]),
    ...one(random, 20, ["auth_basic off;", "auth_basic 'x';", "auth_basic 'x'; auth_basic_user_file users;"]),
    ...one(random, 15, [
      "error_page 404 /a;",
      "error_page 403 =200 /api/;",
      "error_page 500 502 /50x.html;",
      "error_page 401 403 404 405 409 413 = /api/users?a=b;",
      "error_page 404 =410 $uri/x;",
      "error_page 403 405 https://help.test/;",
      "error_page 301 302 =307 http://moved.test$uri;",
      "error_page 497 https://$host$request_uri;",
      "error_page 404 = @named;",
      "error_page 405 413 @named;",
      "recursive_error_pages on; error_page 404 /api/; error_page 403 405 = /static/;",
    ]),
    ...one(random, 25, ["absolute_redirect off;", "port_in_redirect off;", "server_name_in_redirect on;"]),
    ...one(random, 30, [
      "proxy_intercept_errors on;",
      "proxy_buffering off;",
      "proxy_redirect off;",
      "add_header X-A b always;",
      "proxy_method GET;",
    ]),
  ];
}

const one = (random: Random, times: number, all: readonly string[]): string[] =>
  random.once(times) ? [random.of(all)] : [];

function server(random: Random): string[] {
  const tls = random.once(4);
  const listens = random.some(
    tls
      ? ["443 ssl", "[::]:443 ssl", "127.0.0.1:443 ssl", "443 ssl default_server"]
      : [
          "80",
          "80",
          "*:80",
          "127.0.0.1:80",
          "[::]:80",
          "8080",
          "80 default_server",
          "127.0.0.1",
          "0.0.0.0:8080",
          "[::]:80 ipv6only=off",
          "127.0.0.2:80",
          "localhost:80",
        ],
    5,
  );
  const names = random.some(
    [
      "a.test",
      "*.a.test",
      ".c.test",
      "c.*",
      "~^x\\.",
      "_",
      "b.a.test",
      '""',
      "A.TEST",
      "~^(?<sub>.+)\\.a\\.test$",
      "'c.test'",
      "*.test",
    ],
    5,
  );
  return [
    random.of(["server {", "server {", "server{", "server # one\n{"]),
    ...distinct(listens).map((listen) => `  listen ${listen};`),
    ...(tls ? ["  ssl_certificate cert.pem;", "  ssl_certificate_key key.pem;"] : []),
    ...(names.length > 0 ? [`  server_name ${names.join(" ")};`] : []),
    ...settings(random).map((line) => `  ${line}`),
    ...one(random, 20, ["  merge_slashes off;", "  root /nonexistent;", "  index index.html;"]),
    ...rewrites(random, 3).map((line) => `  ${line}`),
    ...locations(random, "/", 2).map((line) => `  ${line}`),
    ...one(random, 8, [
      "  location @named { return 200 named$uri; }",
      "  location @named { proxy_pass http://third; }",
      "  location @named { rewrite ^ /api/ last; }",
    ]),
    ...(random.once(5) ? [`  ${random.of(returned)}`] : []),
    "}",
    ...one(random, 6, ["# server { listen 80 default_server; return 418; }"]),
  ];
}

/** `set`, `if`, `rewrite` and `return`, where not every request ends. */
function rewrites(random: Random, times: number): string[] {
  if (!random.once(times)) return [];
  const all = [
    "set $to http://other;",
    'set $x "a b"; ',
    "set $y $host$uri;",
    "if ($host = c.test) { return 301 https://a.test$request_uri; }",
    "if ($host != a.test) { return 403; }",
    "if ($scheme = http) { return 301 https://$host$request_uri; }",
    "if ($scheme = 'http') { return 308 https://$server_name$uri; }",
    "if ($request_method = PUT) { return 405; }",
    "if ($request_method ~ ^(PUT|DELETE)$ ) { return 405; }",
    "if ($request_method !~ ^(GET|HEAD|POST)$) { return 444; }",
    "if ($http_upgrade ~* websocket) { set $to http://third; }",
    "if ($arg_x) { return 409 $arg_x; }",
    "if ($args ~ limit=(\\d+)) { set $x $1; }",
    "if ($by_method) { return 402; }",
    'if ($http_x_none = "") { set $y none; }',
    "if (-f $request_filename) { break; }",
    "rewrite ^/old/(.*)$ /api/$1;",
    "rewrite ^/old/(.*)$ /a/$1 last;",
    "rewrite ^/a$ /api permanent;",
    "rewrite ^/A http://$host/api redirect;",
    "rewrite ^/api$ /api/;",
    "rewrite ^(/a)/(b) $1/x?z=$2 break;",
    "rewrite ^/(a)/?$ /api/$1?;",
    "rewrite (?i)^/STATIC/ /api/static last;",
    "break;",
    "return 404;",
    "set $args a=b;",
    "set $to other;",
    "rewrite ^/static/(.*)$ /old/$1;",
    "rewrite ^ $uri/x;",
    "rewrite ^/api/(.*)$ /a/$1 break;",
    "if ($http_upgrade) { rewrite ^ /static/ws break; }",
    'if ($host ~ "^(?<sub>[a-z])\\.") { set $y $sub; }',
  ];
  return Array.from({ length: 1 + random.below(2) }, () => random.of(all));
}

function locations(random: Random, below: string, depth: number): string[] {
  const matches = [
    below,
    ...["a", "api", "api/", "a/", "api/websocket/", "static", "old", "api/stacks"].map((name) =>
      `${below === "/" ? "/" : below}${name}`.replace(/\/+/g, "/"),
    ),
  ].filter((path) => path.startsWith(below));
  const forms = random.some(
    [
      ...matches,
      ...matches.map((path) => `= ${path}`),
      ...matches.map((path) => `^~ ${path}`),
      "~ \\.js$",
      "~* ^/A",
      "~ ^/api/(websocket|stacks)",
      "~ /b$",
      "~* \\.(php|js)$",
      "~ ^/(?<part>[^/]+)/",
      '~ "^/api/[a-z]{3,}"',
      "~ ^/$",
    ],
    6,
  );
  const seen = new Set<string>();
  return forms.flatMap((form) => {
    const key = form.replace(/^\^~ /, "");
    if (seen.has(key)) return [];
    seen.add(key);
    const path = form.replace(/^(=|\^~) /, "");
    const prefix = path.startsWith("/");
    const plain = !form.startsWith("=") && prefix;
    const inner = depth > 0 && plain && random.once(6) ? locations(random, path, depth - 1) : [];
    const head = random.once(8) && prefix ? form.replace(path, random.of([`"${path}"`, `'${path}'`])) : form;
    const body = [
      ...settings(random).slice(0, 3),
      ...rewrites(random, 8),
      ...one(random, 15, [
        "limit_except GET { deny all; }",
        "limit_except GET POST { allow 127.0.0.1; deny all; }",
        "limit_except get put { deny all; }",
        "limit_except GET { proxy_pass http://third; }",
        "limit_except GET POST { auth_basic x; auth_basic_user_file users; }",
        "limit_except POST { allow all; }",
        "internal;",
      ]),
      ...inner,
      ...(random.once(12) ? [] : [answer(random, prefix ? path : "~")]),
    ];
    return [`location ${head} {`, ...body.map((line) => `  ${line}`), "}"];
  });
}

const returned = [
  'return 200 "text";',
  "return 200 'a b';",
  "return 200 a\\ b;",
  'return 200 "q\\"$uri";',
  "return 301 https://$host$request_uri;",
  "return 302 /api/;",
  "return https://a.test/;",
  "return 404;",
  "return 308 $scheme://$http_host/x;",
  "return 204;",
  "return 444;",
  "return 403 no;",
  "return 405;",
  "return 413;",
  "return 301 /api/?x=1;",
  "return 200 $1;",
  "return 200 '$arg_x$arg_b';",
  "return 200 $sub;",
  "return 200 $by_method;",
  "return 200 $server_name/$server_port$is_args$args;",
  "return 200 '$http_upgrade:$http_host';",
];

/** One of those that listen at the same address: nginx refuses two in one server. */
function distinct(listens: readonly string[]): string[] {
  const at = (listen: string) => {
    const where = listen.split(" ")[0] ?? "";
    const host = where.startsWith("[")
      ? "six"
      : /^(127\.0\.0\.\d|localhost)/.exec(where.replace("localhost", "127.0.0.1"))?.[0];
    return `${host ?? "any"} ${/:?(\d+)$/.exec(where.replace(/^[\d.]+$/, (text) => (text.includes(".") ? "80" : text)))?.[1] ?? "80"}`;
  };
  return [...new Map(listens.map((listen) => [at(listen), listen])).values()];
}

/** A directive that answers or proxies; in a location by regular expression no proxy_pass with a path. */
function answer(random: Random, place: string): string {
  const proxied = [
    ..."http://up|http://up|http://up|http://other|http://127.0.0.1:9003|http://UP|'http://up'|http://$by_host|http://up$request_uri".split(
      "|",
    ),
    ...(place === "~"
      ? []
      : "http://up/|http://other/base|http://up/base/|http://127.0.0.1:9001/x".split("|")),
  ];
  if (place === "/" && random.once(4)) return random.of(returned);
  if (random.once(25))
    return random.of(
      [
        "try_files $uri /a;",
        "root /nonexistent;",
        "alias /nonexistent/;",
        "empty_gif;",
        "set $to http://third; proxy_pass $to;",
        "if ($request_method = PUT) { proxy_pass http://third; } proxy_pass http://up;",
        "if ($args) { proxy_pass http://third; } if ($http_upgrade) { add_header X-A b; } proxy_pass http://up;",
        "proxy_pass http://$to;",
        "proxy_pass http://$to:9001;",
        "proxy_pass http://127.0.0.1:9002$uri;",
      ].filter((line) => !line.startsWith("alias") || place.startsWith("/")),
    );
  return random.once(3) ? random.of(returned) : `proxy_pass ${random.of(proxied)};`;
}
