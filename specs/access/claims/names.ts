// The claim about Portainer's name: it resolves to the gateway on the hypervisor, in the guests and for a client.
import { X509Certificate } from "node:crypto";
import { BlockList, isIP } from "node:net";
import { CannotTell } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { derive } from "../../../fixtures/evidence/fact.ts";
import type { ProbedPlace } from "../../../fixtures/evidence/questions.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import { check, eachPart, guestRuns, known, source } from "../../claim.ts";

const places = [
  ["hypervisor", undefined],
  ["gateway", "pct"],
  ["docker-host", "qm"],
] as const;

/**
 * The name has the gateway's address on the hypervisor and in both guests; a request from there or from outside reaches it.
 * No container makes requests by that name, so a container only must not resolve it to another address. While a guest is
 * stopped, its part is unknown: that says nothing about names.
 */
export function leadsToGateway(e: Evidence): readonly Check[] {
  const running = (tools: readonly Tool[], judge: () => Check) => () => {
    for (const tool of tools) mustRun(e, tool);
    return [judge()];
  };
  return eachPart([
    ...places.map(([place, tool]) => ["live", running([tool], () => resolves(e, place))] as const),
    ...places.map(([place, tool]) => ["live", running([tool], () => knownInside(e, place))] as const),
    ["live", running(["qm"], () => notElsewhere(e))],
    ...places.map(([place, tool]) => ["behaves", running(["pct", tool], () => answers(e, place))] as const),
    ["behaves", running(["pct"], () => client(e))],
  ]);
}

type Tool = "pct" | "qm" | undefined;

/** @throws CannotTell if the guest does not run. */
function mustRun(e: Evidence, tool: Tool): void {
  const runs = tool && guestRuns(e, tool);
  if (runs && !runs.ok) throw new CannotTell(`${runs.where}: ${runs.found}; names are judged while it runs`);
}

function resolves(e: Evidence, place: ProbedPlace): Check {
  const { gateway, portainer } = e.deployment;
  const { address } = gateway;
  const fact = e.answer(place, "name");
  const { code, out, err } = known(fact);
  const addresses = out.trim().split("\n").filter(Boolean);
  // getent: 0 with addresses, 2 without any. Anything else is no answer.
  if (!(code === 0 && addresses.length > 0) && !(code === 2 && addresses.length === 0))
    throw new CannotTell(
      `\`${source(fact)}\` is no answer about the name: ${err.trim() || out.trim() || "no output"}`,
    );
  const found = addresses.join(", ") || "no address";
  const others = addresses.filter((one) => one !== address);
  return check({
    level: "live",
    where: source(fact),
    ok: found === address,
    expected: address,
    found,
    next: addresses.includes(address)
      ? `remove ${others.join(" and ")} for ${portainer.host} from /etc/hosts or the resolver`
      : `${address} ${portainer.host} in /etc/hosts`,
  });
}

/** The name is in /etc/hosts, or the resolvers that are asked are inside: one outside does not know this network's names. */
function knownInside(e: Evidence, place: ProbedPlace): Check {
  const { network } = e.deployment.hypervisor;
  const fact = e.output(place, "resolvers");
  const [first = "", ...more] = known(fact).trim().split("\n");
  const resolvers = [first, ...more].filter((one) => one !== "" && one !== "files");
  if (first === "")
    throw new CannotTell("neither /etc/hosts nor a resolver knows the name, so who does is unknown");
  const outside = first === "files" ? [] : resolvers.filter((one) => !inside(one, network));
  return check({
    level: "live",
    where: source(fact),
    ok: outside.length === 0,
    expected: `the name in /etc/hosts, or a resolver in ${network}`,
    found: first === "files" ? "in /etc/hosts" : resolvers.join(", "),
    next: `${e.deployment.gateway.address} ${e.deployment.portainer.host} in /etc/hosts`,
  });
}

/** Whether a resolver is on the machine itself, or in the hypervisor's network, where its link-local addresses are too. */
function inside(address: string, network: string): boolean {
  const [plain = ""] = address.split("%");
  const family = isIP(plain);
  if (family === 0) throw new CannotTell(`not the address of a resolver: ${address}`);
  const [base = "", bits = "32"] = network.split("/");
  const list = new BlockList();
  list.addSubnet("127.0.0.0", 8);
  list.addAddress("::1", "ipv6");
  list.addSubnet("fe80::", 10, "ipv6");
  list.addSubnet(base, Number(bits));
  return list.check(plain, family === 6 ? "ipv6" : "ipv4");
}

/** Each container has its own /etc/hosts, which a compose file can fill. */
function notElsewhere(e: Evidence): Check {
  const { address } = e.deployment.gateway;
  const fact = e.answer("docker-host", "name in containers");
  const { code, out, err } = known(fact);
  if (code !== 0)
    throw new CannotTell(`\`${source(fact)}\` ended with exit code ${code}: ${err.trim() || "no message"}`);
  const lines = out.trim().split("\n").filter(Boolean);
  const elsewhere = lines.filter((line) => !line.endsWith(" -") && !line.endsWith(` ${address}`));
  const ok = lines.length > 0 && elsewhere.length === 0;
  const all = lines.map((line) => line.replace(/ -$/, ": no address"));
  const found = elsewhere.join(", ") || all.join(", ") || "no container";
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
  const { code, out, err } = known(fact);
  if (code === 126 || code === 127)
    throw new CannotTell(`\`${source(fact)}\` could not ask: ${err.trim() || "a program is missing"}`);
  const found = out.trim() || "no answer";
  const [who, status = "000"] = found.split(" ");
  const reached = who === gateway.address && status !== "000";
  if (!reached && who === gateway.address && !gatewayAnswers(e))
    throw new CannotTell(
      `the gateway itself gives no answer (${found}), so this says nothing about the name`,
    );
  return check({
    level: "behaves",
    where: source(fact),
    ok: reached && code === 0,
    expected: `an answer from ${gateway.address}`,
    found: code === 0 || found === "no answer" ? found : `${found} (exit code ${code})`,
    next: toType`curl -v http://${portainer.host}/`,
  });
}

/** Whether nginx answers in the gateway itself. */
function gatewayAnswers(e: Evidence): boolean {
  const [who, status = "000"] = known(e.answer("gateway", "by name")).out.trim().split(" ");
  return who === e.deployment.gateway.address && status !== "000";
}

/** NAT may change the address for a client outside, so the certificate identifies the gateway there. */
function client(e: Evidence): Check {
  const asked = e.answer("client", "certificate");
  const { code, err } = known(asked);
  if (code !== 0 && !gatewayAnswers(e))
    throw new CannotTell(`the gateway itself gives no answer, so this says nothing about the name: ${err}`);
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
    next: toType`getent hosts ${e.deployment.portainer.host}`,
  });
}
