// Which sources may reach a port: a guest's firewall file, read as the Proxmox firewall reads it.
import { CannotTell } from "../../../fixtures/errors.ts";
import type { FirewallFile, FirewallRule } from "../../../fixtures/evidence/parse/pve-firewall.ts";

/** The sources that are let in to a port: addresses as they are written, or "any source". */
export interface LetIn {
  readonly sources: readonly string[];
  /** The line that decides for every other source; 0 for the policy. */
  readonly line: number;
}

const shuts = (action: string) => /^(DROP|REJECT)$/i.test(action);

/**
 * Walks the inbound rules that match a TCP port of `address`, in order, up to the one that decides for every source.
 * @throws CannotTell at a rule that is defined in another file: a group or a macro.
 */
export function letIn({ options, rules }: FirewallFile, address: string, port: number): LetIn {
  const sources: string[] = [];
  const refused: string[] = [];
  for (const rule of rules) {
    if (!rule.enabled || !meets(rule, address, port)) continue;
    const { action, line } = rule;
    const { source, ...rest } = rule.options;
    // A rule with more conditions matches only some packets: an ACCEPT still opens the port, a DROP does not close it.
    const narrower = Object.keys(rest).some((key) => !["proto", "dest", "dport", "log"].includes(key));
    if (/^ACCEPT$/i.test(action)) {
      if (source === undefined) return { sources: [...sources, "any source"], line };
      if (!refused.includes(source)) sources.push(source);
    } else if (shuts(action)) {
      if (source === undefined && !narrower) return { sources, line };
      if (source !== undefined && !narrower) refused.push(source);
    } else
      throw new CannotTell(`line ${line}: what ${rule.direction} ${action} does is defined in another file`);
  }
  const policy = options.policy_in?.value ?? "DROP";
  return {
    sources: shuts(policy) ? sources : [...sources, "any source"],
    line: options.policy_in?.line ?? 0,
  };
}

function meets({ direction, options: { proto, dest, dport } }: FirewallRule, address: string, port: number) {
  if (direction === "GROUP") return true;
  if (direction !== "IN") return false;
  if (proto !== undefined && !/^(tcp|6)$/i.test(proto)) return false;
  const elsewhere = (one: string) => /^[\d.]+$/.test(one) && one !== address;
  if (dest?.split(",").every(elsewhere)) return false;
  return dport === undefined || dport.split(",").some((range) => spans(range, port));
}

function spans(range: string, port: number): boolean {
  const [low = 0, high = low] = range.split(":").map(Number);
  return !Number.isFinite(low) || (port >= low && port <= high);
}
