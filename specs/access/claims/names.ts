// The claim about Portainer's name: it resolves to the gateway on the hypervisor, in the guests and for a client.
import { X509Certificate } from "node:crypto";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { derive } from "../../../fixtures/evidence/fact.ts";
import type { ProbedPlace } from "../../../fixtures/evidence/questions.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { check, eachLevel, guestRuns, known, source } from "../../claim.ts";

const places = [
  ["hypervisor", undefined],
  ["gateway", "pct"],
  ["docker-host", "qm"],
] as const;

/**
 * The name has the gateway's address on the hypervisor and in both guests; a request from there or from outside reaches it.
 * No container makes requests by that name, so a container only must not resolve it to another address.
 */
export function leadsToGateway(e: Evidence): readonly Check[] {
  const judged = places.filter(([, tool]) => tool === undefined || guestRuns(e, tool).ok);
  return eachLevel({
    live: () => [
      ...places.flatMap(([, tool]) => (tool ? [guestRuns(e, tool)] : [])),
      ...judged.map(([place]) => resolves(e, place)),
      ...(guestRuns(e, "qm").ok ? [notElsewhere(e)] : []),
    ],
    behaves: () => [...judged.map(([place]) => answers(e, place)), client(e)],
  });
}

function resolves(e: Evidence, place: ProbedPlace): Check {
  const { gateway, portainer } = e.deployment;
  const { address } = gateway;
  const fact = e.answer(place, "name");
  const found = known(fact).out.trim().split("\n").join(", ") || "no address";
  return check({
    level: "live",
    where: source(fact),
    ok: found === address,
    expected: address,
    found,
    next: `${address} ${portainer.host} in /etc/hosts`,
  });
}

/** Each container has its own /etc/hosts, which a compose file can fill. */
function notElsewhere(e: Evidence): Check {
  const { address } = e.deployment.gateway;
  const fact = e.answer("docker-host", "name in containers");
  const { code, out, err } = known(fact);
  const lines = out.trim().split("\n").filter(Boolean);
  const elsewhere = lines.filter((line) => !line.endsWith(" -") && !line.endsWith(` ${address}`));
  const ok = code === 0 && lines.length > 0 && elsewhere.length === 0;
  const found = code === 0 ? elsewhere.join(", ") || lines.join(", ") || "no container" : err.trim();
  const expected = `containers that resolve the name to ${address} or not at all`;
  return check({
    level: "live",
    where: source(fact),
    ok,
    expected,
    found,
    next: "check extra_hosts in the compose file",
  });
}

function answers(e: Evidence, place: ProbedPlace): Check {
  const { gateway, portainer } = e.deployment;
  const fact = e.answer(place, "by name");
  const found = known(fact).out.trim() || "no answer";
  const [who, status = "000"] = found.split(" ");
  const ok = who === gateway.address && status !== "000";
  return check({
    level: "behaves",
    where: source(fact),
    ok,
    expected: `an answer from ${gateway.address}`,
    found,
    next: `curl -v http://${portainer.host}/`,
  });
}

/** NAT may change the address for a client outside, so the certificate identifies the gateway there. */
function client(e: Evidence): Check {
  const asked = e.answer("client", "certificate");
  const { code, err } = known(asked);
  const path = e.document.target.certificate;
  const own = known(derive(e.file("gateway", path), (file) => file && new X509Certificate(file.text)));
  const shown = (one: X509Certificate | undefined) => one?.fingerprint256.slice(0, 23) ?? "no certificate";
  const served =
    code === 0
      ? known(derive(e.output("client", "certificate"), (text) => new X509Certificate(text)))
      : undefined;
  const found = served ? shown(served) : err;
  const ok = own !== undefined && served?.fingerprint256 === own.fingerprint256;
  return check({
    level: "behaves",
    where: source(asked),
    ok,
    expected: `the gateway's certificate ${shown(own)}`,
    found,
    next: `getent hosts ${e.deployment.portainer.host}`,
  });
}
