// Claims about the gateway's outbound rule: declared, written where the firewall reads it, and switched on.
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { properties } from "../../../fixtures/evidence/parse/pve-conf.ts";
import { deciding, type FirewallFile } from "../../../fixtures/evidence/parse/pve-firewall.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { check, eachLevel, known, present, source } from "../../claim.ts";
import { plan } from "../../plan.ts";

const { ctid } = plan.gateway;
const rules = `/etc/pve/firewall/${ctid}.fw`;
const connection = {
  direction: "OUT",
  dest: plan.dockerHost.address,
  proto: "tcp",
  port: plan.portainer.port,
} as const;
const line = `OUT ACCEPT -dest ${connection.dest} -p tcp -dport ${connection.port}`;

/** LXC 101 declares the plan's rule, in a firewall that is on. */
export function declaredRule(e: Evidence): readonly Check[] {
  const path = `${e.document.target.tree}/etc/phoenix_lxc_configs.json`;
  return present("declared", path, e.lxcConfigs, ({ value, where }) => {
    const firewall = value.lxc_configs[ctid]?.firewall;
    const at = ["lxc_configs", String(ctid), "firewall"];
    const declared = firewall?.rules ?? [];
    const same = (rule: object) =>
      Object.entries(plan.rule).every(([key, wanted]) => (rule as Record<string, unknown>)[key] === wanted);
    const index = declared.findIndex((rule) => same(rule) && !("source" in rule));
    const wanted = JSON.stringify(plan.rule);
    const found = index >= 0 ? wanted : declared.map((rule) => JSON.stringify(rule)).join(", ") || "no rules";
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
        next: `add the rule to LXC ${ctid}`,
      }),
    ];
  });
}

/** The rule stands in the guest's own file and decides its connection there; nothing on the way is switched off. */
export function ruleInForce(e: Evidence): readonly Check[] {
  return eachLevel({
    delivered: () => present("delivered", rules, e.firewall(ctid), (file) => [written(file)]),
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

function written(file: FirewallFile): Check {
  const first = deciding(file.rules, connection);
  const text =
    first && `${first.direction} ${first.action} ${Object.entries(first.options).flat().join(" ")}`;
  const exact = first?.options.dest === connection.dest && first.options.dport === String(connection.port);
  const ok = first?.action === "ACCEPT" && exact && first.options.proto === "tcp";
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

/** The switch of one firewall file. */
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

/** The service that reads all these files. */
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
