// Claims about the gateway's outbound rule: declared, written where the firewall reads it, and switched on.
import { outboundRuleOf } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell, problem } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import { addressOf, type Range } from "../../../fixtures/readings/pve-firewall/addresses.ts";
import type { Match } from "../../../fixtures/readings/pve-firewall/chain.ts";
import { decideInGuest, type Packet } from "../../../fixtures/readings/pve-firewall/decide.ts";
import { type FirewallText, parseFirewallText } from "../../../fixtures/readings/pve-firewall/parse.ts";
import { visible } from "../../../fixtures/visible.ts";
import { check, eachLevel, present } from "../../claim.ts";
import { declaredFirewall, hostFor } from "./declared.ts";
import { asked, cardsOf, enabled, fileOf, guestOf, hostOf, placeOf, rulesShown, service } from "./files.ts";

/**
 * The gateway's firewall is enabled, and of its declared rules it is the plan's that decides over the connection to Portainer.
 */
export function declaredRule(e: Evidence): readonly Check[] {
  const path = `${e.document.target.tree}/etc/phoenix_lxc_configs.json`;
  const { gateway, dockerHost, portainer } = e.deployment;
  const { ctid } = gateway;
  return present("declared", path, e.lxcConfigs, ({ value, where }) => {
    const at = ["lxc_configs", String(ctid)];
    const declared = declaredFirewall(value.lxc_configs[ctid], (keys) => where([...at, ...keys]));
    const { firewall, text, place } = declared;
    const read = parseFirewallText(text, "guest");
    const host = hostFor(e, declared, "out", portainer.port);
    const { address } = dockerHost;
    const packet: Packet = {
      ...{ from: { address: gateway.address }, to: { address } },
      ...{ proto: "tcp", dport: portainer.port },
    };
    const step = asked(() => decideInGuest(packet, guestOf(ctid, read), "OUT", host));
    const { rule, match } = step.entry;
    const decides = rule !== undefined && exactly(match, address, portainer.port);
    const ok = decides && step.verdict === "ACCEPT";
    const wanted = JSON.stringify(outboundRuleOf(e.deployment));
    const all = (firewall?.rules ?? []).map((one) => JSON.stringify(one)).join(", ") || "no rules";
    const on = JSON.stringify(firewall?.enabled) ?? "nothing";
    return [
      check({
        level: "declared",
        where: where([...at, "firewall", "enabled"]),
        ok: on === "true",
        expected: '"enabled": true',
        found: on,
      }),
      check({
        level: "declared",
        where: rule ? place(rule.line) : where([...at, "firewall", "rules", 0]),
        ok,
        expected: wanted,
        found: ok ? wanted : `${rule ? `${visible(step.because)} decides; of ` : ""}${all}`,
        next:
          rule && step.verdict !== "ACCEPT"
            ? `declare ${wanted} before the rule that decides now, in the firewall of LXC ${ctid}`
            : `add the rule to the declared firewall of LXC ${ctid}`,
      }),
    ];
  });
}

/** The rule is in the guest's own firewall file and decides the connection there; no firewall switch is off. */
export function ruleInForce(e: Evidence): readonly Check[] {
  const { ctid } = e.deployment.gateway;
  return eachLevel({
    delivered: () => present("delivered", fileOf(ctid), e.firewall(ctid), (file) => [written(e, file)]),
    live: () => [
      ...["cluster", ctid].flatMap((name) =>
        present("live", fileOf(name), e.firewall(name), (file) => [enabled(file, name)]),
      ),
      nic(e),
      service(e),
    ],
  });
}

/** The line that decides over the gateway's connection to Portainer, which has to be the plan's rule. */
function written(e: Evidence, file: FirewallText): Check {
  const { gateway, dockerHost, portainer } = e.deployment;
  const { address } = dockerHost;
  const line = `OUT ACCEPT -dest ${address} -p tcp -dport ${portainer.port}`;
  const path = fileOf(gateway.ctid);
  const packet: Packet = {
    from: { address: sendsFrom(e, file) },
    to: { address },
    proto: "tcp",
    dport: portainer.port,
  };
  const step = asked(() => decideInGuest(packet, guestOf(gateway.ctid, file), "OUT", hostOf(e)));
  const { rule, match } = step.entry;
  const decides = `${visible(step.because)}${step.file === `${gateway.ctid}.fw` ? "" : ` in ${step.file}`}`;
  const none = `no such rule among: ${rulesShown(file)}; ${decides} decides`;
  return check({
    level: "delivered",
    where: rule ? placeOf(step) : path,
    ok: rule !== undefined && step.verdict === "ACCEPT" && exactly(match, address, portainer.port),
    expected: line,
    found: rule ? decides : none,
    next:
      rule && step.verdict !== "ACCEPT"
        ? `move "${line}" before line ${step.line} in ${placeOf({ ...step, line: 0 })}`
        : `write "${line}" to [RULES] of ${path}`,
  });
}

/**
 * The address that the gateway's packets come from: its configuration's, else the deployment's.
 * @throws CannotTell if DHCP gives it one, and a rule asks for the source.
 */
function sendsFrom(e: Evidence, file: FirewallText): string {
  const { ctid, address } = e.deployment.gateway;
  const path = `/etc/pve/lxc/${ctid}.conf`;
  const asking = file.rules.find(
    ({ type, enabled: on, source }) => on && type === "out" && source !== undefined,
  );
  if (!asking) return address;
  const net0 = cardsOf(e, path)?.find(({ name }) => name === "net0");
  const [own = ""] = net0?.properties.ip?.split("/") ?? [];
  if (own === "dhcp")
    throw new CannotTell(
      problem(
        `${path}:${net0?.line}: LXC ${ctid} gets its address by DHCP, and ${fileOf(ctid)}:${asking.line} asks for -source ${visible(asking.source ?? "")}`,
        toType`pct exec ${ctid} -- ip -4 addr show dev eth0`,
      ),
    );
  return addressOf(own) === undefined ? address : own;
}

/** Whether an entry matches TCP to this one port of this one address. A source that it asks for is the gateway, since it decided. */
function exactly({ dest, proto, sport, dport, foreignMac }: Match, address: string, port: number): boolean {
  const to = addressOf(address);
  const one = (ranges: readonly Range[] | undefined) =>
    ranges?.length === 1 && ranges[0]?.first === to && ranges[0]?.last === to;
  const ports = dport?.length === 1 && dport[0]?.[0] === port && dport[0]?.[1] === port;
  return one(dest) && proto === 6 && ports && ![sport, foreignMac].some((more) => more !== undefined);
}

/** The firewall acts on the gateway's card, and lets the frames of this card out. */
function nic(e: Evidence): Check {
  const { ctid } = e.deployment.gateway;
  const path = `/etc/pve/lxc/${ctid}.conf`;
  const cards = cardsOf(e, path);
  const net0 = cards?.find(({ name }) => name === "net0");
  const on = net0?.properties.firewall === "1";
  // Proxmox then generates an address at each start, which the firewall's own filter does not know.
  const anonymous = on && net0.properties.hwaddr === undefined;
  return check({
    level: "live",
    where: net0 ? `${path}:${net0.line}` : path,
    ok: on && !anonymous,
    expected: anonymous ? "net0 with firewall=1 and the card's own hwaddr" : "net0 with firewall=1",
    found: cards ? (net0 ? visible(net0.value) : "no net0") : "no such file",
    next: anonymous ? toType`pct set ${ctid} --net0 …,hwaddr=…` : toType`pct set ${ctid} --net0 …,firewall=1`,
  });
}
