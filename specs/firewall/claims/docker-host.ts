// Claims about which sources may reach the docker host's ports: declared, written to its own firewall file, switched on.
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import { addressOf, isIpv6, type Range, textOf } from "../../../fixtures/readings/pve-firewall/addresses.ts";
import type { Host } from "../../../fixtures/readings/pve-firewall/chain.ts";
import {
  type Admission,
  admissions,
  shutOutOfGuest,
} from "../../../fixtures/readings/pve-firewall/decide.ts";
import { merged } from "../../../fixtures/readings/pve-firewall/lookup.ts";
import { type FirewallText, parseFirewallText } from "../../../fixtures/readings/pve-firewall/parse.ts";
import { portsOf, protocolOf } from "../../../fixtures/readings/pve-firewall/ports.ts";
import type { Rule } from "../../../fixtures/readings/pve-firewall/rule.ts";
import { visible } from "../../../fixtures/visible.ts";
import { check, eachLevel, present } from "../../claim.ts";
import { declaredFirewall, hostFor } from "./declared.ts";
import { asked, cardsOf, enabled, fileOf, guestOf, hostOf, placeOf, service } from "./files.ts";

/**
 * Portainer's port on the docker host is open to the gateway and no other source, as it is declared and in its firewall
 * file; all switches are on.
 */
export function gatewayAlone(e: Evidence): readonly Check[] {
  return eachLevel({
    declared: () => declaredForGateway(e),
    delivered: () => comesIn(e, "delivered", [e.deployment.portainer.port]),
    live: () => switches(e),
  });
}

/** The declared rules of the docker host open Portainer's port to the gateway and no other source. */
export function declaredForGateway(e: Evidence): readonly Check[] {
  const { vmid } = e.deployment.dockerHost;
  const path = `${e.document.target.tree}/etc/phoenix_vm_configs.json`;
  return present("declared", path, e.vmConfigs, (file) => {
    const [own, twice] = [...file.value.vms.entries()].filter(([, vm]) => vm.vmid === vmid);
    const declared = declaredFirewall(own?.[1], (keys) => file.where(["vms", own?.[0] ?? -1, ...keys]));
    const { firewall, text, place } = declared;
    if (twice)
      return [
        check({
          ...{ level: "declared", where: file.where(["vms", twice[0]]), ok: false },
          ...{
            expected: `one entry for VM ${vmid}`,
            found: `another one is at ${file.where(["vms", own?.[0] ?? 0])}`,
          },
          next: `leave one entry for VM ${vmid}`,
        }),
      ];
    const on = firewall?.enabled === true;
    const switched = check({
      level: "declared",
      where: place(0),
      ok: on,
      expected: '"firewall" with "enabled": true',
      found:
        firewall === undefined
          ? "no firewall"
          : `"enabled": ${JSON.stringify(firewall.enabled) ?? "nothing"}`,
      next: `declare the firewall rules of VM ${vmid}`,
    });
    if (!on) return [switched];
    const read = parseFirewallText(text, "guest");
    const { port } = e.deployment.portainer;
    const host = hostFor(e, declared, "in", port);
    return [switched, openTo(e, read, host, port, "declared", ["net0"], ({ line }) => place(line))];
  });
}

/** Which sources each port is open to: Portainer's own to the gateway, any other to no source. */
export function comesIn(e: Evidence, level: Level, ports: readonly number[]): readonly Check[] {
  const { vmid } = e.deployment.dockerHost;
  const cards = cardsOf(e, confOf(vmid))?.map(({ name }) => name) ?? [];
  return present(level, fileOf(vmid), e.firewall(vmid), (file) =>
    ports.map((port) =>
      openTo(e, file, hostOf(e), port, level, cards.length > 0 ? cards : ["net0"], placeOf),
    ),
  );
}

type Place = (step: { readonly file: string; readonly line: number }) => string;

function openTo(
  e: Evidence,
  file: FirewallText,
  host: Host,
  port: number,
  level: Level,
  cards: readonly string[],
  place: Place,
): Check {
  const { gateway, dockerHost, portainer } = e.deployment;
  const { vmid, address } = dockerHost;
  const wanted = port === portainer.port ? [gateway.address] : [];
  const guests = cards.map((card) => guestOf(vmid, file, card));
  const byCard = guests.map((guest) => asked(() => admissions({ address, guest }, "tcp", port, host)));
  const all = byCard.flat();
  const own = addressOf(gateway.address) ?? -1;
  const admits = (some: readonly Admission[] | undefined) =>
    some?.some(({ sources }) => sources.some(({ first, last }) => own >= first && own <= last)) === true;
  const undue = all.find(({ sources }) =>
    sources.some(({ first, last }) => wanted.length === 0 || first !== own || last !== own),
  );
  const admitted = admits(all);
  const show = (sources: readonly string[]) => `${port} open to ${sources.join(", ") || "no source"}`;
  // The gateway comes by the card of the docker host's address, from a port that its kernel chooses.
  const card = guests.find((guest) => guest.card.name === "net0") ?? guests[0];
  const from = { address: gateway.address };
  const shut =
    (undue === undefined || !admitted) && (wanted.length > 0 || all.length === 0) && card
      ? asked(() => shutOutOfGuest({ from, to: { address }, proto: "tcp", dport: port }, card, "IN", host))
      : undefined;
  const missing = wanted.length > 0 && (!admitted || shut !== undefined);
  const sixth = overIpv6(file, port);
  const because = undue?.step ?? shut ?? all[0]?.step;
  // What another card lets in is of no use to the gateway.
  const some = card && admits(byCard[guests.indexOf(card)]);
  const open = missing && undue === undefined && !some ? [] : all;
  const inPart = shut !== undefined && some ? ", from some of its ports only" : "";
  return check({
    level,
    where: place(
      undue
        ? undue.step
        : sixth
          ? { file: `${vmid}.fw`, line: sixth.line }
          : (because ?? { file: `${vmid}.fw`, line: 0 }),
    ),
    ok: undue === undefined && sixth === undefined && !missing,
    expected: show(wanted),
    found:
      show([...new Set([...open.flatMap(sourcesShown), ...(sixth?.source ? [visible(sixth.source)] : [])])]) +
      inPart +
      (because ? `: ${visible(because.because)}` : ""),
    next: `declare this in the firewall rules of VM ${vmid}`,
  });
}

/** A rule that opens the port to addresses of IPv6, unless one before shuts it to everybody: the gateway has none of them. */
function overIpv6({ rules }: FirewallText, port: number): Rule | undefined {
  const first = rules.find(
    (rule) => takes(rule, port) && (rule.source ?? "::").split(",").some(isIpv6) && rule.iface === undefined,
  );
  return first?.action === "ACCEPT" && first.source !== undefined ? first : undefined;
}

/** Whether a rule is in force for connections to the port, whatever they come from. A macro is for other ports. */
function takes({ enabled: on, errors, type, macro, proto, dport }: Rule, port: number): boolean {
  if (!on || errors.length > 0 || type !== "in" || macro !== undefined) return false;
  if (proto !== undefined && protocolOf(proto) !== 6) return false;
  const ports = dport === undefined ? undefined : portsOf(dport);
  if (ports === undefined) return true;
  return "ports" in ports && ports.ports.some(([low, high]) => low <= port && port <= high);
}

/** The sources of an admission: single addresses, else as the rule names them. */
function sourcesShown({ sources, step }: Admission): string[] {
  const single = (ranges: readonly Range[]) =>
    ranges.length <= 3 && ranges.every(({ first, last }) => first === last);
  if (single(merged(sources))) return sources.map(({ first }) => textOf(first));
  return [step.entry.rule?.source === undefined ? "any source" : visible(step.entry.rule.source)];
}

const confOf = (vmid: number) => `/etc/pve/qemu-server/${vmid}.conf`;

/** Proxmox enforces the rules only when all of these switches are on. */
export function switches(e: Evidence): readonly Check[] {
  return [
    ...["cluster", e.deployment.dockerHost.vmid].flatMap((name) =>
      present("live", fileOf(name), e.firewall(name), (file) => [enabled(file, name)]),
    ),
    ...switchedCards(e),
    service(e),
  ];
}

/** Every card on the guests' bridge has firewall=1: a card without it is a way in past all rules. */
function switchedCards(e: Evidence): Check[] {
  const { vmid } = e.deployment.dockerHost;
  const conf = confOf(vmid);
  const cards = cardsOf(e, conf);
  const { bridge } = e.deployment.hypervisor;
  const all = cards?.filter(({ name, properties }) => name === "net0" || properties.bridge === bridge) ?? [];
  const net0 = all.some(({ name }) => name === "net0")
    ? []
    : [
        {
          name: "net0",
          value: cards ? "no net0" : "no such file",
          line: 0,
          properties: {} as Record<string, string>,
        },
      ];
  return [...all, ...net0].map(({ name, value, line, properties }) =>
    check({
      level: "live",
      where: line > 0 ? `${conf}:${line}` : conf,
      ok: properties.firewall === "1",
      expected: `${name} with firewall=1`,
      found: visible(value),
      next: toType`qm set ${vmid} --${name} …,firewall=1`,
    }),
  );
}
