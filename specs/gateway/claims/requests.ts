// The requests that Portainer's users make, and what the gateway's configuration does with each.
import { CannotTell } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type Directive, named, place } from "../../../fixtures/evidence/parse/nginx.ts";
import { formOf, prefixOf } from "../../../fixtures/readings/nginx/location.ts";
import type { Answer, Request } from "../../../fixtures/readings/nginx/request.ts";
import { NotFollowed } from "../../../fixtures/readings/nginx/request.ts";
import { resolve, serverOf } from "../../../fixtures/readings/nginx/resolve.ts";

/** A request of Portainer's page, and what it needs beyond an answer. */
export interface Use {
  readonly method: string;
  readonly target: string;
  /** A websocket: it stays open while nobody types. */
  readonly console?: true;
  /** A page's own file, or a sign-in: Portainer answers it at once. */
  readonly quick?: true;
  /** Its body is a whole image or backup. */
  readonly upload?: true;
}

/** One request of each kind: pages, scripts, each method of the API, all that uploads much, and both consoles. */
export const uses: readonly Use[] = [
  { method: "GET", target: "/", quick: true },
  { method: "GET", target: "/main.js", quick: true },
  { method: "GET", target: "/main.css", quick: true },
  { method: "GET", target: "/api/system/status" },
  { method: "POST", target: "/api/auth", quick: true },
  { method: "PUT", target: "/api/users/1" },
  { method: "PATCH", target: "/api/endpoints/1/kubernetes/api/v1/namespaces/default" },
  { method: "DELETE", target: "/api/users/1" },
  { method: "POST", target: "/api/endpoints/1/docker/images/load", upload: true },
  { method: "POST", target: "/api/endpoints/1/docker/build?t=own%3A1", upload: true },
  { method: "POST", target: "/api/restore", upload: true },
  { method: "GET", target: "/api/websocket/exec?endpointId=1&id=1", console: true },
  { method: "GET", target: "/api/websocket/attach?endpointId=1&id=1", console: true },
];

/**
 * A request to each path of the API that the server's configuration names, beside those above: what is refused there is
 * refused to users.
 */
export function namedUses(server: Directive | undefined): readonly Use[] {
  const inside = (block: readonly Directive[]): readonly Use[] =>
    named(block, "location").flatMap(({ args, block: own = [] }) => {
      const form = formOf(args);
      const path = form[0] === "=" ? form[1] : prefixOf(form);
      const [target] = [path ?? ""].filter((each) => each.startsWith("/api/"));
      const isNew = target !== undefined && !uses.some((use) => use.target.startsWith(target));
      const its = isNew ? [{ method: "GET", target }] : [];
      return [...its, ...inside(own)];
    });
  return inside(server?.block ?? []);
}

/** A request in words: `PUT /api/users/1`. */
export const wordsOf = ({ method, target }: Pick<Request, "method" | "target">) => `${method} ${target}`;

/** What a signed-in user's request carries. */
export const credentials = {
  Cookie: "portainer_api_key=session",
  Authorization: "Bearer session",
  "X-CSRF-Token": "token",
  "X-API-Key": "key",
  "X-Registry-Auth": "registry",
} as const;

/** What every browser sends beside it: a gateway that refuses a request without these refuses no user. */
const ofBrowser = (host: string) => ({
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
  accept: "*/*",
  "accept-language": "en-GB,en;q=0.5",
  "accept-encoding": "gzip, deflate, br",
  referer: `https://${host}/`,
});

/** An uploaded image may be this large, in bytes. */
export const imageSize = 512 * 1024 * 1024;

/** A request of a client to Portainer's name over TLS. */
export function requestOf(e: Evidence, { method, target, console, upload }: Use): Request {
  return {
    ...{
      scheme: "https",
      port: 443,
      host: e.deployment.portainer.host,
      address: e.deployment.gateway.address,
      clients: e.deployment.hypervisor.network,
    },
    ...{ method, target },
    headers: {
      ...ofBrowser(e.deployment.portainer.host),
      ...(method !== "GET" && { origin: `https://${e.deployment.portainer.host}` }),
      ...Object.fromEntries(Object.entries(credentials).map(([name, value]) => [name.toLowerCase(), value])),
      ...(console && {
        ...{ connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" },
        origin: `https://${e.deployment.portainer.host}`,
      }),
      ...(upload && { "content-length": String(imageSize), "content-type": "application/x-tar" }),
    },
  };
}

/** The same request over plain http. */
export const plainRequestOf = (e: Evidence, target: string): Request => ({
  ...requestOf(e, { method: "GET", target }),
  ...{ scheme: "http", port: 80 },
});

/** What the configuration answers. @throws CannotTell, naming the directive that can't be followed. */
export function answerTo(
  tree: readonly Directive[],
  request: Request,
): Exclude<Answer, { readonly kind: "unknown" }> {
  const answer = resolve(tree, request);
  if (answer.kind !== "unknown") return answer;
  throw new CannotTell(notFollowed(wordsOf(request), answer.reason, answer.at));
}

/** Runs a judgement of an answer. @throws CannotTell instead of the resolver's own error. */
export function following<T>(use: Use, judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    if (!(error instanceof NotFollowed)) throw error;
    throw new CannotTell(notFollowed(wordsOf(use), error.message, error.at));
  }
}

const notFollowed = (what: string, reason: string, at: Directive | undefined) =>
  `${what}: ${reason}${at ? ` (${place(at)})` : ""}; what nginx does then was not followed`;

/** The server that answers Portainer's name with TLS; undefined if there is none, or it can't be told. */
export const tlsServer = (e: Evidence, tree: readonly Directive[]): Directive | undefined =>
  serverOf(tree, requestOf(e, { method: "GET", target: "/" }));

/** The servers that answer Portainer's name, over plain http and over TLS. */
export function ownServers(e: Evidence, tree: readonly Directive[]): readonly Directive[] {
  const found = [tlsServer(e, tree), serverOf(tree, plainRequestOf(e, "/"))];
  return found.filter((one) => one !== undefined);
}

/** What an answer is, in words for `found`. */
export function describeAnswer(answer: Exclude<Answer, { readonly kind: "unknown" }>): string {
  if (answer.kind === "closed") return answer.reason;
  if (answer.kind === "files") return "a file of the gateway's own disk";
  if (answer.kind === "proxy") {
    const { scheme, upstream, path = "" } = answer.pass;
    return `proxied to ${scheme}://${upstream}${path}`;
  }
  const { status, body, at } = answer;
  const to = status >= 300 && status < 400 ? ` to ${body}` : "";
  return `${status}${to}, by ${[at.name, ...at.args].join(" ")}`;
}
