// Who may come in: a guest's firewall file read as the firewall reads it, for one port and every source at once.
import { CannotTell } from "../../../fixtures/errors.ts";
import type { FirewallFile, FirewallRule } from "../../../fixtures/evidence/parse/pve-firewall.ts";

/** The sources that are let in to a port: addresses as they are written, or "anybody". */
export interface LetIn {
  readonly sources: readonly string[];
  /** The line that decides for everybody else; 0 for the policy. */
  readonly line: number;
}

const shuts = (action: string) => /^(DROP|REJECT)$/i.test(action);

/**
 * Walks the inbound rules that a TCP port of `address` meets, in order, up to the one that decides for everybody.
 * @throws CannotTell at a rule whose meaning stands elsewhere: a group or a macro.
 */
export function letIn({ options, rules }: FirewallFile, address: string, port: number): LetIn {
  const sources: string[] = [];
  const refused: string[] = [];
  for (const rule of rules) {
    if (!rule.enabled || !meets(rule, address, port)) continue;
    const { action, line } = rule;
    const { source, ...rest } = rule.options;
    // What a rule asks for beyond address and port makes it narrower: it lets somebody in, and shuts out nobody.
    const narrower = Object.keys(rest).some((key) => !["proto", "dest", "dport", "log"].includes(key));
    if (/^ACCEPT$/i.test(action)) {
      if (source === undefined) return { sources: [...sources, "anybody"], line };
      if (!refused.includes(source)) sources.push(source);
    } else if (shuts(action)) {
      if (source === undefined && !narrower) return { sources, line };
      if (source !== undefined && !narrower) refused.push(source);
    } else throw new CannotTell(`line ${line}: what ${rule.direction} ${action} does stands elsewhere`);
  }
  const policy = options.policy_in?.value ?? "DROP";
  return { sources: shuts(policy) ? sources : [...sources, "anybody"], line: options.policy_in?.line ?? 0 };
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
