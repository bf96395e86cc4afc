// A guest's firewall as the tree declares it, in the form of Proxmox's file, so that one reading serves both.
import type { DeclaredFirewall, DeclaredRule } from "../../../fixtures/evidence/configs.ts";

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

/** A declared rule as a line of Proxmox's file. A value that is missing or null has no option. */
function ruleText({ type, action, source, dest, proto, port }: DeclaredRule): string {
  const options = { source, dest, p: proto, dport: port };
  const words = Object.entries(options).flatMap(([name, value]) =>
    value === undefined || value === null || value === "" ? [] : [`-${name} ${value}`],
  );
  return [String(type).toUpperCase(), action, ...words].join(" ").replace(/\s+/g, " ");
}
