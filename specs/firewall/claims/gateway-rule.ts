// Claims about the gateway's outbound rule: declared, written where the firewall reads it, and switched on.
import { type Deployment, outboundRuleOf } from "../../../fixtures/deployment/deployment.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { properties } from "../../../fixtures/evidence/parse/pve-conf.ts";
import { deciding, type FirewallFile } from "../../../fixtures/evidence/parse/pve-firewall.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { check, eachLevel, known, present, source } from "../../claim.ts";

const rulesOf = ({ gateway }: Deployment) => `/etc/pve/firewall/${gateway.ctid}.fw`;

/** The gateway declares the plan's rule, and its firewall is enabled. */
export function declaredRule(e: Evidence): readonly Check[] {
  const path = `${e.document.target.tree}/etc/phoenix_lxc_configs.json`;
  const { ctid } = e.deployment.gateway;
  const rule = outboundRuleOf(e.deployment);
  return present("declared", path, e.lxcConfigs, ({ value, where }) => {
    const firewall = value.lxc_configs[ctid]?.firewall;
    const at = ["lxc_configs", String(ctid), "firewall"];
    const declared = firewall?.rules ?? [];
    const same = (one: object) =>
      Object.entries(rule).every(([key, wanted]) => (one as Record<string, unknown>)[key] === wanted);
    const index = declared.findIndex((one) => same(one) && !("source" in one));
    const wanted = JSON.stringify(rule);
    const found = index >= 0 ? wanted : declared.map((one) => JSON.stringify(one)).join(", ") || "no rules";
    const on = JSON.stringify(firewall?.enabled) ?? "nothing";
    return [
      check({
        level: "declared",
        where: where([...at, "enabled"]),
        ok: on === "true",
        expected: '"enabled": true',
        found: on,
      }),
      check({
        level: "declared",
        where: where([...at, "rules", Math.max(index, 0)]),
        ok: index >= 0,
        expected: wanted,
        found,
        next: `add the rule to the declared firewall of LXC ${ctid}`,
      }),
    ];
  });
}

/** The rule is in the guest's own firewall file and decides the connection there; no firewall switch is off. */
export function ruleInForce(e: Evidence): readonly Check[] {
  const { ctid } = e.deployment.gateway;
  const rules = rulesOf(e.deployment);
  return eachLevel({
    delivered: () => present("delivered", rules, e.firewall(ctid), (file) => [written(e.deployment, file)]),
    live: () => [
      ...present("live", "/etc/pve/firewall/cluster.fw", e.firewall("cluster"), (file) => [
        enabled(file, "/etc/pve/firewall/cluster.fw"),
      ]),
      ...present("live", rules, e.firewall(ctid), (file) => [enabled(file, rules)]),
      nic(e),
      service(e),
    ],
  });
}

function written(deployment: Deployment, file: FirewallFile): Check {
  const { dest, proto, port } = outboundRuleOf(deployment);
  const rules = rulesOf(deployment);
  const line = `OUT ACCEPT -dest ${dest} -p ${proto} -dport ${port}`;
  const first = deciding(file.rules, { direction: "OUT", dest, proto, port: Number(port) });
  const text =
    first && `${first.direction} ${first.action} ${Object.entries(first.options).flat().join(" ")}`;
  const exact = first?.options.dest === dest && first.options.dport === port;
  const ok = first?.action === "ACCEPT" && exact && first.options.proto === proto;
  const seen = file.rules.map(
    ({ direction, action, options }) =>
      `${direction} ${action} to ${options.dest ?? "any"}:${options.dport ?? "any"}`,
  );
  const found = text ?? `no such rule among: ${seen.join("; ") || "none"}`;
  return check({
    level: "delivered",
    where: `${rules}${first ? `:${first.line}` : ""}`,
    ok,
    expected: line,
    found,
    next: `write "${line}" to [RULES] of ${rules}`,
  });
}

/** The enable switch of one firewall file. */
export function enabled(file: FirewallFile, path: string): Check {
  const option = file.options.enable;
  const where = option ? `${path}:${option.line}` : path;
  return check({
    level: "live",
    where,
    ok: option?.value === "1",
    expected: "enable: 1",
    found: option?.value ?? "not set",
    next: `set "enable: 1" in ${path}`,
  });
}

function nic(e: Evidence): Check {
  const { ctid } = e.deployment.gateway;
  const path = `/etc/pve/lxc/${ctid}.conf`;
  const conf = known(e.gatewayConf);
  const net0 = conf?.get("net0");
  const found = conf ? (net0?.value ?? "no net0") : "no such file";
  const ok = properties(net0?.value ?? "").firewall === "1";
  return check({
    level: "live",
    where: net0 ? `${path}:${net0.line}` : path,
    ok,
    expected: "net0 with firewall=1",
    found,
    next: `pct set ${ctid} --net0 …,firewall=1`,
  });
}

/** The firewall service, which reads all these files. */
export function service(e: Evidence): Check {
  const fact = e.output("hypervisor", "pve-firewall status");
  const said = known(fact).trim();
  return check({
    level: "live",
    where: source(fact),
    ok: /enabled\/running/.test(said),
    expected: "Status: enabled/running",
    found: said,
    next: "pve-firewall start",
  });
}
