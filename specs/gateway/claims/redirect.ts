// The claim about http: it redirects to https on the same name, with path and query kept.
import { plainPath } from "../../../fixtures/evidence/client.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { place } from "../../../fixtures/evidence/parse/nginx.ts";
import { describeResponse } from "../../../fixtures/evidence/response.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { check, eachLevel, inside, known, source } from "../../claim.ts";
import { answerTo, describeAnswer, plainRequestOf, wordsOf } from "./requests.ts";

/** Plain http redirects Portainer's name permanently, and a client gets that redirect with its path and query. */
export function leadsToHttps(e: Evidence): readonly Check[] {
  return eachLevel({
    live: () => inside(e, "pct", () => [sendsOn(e, "/"), sendsOn(e, plainPath)]),
    behaves: () => {
      const { host } = e.deployment.portainer;
      const fact = e.response("redirect");
      const response = known(fact);
      const to = `https://${host}${plainPath}`;
      const ok =
        response.kind === "response" &&
        /^30[18]$/.test(String(response.status)) &&
        plainAddress(response.location) === to;
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

/** An address with the usual spelling of its scheme, host and port: a client does the same with `HTTPS://host:443/`. */
const plainAddress = (address: string) =>
  address.replace(
    /^(https):\/\/([^/?#:]+)(?::443)?(?=[/?#]|$)/i,
    (_, scheme: string, host: string) => `${scheme.toLowerCase()}://${host.toLowerCase()}`,
  );

/** What the configuration does with a plain request, whichever server or directive answers it. */
function sendsOn(e: Evidence, target: string): Check {
  const tree = known(e.liveGateway);
  const request = plainRequestOf(e, target);
  const answer = answerTo(tree, request);
  const to = `https://${e.deployment.portainer.host}${target}`;
  const ok =
    answer.kind === "return" &&
    (answer.status === 301 || answer.status === 308) &&
    plainAddress(answer.body) === to;
  return check({
    level: "live",
    where: answer.at ? place(answer.at) : source(e.liveGateway),
    ok,
    expected: `http, ${wordsOf(request)}: 301 or 308 to ${to}`,
    found: describeAnswer(answer),
    next: "return 301 https://$host$request_uri; in the server that answers Portainer's name on port 80",
  });
}
