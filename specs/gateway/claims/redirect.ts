// The claim about http: it redirects to https on the same name, with path and query kept.
import { plainPath } from "../../../fixtures/evidence/client.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type Directive, named, place } from "../../../fixtures/evidence/parse/nginx.ts";
import { describeResponse } from "../../../fixtures/evidence/response.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { check, eachLevel, inside, known, source } from "../../claim.ts";
import { names } from "./vhost.ts";

/** One server on port 80 redirects Portainer's name permanently, and a client gets that redirect with its path and query. */
export function leadsToHttps(e: Evidence): readonly Check[] {
  return eachLevel({
    live: () => inside(e, "pct", () => [sendsOn(e)]),
    behaves: () => {
      const { host } = e.deployment.portainer;
      const fact = e.response("redirect");
      const response = known(fact);
      const to = `https://${host}${plainPath}`;
      const ok =
        response.kind === "response" && /^30[18]$/.test(String(response.status)) && response.location === to;
      const next = `curl -v 'http://${host}${plainPath}'`;
      return [
        check({
          level: "behaves",
          where: source(fact),
          ok,
          expected: `301 or 308 to ${to}`,
          found: describeResponse(response),
          next,
        }),
      ];
    },
  });
}

function sendsOn(e: Evidence): Check {
  const { host } = e.deployment.portainer;
  const kept = `301 or 308 to https://${host}$request_uri`;
  const servers = named(known(e.liveGateway), "http")
    .flatMap(({ block }) => named(block, "server"))
    .filter((server) => onPort80(server) && names(server).includes(host));
  const [server] = servers;
  const next = "add Portainer's server on port 80 to the gateway's site";
  const notMet = (found: string, at?: Directive) =>
    check({
      level: "live",
      where: at ? place(at) : source(e.liveGateway),
      ok: false,
      expected: kept,
      found,
      next,
    });
  if (!server) return notMet(`no server ${host} on 80`);
  if (servers.length > 1) return notMet(`${servers.length} servers ${host} on 80`, servers[1]);
  const all = named(server.block, "location").find(({ args }) => args.join(" ") === "/");
  const [answer] = [...named(server.block, "return"), ...named(all?.block, "return")];
  if (!answer) return notMet("no return", server);
  const found = answer.args.join(" ");
  const wanted = new RegExp(
    `^30[18] https://(\\$host|\\$server_name|${host.replaceAll(".", "\\.")})\\$request_uri$`,
  );
  return wanted.test(found)
    ? check({ level: "live", where: place(answer), ok: true, expected: kept, found })
    : notMet(found, answer);
}

/** A server without a listen directive listens on 80. */
function onPort80(server: Directive): boolean {
  const listens = named(server.block, "listen");
  return listens.length === 0 || listens.some(({ args }) => /(^|:)80$/.test(args[0] ?? ""));
}
