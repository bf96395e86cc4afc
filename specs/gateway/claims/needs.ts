// What Portainer needs of the gateway for each request: where it goes, with which headers, and within which limits.
import { isIP } from "node:net";
import { type Deployment, upstreamOf } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell } from "../../../fixtures/errors.ts";
import { type Directive, named, place } from "../../../fixtures/evidence/parse/nginx.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import type { Proxied } from "../../../fixtures/readings/nginx/request.ts";
import { headerSent, maxBody, nearest, readTimeout } from "../../../fixtures/readings/nginx/settings.ts";
import { check } from "../../claim.ts";
import { rateChecks, upstreamLimits } from "./rate.ts";
import { credentials, imageSize, type Use, wordsOf } from "./requests.ts";

/** An idle console must live for this long, in seconds: nobody types for some minutes. */
export const consoleIdle = 600;
/** A slow answer must be waited for this long, in seconds: an image is pulled, a backup is packed. */
export const slowAnswer = 300;
/** A file of the page, or the answer to a sign-in, comes within this time, in seconds. */
export const quickAnswer = 10;
/** What the judgement of one proxied request looks at. */
export interface Looked {
  readonly use: Use;
  readonly answer: Proxied;
  readonly http: readonly Directive[];
  readonly deployment: Deployment;
}

/** Every check of one proxied request. @throws NotFollowed for a value that only the running nginx knows. */
export function needsMet(looked: Looked): Check[] {
  const { use } = looked;
  return [
    destination(looked),
    path(looked),
    ...(use.console ? consoleChecks(looked) : plainHeaders(looked)),
    ...sessionChecks(looked),
    ...(use.upload ? [bodySize(looked)] : []),
    timeout(looked),
    ...errorsPass(looked),
    ...rateChecks(looked),
    ...upstreamLimits(serversOf(looked.http, looked.answer.pass.upstream) ?? []),
  ];
}

/** A check of a directive. `at` is where it is, or where it is missing. */
function seen(at: Directive, ok: boolean, expected: string, found: string, next: string): Check {
  return check({ level: "live", where: place(at), ok, expected, found, next });
}

/** The addresses of an upstream's servers; undefined if there is no such upstream. */
export function serversOf(http: readonly Directive[], name: string): readonly Directive[] | undefined {
  const blocks = named(http, "upstream").filter(({ args }) => args[0]?.toLowerCase() === name.toLowerCase());
  return blocks.length === 0 ? undefined : blocks.flatMap(({ block }) => named(block, "server"));
}

function destination({ answer, http, deployment }: Looked): Check {
  const { pass, at } = answer;
  const name = deployment.gateway.upstream;
  const wanted = upstreamOf(deployment);
  const servers = serversOf(http, pass.upstream)?.map(({ args }) => args[0] ?? "") ?? [pass.upstream];
  const same = pass.upstream === name.toLowerCase() || servers.every((one) => one === wanted);
  if (!same && servers.some((one) => isIP(one.replace(/:\d+$/, "")) === 0 && !one.startsWith("unix:")))
    throw new CannotTell(
      `${place(at)}: proxy_pass to ${pass.upstream}: only the gateway can resolve that name`,
    );
  const to = `${pass.scheme}://${pass.upstream}`;
  return seen(
    at,
    pass.scheme === "https" && same && servers.length > 0,
    `proxied to https://${name}`,
    `proxied to ${to}`,
    `proxy_pass https://${name};`,
  );
}

function path({ use, answer }: Looked): Check {
  const { sent } = answer.pass;
  // A location for the start page may add a slash and no more.
  const ok = sent === use.target;
  return seen(
    answer.at,
    ok,
    "the path arrives unchanged",
    ok ? "the path arrives unchanged" : `${wordsOf(use)} arrives as ${sent}`,
    "proxy_pass without a path of its own",
  );
}

function plainHeaders({ answer, deployment }: Looked): Check[] {
  const header = (name: string, is: (value: string) => boolean, words: string, next: string) => {
    const { value, at } = headerSent(answer, name);
    return seen(
      at ?? answer.at,
      is(value),
      `${name} ${words}`,
      value === "" ? `no ${name} header` : value,
      `proxy_set_header ${name} ${next};`,
    );
  };
  return [
    header("Host", (value) => value === deployment.portainer.host, deployment.portainer.host, "$http_host"),
    forwardedFor(answer),
    header("X-Forwarded-Proto", (value) => value === "https", "https", "$scheme"),
  ];
}

/** The client's address is known only when it connects, so the directive's text decides. */
function forwardedFor(answer: Proxied): Check {
  const name = "X-Forwarded-For";
  const [at] = nearest(answer.levels, "proxy_set_header").filter(
    ({ args }) => args[0]?.toLowerCase() === name.toLowerCase(),
  );
  const text = at?.args[1] ?? "";
  const names = /\$\{?(proxy_add_x_forwarded_for|(?:realip_)?remote_addr)\}?$/.test(text);
  if (!names && /\$/.test(text) && !/^\$\{?http_/.test(text))
    throw new CannotTell(`${at ? place(at) : ""}: ${name} ${text}: its value was not followed`);
  return seen(
    at ?? answer.at,
    names,
    `${name} with the client's address`,
    text === "" ? `no ${name} header` : text,
    `proxy_set_header ${name} $proxy_add_x_forwarded_for;`,
  );
}

function consoleChecks({ answer }: Looked): Check[] {
  const upgrade = headerSent(answer, "Upgrade");
  const connection = headerSent(answer, "Connection");
  const [version] = nearest(answer.levels, "proxy_http_version");
  return [
    seen(
      upgrade.at ?? answer.at,
      upgrade.value.toLowerCase() === "websocket",
      "Upgrade websocket, for consoles",
      upgrade.value || "no Upgrade header",
      "proxy_set_header Upgrade $http_upgrade;",
    ),
    seen(
      connection.at ?? answer.at,
      connection.value
        .toLowerCase()
        .split(/\s*,\s*/)
        .includes("upgrade"),
      "Connection upgrade, for consoles",
      connection.value || "no Connection header",
      'proxy_set_header Connection "upgrade";',
    ),
    seen(
      version ?? answer.at,
      version?.args[0] === "1.1",
      "proxy_http_version 1.1, for consoles",
      version ? `proxy_http_version ${version.args.join(" ")}` : "no proxy_http_version",
      "proxy_http_version 1.1;",
    ),
  ];
}

/** The session is in a cookie or in a header, which must pass in both directions. */
function sessionChecks(looked: Looked): Check[] {
  const { use, answer } = looked;
  const expected = "what the browser's session sends arrives as sent";
  const kept = Object.entries(credentials).map(([name, sent]) => {
    const { value, at } = headerSent(answer, name, sent);
    const found = value === sent ? expected : `${name} ${value === "" ? "is dropped" : `becomes ${value}`}`;
    return seen(
      at ?? answer.at,
      value === sent,
      expected,
      found,
      `remove the directive that changes ${name}`,
    );
  });
  const [method] = nearest(answer.levels, "proxy_method");
  const [body] = nearest(answer.levels, "proxy_pass_request_body").filter(({ args }) => args[0] === "off");
  const [set] = nearest(answer.levels, "proxy_set_body");
  const as = (at: Directive, found: string, next: string) =>
    seen(at, false, "method and body arrive as sent", found, next);
  const changed = [
    ...(answer.method === use.method ? [] : [method ?? answer.at]),
    ...[body, set].filter((at) => at !== undefined),
  ].map((at) =>
    at === answer.at
      ? as(at, `${use.method} arrives as ${answer.method}`, "remove the error_page that leads there")
      : as(at, `${at.name} ${at.args.join(" ")}`, `remove ${at.name}`),
  );
  const changesHeaders = ["more_set_input_headers", "more_clear_input_headers"].flatMap((name) =>
    nearest(answer.levels, name),
  )[0];
  if (changesHeaders)
    throw new CannotTell(
      `${place(changesHeaders)}: ${changesHeaders.name}: what it changes in the session's headers was not followed`,
    );
  const changesBody = nearest(answer.levels, "sub_filter")[0];
  if (changesBody)
    throw new CannotTell(
      `${place(changesBody)}: sub_filter: what it changes in Portainer's answers was not followed`,
    );
  return [
    ...kept,
    ...changed,
    ...cookieReturns(looked),
    ...cached(use, answer),
    ...keptByBrowser(use, answer),
  ];
}

/** A cached answer of the API is given to other sessions too, and stays as it was. */
function cached({ method, target }: Use, answer: Proxied): Check[] {
  const [cache] = nearest(answer.levels, "proxy_cache");
  if (!cache || cache.args[0] === "off" || method !== "GET" || !target.startsWith("/api/")) return [];
  // Without a time of its own, nginx caches only what Portainer's answers allow.
  const [kept] = ["proxy_cache_valid", "proxy_ignore_headers"].flatMap((name) =>
    nearest(answer.levels, name),
  );
  if (!kept) return [];
  throw new CannotTell(
    `${place(kept)}: ${kept.name} ${kept.args.join(" ")}: whether nginx gives one session's answer to ${wordsOf({ method, target })} to another was not followed`,
  );
}

/** The browser asks again for what the API says, and does not keep it: another user's change has to be seen. */
function keptByBrowser({ method, target }: Use, answer: Proxied): Check[] {
  if (method !== "GET" || !target.startsWith("/api/")) return [];
  const times = nearest(answer.levels, "expires").filter(({ args }) => keeps(args));
  const headers = nearest(answer.levels, "add_header").filter(
    ({ args: [name = "", value = ""] }) =>
      name.toLowerCase() === "cache-control" &&
      !/\bno-(store|cache)\b/i.test(value) &&
      /\b(immutable|(s-)?max-?age=0*[1-9])/i.test(value),
  );
  return [...times, ...headers].map((at) =>
    seen(
      at,
      false,
      "no browser keeps what the API answers",
      `${at.name} ${at.args.join(" ")}`,
      `move ${at.name} to a location for the page's own files`,
    ),
  );
}

/** Whether `expires` lets a browser keep an answer. @throws CannotTell for a time that a variable gives. */
function keeps(args: readonly string[]): boolean {
  const time = args.at(-1) ?? "off";
  if (time.startsWith("$"))
    throw new CannotTell(`expires ${args.join(" ")}: how long a browser keeps an answer was not followed`);
  return !/^(off|epoch|-.*|\+?0+[a-z]*)$/i.test(time);
}

/** Whether a word names a header of Portainer's answers that the session needs. */
const hidesSession = (word: string) =>
  word
    .toLowerCase()
    .split(/\s+/)
    .some((name) =>
      ["set-cookie", "x-csrf-token"].some((own) =>
        name.endsWith("*") ? own.startsWith(name.slice(0, -1)) : own === name,
      ),
    );

/** The session cookie's path is `/`: the browser sends it back only if it stays so. */
function cookieReturns({ answer, deployment }: Looked): Check[] {
  const expected = "the session cookie keeps its path /";
  // The second one takes several names, with `*` for any end, also after an option.
  const hidden = ["proxy_hide_header", "more_clear_headers"]
    .flatMap((name) => nearest(answer.levels, name))
    .find(({ args }) => args.some(hidesSession));
  if (hidden) {
    const found = `${hidden.name} ${hidden.args.join(" ")}`;
    return [
      seen(hidden, false, "the session's cookie and token reach the browser", found, `remove ${found}`),
    ];
  }
  for (const at of nearest(answer.levels, "proxy_cookie_path")) {
    const [from = "", to = ""] = at.args;
    if (from === "off") break;
    if (from.startsWith("~") || /\$/.test(from + to))
      throw new CannotTell(`${place(at)}: proxy_cookie_path ${from} ${to}: what it changes was not followed`);
    // nginx replaces a prefix of the cookie's path.
    if (!"/".startsWith(from)) continue;
    const becomes = `${to}${"/".slice(from.length)}`;
    const [cookie = ""] = becomes.split(/[;\s]/);
    const domain = /;\s*domain=\.?([^;\s]+)/i.exec(becomes)?.[1]?.toLowerCase();
    const { host } = deployment.portainer;
    const ok = cookie === "/" && (domain === undefined || host === domain || host.endsWith(`.${domain}`));
    return [
      seen(
        at,
        ok,
        expected,
        ok ? expected : `proxy_cookie_path makes it ${becomes}: the browser never sends it to /api`,
        "remove proxy_cookie_path",
      ),
    ];
  }
  return [seen(answer.at, true, expected, expected, "")];
}

function bodySize({ answer }: Looked): Check {
  const { bytes: size, at } = maxBody(answer.levels);
  const found = at ? `client_max_body_size ${at.args.join(" ")}` : "no client_max_body_size: 1m";
  if (size === undefined) throw new CannotTell(`${at ? place(at) : ""}: ${found} is not a size`);
  return seen(
    at ?? answer.at,
    size === 0 || size >= imageSize,
    `client_max_body_size 0, or ${imageSize / 1024 / 1024}m and more: an image is uploaded whole`,
    found,
    "client_max_body_size 0;",
  );
}

function timeout({ use, answer }: Looked): Check {
  const [needed, why] = use.console
    ? [consoleIdle, "an idle console"]
    : use.quick
      ? [quickAnswer, "an answer"]
      : [slowAnswer, "a slow answer"];
  const { seconds, at } = readTimeout(answer.levels);
  const found = at ? `proxy_read_timeout ${at.args.join(" ")}` : "no proxy_read_timeout: 60s";
  if (seconds === undefined) throw new CannotTell(`${at ? place(at) : ""}: ${found} is not a time`);
  return seen(
    at ?? answer.at,
    seconds >= needed,
    `proxy_read_timeout ${needed}s or more: nginx ends ${why} after it`,
    found,
    "proxy_read_timeout 1h;",
  );
}

/** Portainer's pages show the messages of its own errors. */
function errorsPass({ answer }: Looked): Check[] {
  if (answer.status !== undefined)
    return [
      seen(
        answer.at,
        false,
        "Portainer's own status reaches the browser",
        `${answer.status} whatever Portainer answers`,
        "let these requests reach Portainer's location without an error_page",
      ),
    ];
  const [intercept] = nearest(answer.levels, "proxy_intercept_errors");
  if (intercept?.args[0] !== "on") return [];
  const replaced = nearest(answer.levels, "error_page").find(({ args }) =>
    args.slice(0, -1).some((code) => /^4\d\d$/.test(code)),
  );
  return replaced
    ? [
        seen(
          replaced,
          false,
          "Portainer's own error messages reach the browser",
          `proxy_intercept_errors on, error_page ${replaced.args.join(" ")}`,
          "proxy_intercept_errors off;",
        ),
      ]
    : [];
}
