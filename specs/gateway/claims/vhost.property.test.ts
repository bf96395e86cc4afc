// Compares the claim about Portainer's vhost with the real nginx: generated configurations, and the requests that the claim
// asks about, sent to a server in Portainer's place.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { judge } from "../../../fixtures/judgement.ts";
import { removeAtExit } from "../../../fixtures/remove-at-exit.ts";
import { findProgram } from "../../../fixtures/setup/packages.ts";
import { selfSigned } from "../../../fixtures/standin/portainer/certificate.ts";
import { dump, sample } from "../../testing/evidence-builder.ts";
import { credentials, imageSize, type Use, uses, wordsOf } from "./requests.ts";
import { vhostServesPortainer } from "./vhost.ts";

const room = mkdtempSync(join(tmpdir(), "nginx-vhost-"));
removeAtExit(room);
const host = "portainer.phoenix.local";
const { cert, key } = selfSigned({ now: new Date(), name: host });
for (const [name, text] of Object.entries({ crt: cert, key })) writeFileSync(join(room, name), text);
const nginx = findProgram(["nginx"], process.env.PATH ?? "") ?? "nginx";

const good = {
  base: "proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;",
  upgrade: "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;",
};
/** One of the values; the first one mostly, so that a good part of the configurations serve Portainer. */
const mostly = (first: string, ...others: string[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(first) },
    { weight: 1, arbitrary: fc.constantFrom(first, ...others) },
  );

const headers = fc
  .tuple(
    mostly(
      good.base,
      "",
      good.base.replace("$http_host", "$proxy_host"),
      good.base.replace("$scheme", "http"),
      good.base.replace(/proxy_http_version 1.1;/, ""),
    ),
    mostly(
      good.upgrade,
      "",
      good.upgrade.replace("$connection_upgrade", '"Upgrade"'),
      good.upgrade.replace("$connection_upgrade", '""'),
      good.upgrade.replace("$http_upgrade", "h2c"),
    ),
    mostly(
      "",
      'proxy_set_header Cookie "";',
      "proxy_pass_request_headers off;",
      "proxy_set_header Authorization $http_authorization;",
      "proxy_set_header X-Other 1;",
    ),
  )
  .map((all) => all.join(" "));
const pass = mostly(
  "proxy_pass https://portainer_service;",
  "proxy_pass https://PORTAINER_SERVICE;",
  "proxy_pass https://10.0.0.101:9443;",
  "proxy_pass http://portainer_service;",
  "proxy_pass https://other_service;",
  "set $to portainer_service; proxy_pass https://$to;",
  "set $to https://portainer_service; proxy_pass $to$request_uri;",
  "return 403;",
  "root /nonexistent;",
);
const extra = mostly(
  "",
  "limit_except GET POST { deny all; }",
  "limit_except GET POST PUT PATCH DELETE { deny all; }",
  "if ($request_method = DELETE) { return 405; }",
  "rewrite ^/api/(.*)$ /v2/$1 break;",
  "proxy_cookie_path / /portainer/;",
  'proxy_cookie_path / "/; Secure";',
  "proxy_hide_header Set-Cookie;",
  "proxy_method POST;",
  "internal;",
);
const body = mostly("client_max_body_size 0;", "", "client_max_body_size 600m;", "client_max_body_size 10m;");
const match = fc.constantFrom(
  ...["/api/", "= /", "^~ /api/websocket/", "~ \\.(js|css)$", "/api/websocket/", "/api/endpoints/"],
  ...["~* ^/API/users", "/main.js", "= /api/auth"],
);
const location = (at: fc.Arbitrary<string>, inherits: fc.Arbitrary<string>) =>
  fc
    .tuple(at, pass, inherits, extra, body)
    .map(([where, to, own, more, size]) => `location ${where} { ${more} ${to} ${own} ${size} }`);
const withPath = fc
  .constantFrom("/api/", "/api/websocket/", "/")
  .chain((at) =>
    fc
      .constantFrom(at, "/", "/x/")
      .map(
        (to) => `location ${at} { proxy_pass https://portainer_service${to}; ${good.base} ${good.upgrade} }`,
      ),
  );
const server = fc
  .record({
    names: mostly(
      host,
      "*.phoenix.local",
      ".phoenix.local",
      "portainer.*",
      '"~^portainer\\."',
      "_",
      "other.phoenix.local",
    ),
    isDefault: fc.boolean(),
    own: fc.tuple(
      headers,
      body,
      mostly("", "if ($host != portainer.phoenix.local) { return 444; }", "rewrite ^/api/auth$ /api/login;"),
    ),
    root: fc.option(
      location(fc.constant("/"), fc.oneof({ weight: 4, arbitrary: headers }, fc.constant(""))),
      { freq: 12 },
    ),
    others: fc.uniqueArray(
      fc.oneof(
        {
          weight: 5,
          arbitrary: location(match, fc.oneof({ weight: 2, arbitrary: headers }, fc.constant(""))),
        },
        withPath,
      ),
      {
        selector: (one) => one.slice(0, one.indexOf("{")),
        maxLength: 2,
      },
    ),
  })
  .map(({ names, isDefault, own, root, others }) => ({
    isDefault,
    text: `server_name ${names}; ssl_certificate CRT; ssl_certificate_key KEY; proxy_read_timeout 1h;
${own.join(" ")}
${[root ?? "", ...others.filter((one) => !root || !one.startsWith("location / "))].join("\n")}`,
  }));
const configuration = fc.array(server, { minLength: 1, maxLength: 3 }).map((all) => {
  const first = all.findIndex(({ isDefault }) => isDefault);
  const servers = all.map(
    ({ text }, at) => `server { listen 443 ssl${at === first ? " default_server" : ""}; ${text} }`,
  );
  return `map $http_upgrade $connection_upgrade { default upgrade; "" close; }
upstream portainer_service { server 10.0.0.101:9443; }
upstream other_service { server 192.0.2.150:8000; }
${servers.join("\n")}
`;
});

async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  const ports: number[] = [];
  for (const probe of probes) {
    if (!probe.listening) await once(probe, "listening");
    ports.push((probe.address() as { port: number }).port);
  }
  for (const probe of probes) {
    probe.close();
    await once(probe, "close");
  }
  return ports;
}

interface Ports {
  readonly gateway: number;
  readonly portainer: number;
  readonly other: number;
}

/** A running nginx with the configuration, and with two servers that answer what arrived; undefined if nginx refuses it. */
async function running(configured: string, { gateway, portainer, other }: Ports) {
  const said =
    "$request_method $request_uri $server_protocol|$http_host|$http_x_forwarded_proto|$http_x_forwarded_for|$http_upgrade|$http_connection|$http_cookie|$http_authorization";
  const echo = (port: number, who: string) =>
    `server { listen 127.0.0.1:${port} ssl; ssl_certificate CRT; ssl_certificate_key KEY; client_max_body_size 0; add_header Set-Cookie "s=1; Path=/; HttpOnly"; return 200 "${who}|${said}"; }`;
  const text = `daemon off; master_process off; pid ${room}/pid; error_log ${room}/error.log;
events {}
http {
access_log off; server_names_hash_bucket_size 128;
client_body_temp_path ${room}/body; proxy_temp_path ${room}/proxy; fastcgi_temp_path ${room}/f; uwsgi_temp_path ${room}/u; scgi_temp_path ${room}/s;
${echo(portainer, "portainer")}
${echo(other, "other")}
${configured
  .replaceAll("listen 443 ", `listen 127.0.0.1:${gateway} `)
  .replaceAll("10.0.0.101:9443", `127.0.0.1:${portainer}`)
  .replaceAll("192.0.2.150:8000", `127.0.0.1:${other}`)}
}`
    .replaceAll("CRT", `${room}/crt`)
    .replaceAll("KEY", `${room}/key`);
  const file = join(room, "nginx.conf");
  writeFileSync(file, text);
  const child = spawn(nginx, ["-p", room, "-c", file, "-e", `${room}/error.log`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  let err = "";
  child.stderr.on("data", (piece) => (err += piece));
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  for (const end = performance.now() + 10_000; performance.now() < end; ) {
    if (child.exitCode !== null) {
      if (!/\[emerg\]/.test(err)) throw new Error(`nginx did not start: ${err}`);
      return { refused: err };
    }
    const answers = await send(gateway, { method: "GET", target: "/" }).then(
      () => true,
      (error) => (error as NodeJS.ErrnoException).code !== "ECONNREFUSED",
    );
    if (answers) return { [Symbol.asyncDispose]: stop };
    await new Promise((done) => setTimeout(done, 5));
  }
  await stop();
  throw new Error("nginx did not answer within 10 s");
}

interface Got {
  readonly status: number;
  readonly cookies: readonly string[];
  readonly body: string;
}

function send(port: number, { method, target, console, upload }: Use): Promise<Got> {
  const asked = request({
    ...{
      host: "127.0.0.1",
      port,
      servername: host,
      ca: cert,
      agent: false,
      method,
      path: target,
      timeout: 5000,
    },
    headers: {
      ...{ host, ...credentials },
      ...(console && { connection: "Upgrade", upgrade: "websocket" }),
      ...(upload && { "content-length": String(imageSize), expect: "100-continue" }),
    },
  });
  return new Promise((done, failed) => {
    asked.once("response", (answer) => {
      textOf(answer).then(
        (body) => done({ status: answer.statusCode ?? 0, cookies: answer.headers["set-cookie"] ?? [], body }),
        failed,
      );
    });
    // nginx takes the announced body: nothing else of this request is compared.
    asked.once("continue", () => {
      done({ status: 100, cookies: [], body: "" });
      asked.destroy();
    });
    asked.once("timeout", () => asked.destroy(new Error("no response")));
    asked.once("error", failed);
    if (upload) asked.flushHeaders();
    else asked.end();
  });
}

/** What is wrong with the way in which a request arrived; empty if Portainer gets what it needs. */
async function wrongWith(port: number, use: Use): Promise<string> {
  const got = await send(port, use).catch((error: Error) => error.message);
  if (typeof got === "string") return got;
  // The target and the headers of an upload are those of the same request without its body.
  if (use.upload) {
    if (got.status !== 100) return `announced: ${got.status}`;
    const { upload: _, ...plain } = use;
    return wrongWith(port, plain);
  }
  if (got.status !== 200) return `${got.status}`;
  const [who, line, name, proto, from = "", upgrade, connection = "", cookie, authorization] =
    got.body.split("|");
  const wrong = (bad: boolean, what: string) => (bad ? [what] : []);
  return [
    ...wrong(who !== "portainer", `reached ${who}`),
    ...wrong(!line?.startsWith(`${use.method} ${use.target} `), `arrived as ${line}`),
    ...wrong(
      cookie !== credentials.Cookie || authorization !== credentials.Authorization,
      "lost the session",
    ),
    ...wrong(!got.cookies.some((one) => /;\s*path=\/\s*(;|$)/i.test(one)), `cookie ${got.cookies.join()}`),
    ...(use.console
      ? [
          ...wrong(!line?.endsWith("HTTP/1.1"), "HTTP/1.0"),
          ...wrong(
            upgrade !== "websocket" || !/\bupgrade\b/i.test(connection),
            `Upgrade ${upgrade}, Connection ${connection}`,
          ),
        ]
      : [
          ...wrong(name !== host, `Host ${name}`),
          ...wrong(proto !== "https", `scheme ${proto}`),
          ...wrong(!from.endsWith("127.0.0.1"), `client ${from}`),
        ]),
  ].join(", ");
}

/** The number of runs; a longer search sets more. */
const runs = Number(process.env.PHOENIX_RUNS || 25);

test("for generated configurations the claim about Portainer's vhost is what its users get from nginx, or unknown", async () => {
  test.setTimeout(600_000);
  const [gateway = 0, portainer = 0, other = 0] = await freePorts(3);
  const seen = { pass: 0, fail: 0, unknown: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(configuration, async (text) => {
      const started = await running(text, { gateway, portainer, other });
      if ("refused" in started) {
        seen.refused++;
        return;
      }
      await using _ = started;
      const { verdict, checks, reason } = judge(
        vhostServesPortainer,
        sample({ gateway: { "nginx -T": { out: dump(text) } } }),
      );
      seen[verdict as "pass" | "fail" | "unknown"]++;
      if (verdict === "unknown") return;
      const found: string[] = [];
      for (const use of uses) {
        const wrong = await wrongWith(gateway, use);
        if (wrong !== "") found.push(`${wordsOf(use)}: ${wrong}`);
      }
      const failing = checks.filter(({ ok }) => !ok).map((one) => `${one.found}; expected ${one.expected}`);
      expect(
        { verdict, failing: verdict === "pass" ? [] : failing, reason, found },
        `claim: ${failing.join("\n")}\nnginx: ${found.join("\n")}\n`,
      ).toMatchObject({ verdict: found.length === 0 ? "pass" : "fail" });
    }),
    { numRuns: runs },
  );
  // A claim that always fails, or is always unknown, must not pass.
  expect(seen.pass + seen.fail, JSON.stringify(seen)).toBeGreaterThan(runs * 0.4);
  if (runs >= 100) expect(seen.pass, JSON.stringify(seen)).toBeGreaterThan(runs * 0.03);
});
