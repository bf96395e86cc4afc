// The claim about Portainer's vhost: what the gateway serves under that name, and which headers it sends to Portainer.
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type Directive, named, place } from "../../../fixtures/evidence/parse/nginx.ts";
import { describeResponse } from "../../../fixtures/evidence/response.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { check, eachLevel, inside, known, source } from "../../claim.ts";

/** The vhost exists, proxies to the upstream with what Portainer needs, and a client gets Portainer's own answer. */
export function vhostServesPortainer(e: Evidence): readonly Check[] {
  return eachLevel({
    live: () =>
      inside(e, "pct", () => {
        const ports = known(e.gatewayPorts);
        const listening = check({
          level: "live",
          where: source(e.gatewayPorts),
          ok: ports.includes(443),
          expected: "443 listening",
          found: ports.join(", "),
        });
        return [listening, ...vhost(e)];
      }),
    behaves: () => {
      const fact = e.response("status");
      const response = known(fact);
      const ok =
        response.kind === "response" &&
        response.status === 200 &&
        /"InstanceID":\s*"[^"]+"/.test(response.body);
      const found =
        response.kind === "response" && !ok
          ? `${describeResponse(response)} ${response.body.slice(0, 120)}`
          : describeResponse(response);
      return [
        check({
          level: "behaves",
          where: source(fact),
          ok,
          expected: "Portainer's status, 200",
          found: found.trim(),
          next: `curl ${e.document.target.url}`,
        }),
      ];
    },
  });
}

function vhost(e: Evidence): Check[] {
  const { gateway, portainer } = e.deployment;
  const { host } = portainer;
  const http = named(known(e.liveGateway), "http")[0];
  const servers = tlsServers(known(e.liveGateway), host);
  const [server] = servers;
  const where = source(e.liveGateway);
  if (!http || !server)
    return [
      check({
        level: "live",
        where,
        ok: false,
        expected: `a server ${host} on 443 ssl`,
        found: "none",
        next: "deliver Portainer's vhost",
      }),
    ];
  const location = named(server.block, "location").find(({ args }) => args.join(" ") === "/");
  if (!location)
    return [
      check({
        level: "live",
        where: place(server),
        ok: false,
        expected: "location /",
        found: "none",
        next: "add location / to the vhost",
      }),
    ];
  const levels = [location, server, http];
  const headers = new Map(
    nearest(levels, "proxy_set_header").map((one) => [one.args[0]?.toLowerCase(), one]),
  );
  const header = (key: string, wanted: RegExp, words: string) => {
    const one = headers.get(key.toLowerCase());
    const found = one?.args[1] ?? `no ${key} header`;
    return check({
      level: "live",
      where: place(one ?? location),
      ok: wanted.test(found),
      expected: `${key} ${words}`,
      found,
      next: `proxy_set_header ${key} …;`,
    });
  };
  const single = (directive: string, wanted: RegExp, words: string) => {
    const [one] = nearest(levels, directive);
    const found = one?.args.join(" ") ?? `no ${directive}`;
    return check({
      level: "live",
      where: place(one ?? location),
      ok: wanted.test(found),
      expected: `${directive} ${words}`,
      found,
      next: `${directive} ${words};`,
    });
  };
  return [
    check({
      level: "live",
      where: place(server),
      ok: servers.length === 1,
      expected: `one server ${host} on 443`,
      found: String(servers.length),
    }),
    single(
      "proxy_pass",
      new RegExp(`^https://${gateway.upstream.replaceAll(".", "\\.")}/?$`),
      `https://${gateway.upstream}`,
    ),
    single("proxy_http_version", /^1\.1$/, "1.1"),
    header("Host", /^\$(http_)?host$/, "$http_host"),
    header("X-Forwarded-For", /^\$(proxy_add_x_forwarded_for|remote_addr)$/, "$proxy_add_x_forwarded_for"),
    header("X-Forwarded-Proto", /^(https|\$scheme)$/, "https"),
    header("Upgrade", /^\$http_upgrade$/, "$http_upgrade"),
    header("Connection", /^(upgrade|\$\w+)$/i, "upgrade"),
  ];
}

/** The names in a server's server_name. */
export const names = (server: Directive) => named(server.block, "server_name").flatMap(({ args }) => args);

/** The servers of a whole configuration that answer for a name on 443. */
export const tlsServers = (tree: readonly Directive[], host: string) =>
  named(named(tree, "http")[0]?.block, "server").filter(
    (server) => names(server).includes(host) && isTls(server),
  );

const isTls = (server: Directive) =>
  named(server.block, "listen").some(({ args }) => /(^|:)443$/.test(args[0] ?? "") && args.includes("ssl"));

/** nginx inherits a directive from the enclosing block only when a block has none of its own. */
function nearest(levels: readonly Directive[], directive: string): Directive[] {
  return levels.map(({ block }) => named(block, directive)).find((found) => found.length > 0) ?? [];
}
