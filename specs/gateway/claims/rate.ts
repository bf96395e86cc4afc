// Rate limits of the gateway: Portainer's page alone makes a burst of requests.
import { CannotTell } from "../../../fixtures/errors.ts";
import { type Directive, named, place } from "../../../fixtures/evidence/parse/nginx.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import type { Levels } from "../../../fixtures/readings/nginx/request.ts";
import { bytes, nearest } from "../../../fixtures/readings/nginx/settings.ts";
import { check } from "../../claim.ts";
import type { Use } from "./requests.ts";

/** The requests that a browser sends at once when it opens Portainer's page and signs in. */
export const pageBurst = 20;
/** The connections that one browser keeps open: HTTP/1.1 takes six. */
export const browserConnections = 6;

/** The bytes that a page and its scripts have, and the seconds that a browser's user waits for them. */
const [pageSize, patience] = [10 * 1024 * 1024, 60];

/** A check for each server of the upstream that takes few connections: a browser's pages and consoles share them. */
export const upstreamLimits = (servers: readonly Directive[]): Check[] =>
  servers.flatMap((at) => {
    const [, most] =
      /^max_conns=(\d+)$/.exec(at.args.find((word) => word.startsWith("max_conns=")) ?? "") ?? [];
    if (most === undefined || at.args.includes("down")) return [];
    return [
      check({
        ...{ level: "live", where: place(at), ok: Number(most) === 0 || Number(most) > browserConnections },
        expected: `max_conns=0, or more than ${browserConnections}: a browser's pages keep as many, and a console one more`,
        found: `server ${at.args.join(" ")}`,
        next: "remove max_conns",
      }),
    ];
  });

/** A check for each rate limit that holds: a page's own requests must pass it, and its bytes in time. */
export function rateChecks({
  use,
  answer,
  http,
}: {
  readonly use: Pick<Use, "method" | "console">;
  readonly answer: { readonly levels: Levels };
  readonly http: readonly Directive[];
}): Check[] {
  const off = (name: string) => nearest(answer.levels, name)[0]?.args[0] === "on";
  // A page reads many things at once; it signs in, changes something or opens a console once.
  const [burst, open] = use.method === "GET" && !use.console ? [pageBurst, browserConnections] : [1, 1];
  return [
    ...(off("limit_req_dry_run")
      ? []
      : nearest(answer.levels, "limit_req").map((at) => requests(at, http, burst))),
    ...(off("limit_conn_dry_run")
      ? []
      : nearest(answer.levels, "limit_conn").map((at) => connections(at, open))),
    ...["limit_rate", "proxy_limit_rate"].flatMap((name) =>
      nearest(answer.levels, name).map((at) => bandwidth(at, answer.levels)),
    ),
  ];
}

/** The bytes a second that nginx passes on. @throws CannotTell for a rate that a variable gives. */
function bandwidth(at: Directive, levels: Levels): Check {
  const size = (one: Directive | undefined) => bytes(one?.args[0] ?? "0");
  const rate = size(at);
  const free = at.name === "limit_rate" ? size(nearest(levels, "limit_rate_after")[0]) : 0;
  const found = `${at.name} ${at.args.join(" ")}`;
  if (rate === undefined || free === undefined)
    throw new CannotTell(`${place(at)}: ${found}: it is not a size`);
  const needed = Math.ceil(pageSize / patience / 1024);
  return check({
    level: "live",
    where: place(at),
    ok: rate === 0 || free + rate * patience >= pageSize,
    expected: `${at.name} 0, or ${needed}k and more: a page has some megabytes`,
    found,
    next: `remove ${at.name}`,
  });
}

function requests(at: Directive, http: readonly Directive[], wanted: number): Check {
  const option = (args: readonly string[], name: string) =>
    args.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const zone = option(at.args, "zone") ?? "";
  const declared = named(http, "limit_req_zone").find(
    ({ args }) => option(args, "zone")?.split(":")[0] === zone,
  );
  const [, count, per] = /^(\d+)r\/([sm])$/.exec(option(declared?.args ?? [], "rate") ?? "") ?? [];
  if (count === undefined)
    throw new CannotTell(`${place(at)}: limit_req zone=${zone}: its rate was not found`);
  const rate = Number(count) / (per === "m" ? 60 : 1);
  const burst = Number(option(at.args, "burst") ?? 0);
  // Without nodelay the burst waits for its turn; a page that takes half a minute is no page.
  const free = at.args.includes("nodelay") ? burst : Math.min(burst, rate * 10);
  const found = `limit_req ${at.args.join(" ")}, at ${count}r/${per}`;
  return check({
    level: "live",
    where: place(at),
    ok: free + rate + 1 >= wanted,
    expected: `${wanted} requests at once pass: a page sends them`,
    found,
    next: `limit_req zone=${zone} burst=100 nodelay;`,
  });
}

function connections(at: Directive, wanted: number): Check {
  return check({
    level: "live",
    where: place(at),
    ok: Number(at.args[1]) >= wanted,
    expected: `${wanted} connections or more: a browser keeps as many`,
    found: `limit_conn ${at.args.join(" ")}`,
    next: `limit_conn ${at.args[0] ?? ""} 100;`,
  });
}
