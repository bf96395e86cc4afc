// The claim about Portainer's vhost: what the gateway serves under that name, and which headers it sends to Portainer.
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { named, place } from "../../../fixtures/evidence/parse/nginx.ts";
import { describeResponse } from "../../../fixtures/evidence/response.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import { check, distinct, eachLevel, eachPart, inside, known, source } from "../../claim.ts";
import { needsMet } from "./needs.ts";
import {
  answerTo,
  describeAnswer,
  following,
  namedUses,
  requestOf,
  tlsServer,
  uses,
  wordsOf,
} from "./requests.ts";

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
          next: toType`curl ${e.document.target.url}`,
        }),
      ];
    },
  });
}

/** Every request of Portainer's users is proxied to it, with what it needs. */
function vhost(e: Evidence): readonly Check[] {
  const tree = known(e.liveGateway);
  const http = named(tree, "http").flatMap(({ block }) => block ?? []);
  const elsewhere = new Map<string, { answer: NotProxied; requests: string[] }>();
  const more = namedUses(tlsServer(e, tree));
  const parts = [...uses, ...more].map((use) => () => {
    const answer = answerTo(tree, requestOf(e, use));
    // What else the API's other paths need, the requests above stand for. One that nobody reads may refuse to be read.
    const other = () => answerTo(tree, requestOf(e, { ...use, method: "POST" }));
    if (more.includes(use) && (answer.kind === "proxy" || other().kind === "proxy")) return [];
    if (answer.kind === "proxy")
      return following(use, () => needsMet({ use, answer, http, deployment: e.deployment }));
    const key = `${describeAnswer(answer)} ${answer.at ? place(answer.at) : ""}`;
    const same = elsewhere.get(key) ?? { answer, requests: [] };
    elsewhere.set(key, { answer, requests: [...same.requests, wordsOf(use)] });
    return [];
  });
  return distinct(
    eachPart([
      ...parts.map((part) => ["live", part] as const),
      // Once all requests have been followed.
      ["live", () => [...elsewhere.values()].map((one) => notProxied(e, one))],
    ]),
  );
}

type NotProxied = Exclude<ReturnType<typeof answerTo>, { readonly kind: "proxy" }>;

/** One check for all requests that end at the same place. */
function notProxied(
  e: Evidence,
  { answer, requests }: { readonly answer: NotProxied; readonly requests: readonly string[] },
): Check {
  const { gateway, portainer } = e.deployment;
  return check({
    level: "live",
    where: answer.at ? place(answer.at) : source(e.liveGateway),
    ok: false,
    expected: `${portainer.host} proxied to https://${gateway.upstream}: ${requests.join(", ")}`,
    found: describeAnswer(answer),
    next:
      answer.kind === "closed"
        ? "deliver Portainer's vhost, with listen 443 ssl"
        : "let these requests reach Portainer's location",
  });
}
