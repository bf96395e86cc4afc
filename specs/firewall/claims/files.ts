// What several firewall claims ask of the firewall files: the reading's input, lines that Proxmox skips, the switches.
import { CannotTell, problem } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { derive } from "../../../fixtures/evidence/fact.ts";
import { parseGuestConf, properties } from "../../../fixtures/evidence/parse/pve-conf.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import type { Guest, Host } from "../../../fixtures/readings/pve-firewall/chain.ts";
import { Undecided } from "../../../fixtures/readings/pve-firewall/decide.ts";
import { type FirewallText, parseFirewallText } from "../../../fixtures/readings/pve-firewall/parse.ts";
import type { Rule } from "../../../fixtures/readings/pve-firewall/rule.ts";
import { visible } from "../../../fixtures/visible.ts";
import { check, known, source } from "../../claim.ts";

/** A firewall file's path on the hypervisor: `cluster`, or a guest's id. */
export const fileOf = (name: string | number): string => `/etc/pve/firewall/${name}.fw`;

/** The place of a line that the reading names: `/etc/pve/firewall/101.fw:7`; without a line the file. */
export const placeOf = ({ file, line }: { readonly file: string; readonly line: number }): string =>
  line > 0 ? `/etc/pve/firewall/${file}:${line}` : `/etc/pve/firewall/${file}`;

/** The host's part of a decision. Without a cluster file nothing of it is defined: its switch is a check of its own. */
export function hostOf(e: Evidence): Host {
  const cluster = known(e.firewall("cluster")) ?? parseFirewallText("", "cluster");
  const { gateway, dockerHost } = e.deployment;
  const guests = [gateway.ctid, dockerHost.vmid].flatMap((id) => {
    const file = e.firewall(id);
    return file.state === "known" && file.value ? [guestOf(id, file.value)] : [];
  });
  return { cluster, host: undefined, localNetwork: e.deployment.hypervisor.network, guests };
}

/** A guest's file as it acts on one of its cards with all switches on, which are checks of their own. */
export const guestOf = (id: number, firewall: FirewallText, card = "net0"): Guest => ({
  id,
  card: { name: card, firewall: true, ownMac: true },
  firewall,
});

/** Asks the reading. @throws CannotTell in its words, with the line, if the files alone do not decide. */
export function asked<T>(question: () => T): T {
  try {
    return question();
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    throw new CannotTell(
      problem(`the firewall files alone do not tell: ${error.message}`, "pve-firewall compile"),
    );
  }
}

/** Rules as an operator sees them, each with its line; a rule that Proxmox skips, with the reason. */
export function rulesShown({ rules, ignored }: FirewallText): string {
  const shown = ({ line, text, enabled, errors }: Rule) =>
    [
      `${line}: ${visible(text)}`,
      enabled ? "" : " (disabled)",
      errors.length > 0 ? ` (skipped: ${errors.join(", ")})` : "",
    ].join("");
  const skipped = ignored.map(({ line, text, why }) => ({
    line,
    said: `${line}: ${visible(text)} (skipped: ${why})`,
  }));
  const all = [...rules.map((rule) => ({ line: rule.line, said: shown(rule) })), ...skipped];
  const sorted = all.sort((one, other) => one.line - other.line).map(({ said }) => said);
  const more = sorted.length > 8 ? [`and ${sorted.length - 8} more`] : [];
  return [...sorted.slice(0, 8), ...more].join("; ") || "none";
}

/** The enable switch of one firewall file. A line that Proxmox skips is no switch: it is shown with the reason. */
export function enabled(file: FirewallText, name: string | number): Check {
  const path = fileOf(name);
  const option = file.options.get("enable");
  const skipped = file.ignored.find(({ text }) => /^\W*enable\b/i.test(text));
  const line = option?.line ?? skipped?.line;
  const found =
    skipped && option?.value !== "1"
      ? `${visible(skipped.text)}: Proxmox skips this line: ${skipped.why}`
      : option?.value;
  return check({
    level: "live",
    where: line === undefined ? path : `${path}:${line}`,
    ok: option?.value === "1",
    expected: "enable: 1",
    found: found ?? "not set",
    next: `set "enable: 1" under [OPTIONS] in ${path}, on a line of its own without a comment`,
  });
}

/** A guest's cards, by name, with the line of its configuration and its properties; `undefined` without a file. */
export function cardsOf(e: Evidence, conf: string) {
  const settings = known(derive(e.file("hypervisor", conf), (file) => file && parseGuestConf(file.text)));
  if (settings === undefined) return undefined;
  return [...settings]
    .filter(([name]) => /^net\d+$/.test(name))
    .map(([name, { value, line }]) => ({ name, value, line, properties: properties(value) }));
}

/** The firewall service, which reads all these files. Rules that are pending are not in force. */
export function service(e: Evidence): Check {
  const fact = e.output("hypervisor", "pve-firewall status");
  const said = known(fact).trim();
  const pending = said.includes("pending");
  return check({
    level: "live",
    where: source(fact),
    ok: said === "Status: enabled/running",
    expected: "Status: enabled/running",
    found: said,
    next: pending
      ? "pve-firewall compile   # the files differ from the rules in force; if that stays so for a minute: journalctl -u pve-firewall"
      : "pve-firewall start",
  });
}
