// A guest's firewall as the tree declares it, in the form of Proxmox's file, so that one reading serves both.
import { CannotTell, problem } from "../../../fixtures/errors.ts";
import type { DeclaredFirewall, DeclaredRule } from "../../../fixtures/evidence/configs.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { addressOf } from "../../../fixtures/readings/pve-firewall/addresses.ts";
import type { Host } from "../../../fixtures/readings/pve-firewall/chain.ts";
import { parseFirewallText } from "../../../fixtures/readings/pve-firewall/parse.ts";
import { hostOf } from "./files.ts";

/** A declared firewall as a file, and the place in the tree of each of its lines. */
export interface Declared {
  readonly firewall: DeclaredFirewall | undefined;
  readonly text: string;
  /** The place that a line of `text` comes from; of line 0 the whole firewall. */
  readonly place: (line: number) => string;
}

const before = 5; // the lines of `text` before the first rule

/** The firewall of a guest's entry. `where` is the place of a value in the entry, by its path of keys. */
export function declaredFirewall(
  entry: { readonly firewall?: DeclaredFirewall | undefined } | undefined,
  where: (keys: readonly (string | number)[]) => string,
): Declared {
  const firewall = entry?.firewall;
  const policy = firewall?.default_input_policy;
  const out = firewall?.default_output_policy;
  const lines = [
    ...["[OPTIONS]", "enable: 1"],
    policy === undefined ? "" : `policy_in: ${policy}`,
    out === undefined ? "" : `policy_out: ${out}`,
    "[RULES]",
  ];
  const rules = (firewall?.rules ?? []).map(ruleText);
  return {
    firewall,
    text: [...lines, ...rules, ""].join("\n"),
    place: (line) => {
      if (line > before) return where(["firewall", "rules", line - before - 1]);
      return where(line === 3 ? ["firewall", "default_input_policy"] : ["firewall"]);
    },
  };
}

/** A declared rule as a line of Proxmox's file, as jq writes it: only a value that is missing, null or false has no option. */
function ruleText({ type, action, source, dest, proto, port }: DeclaredRule): string {
  const options = { source, dest, p: proto, dport: port };
  const words = Object.entries(options).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [`-${name} ${value}`],
  );
  return [String(type).toUpperCase(), action ?? "null", ...words].join(" ").replace(/[\r\n]+/g, " ");
}

/**
 * The host's part of a decision over declared rules about a port. Aliases and sets are defined in the hypervisor's files.
 * @throws CannotTell if a rule names one, and those files were not read.
 */
export function hostFor(e: Evidence, { firewall, place }: Declared, type: "in" | "out", port: number): Host {
  if (e.firewall("cluster").state === "known") return hostOf(e);
  const rules = firewall?.rules ?? [];
  const names = (text: string | null | undefined) =>
    typeof text === "string" && /^[+a-z]/i.test(text.trim()) && addressOf(text) === undefined;
  const index = rules.findIndex(
    (rule) =>
      String(rule.type).toLowerCase() === type &&
      (names(rule.source) || names(rule.dest)) &&
      !(/^\d+$/.test(String(rule.port)) && Number(rule.port) !== port),
  );
  if (index >= 0)
    throw new CannotTell(
      problem(
        `${place(before + 1 + index)}: the rule names ${[rules[index]?.source, rules[index]?.dest].filter(names).join(" and ")}, which the hypervisor's firewall files define, and not the tree`,
        "cat /etc/pve/firewall/cluster.fw",
      ),
    );
  const cluster = parseFirewallText("", "cluster");
  return { cluster, host: undefined, localNetwork: e.deployment.hypervisor.network };
}
