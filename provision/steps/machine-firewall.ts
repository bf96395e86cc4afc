// A remedy of task 1.3: the rule opens the gateway's way out; who comes in at VM 1001's side, nothing says.
import { addProperty, appendItem, valueAt } from "../edit/json.ts";
import { anchor, functionBody, linesBefore, says } from "../edit/shell.ts";
import type { Step, View } from "../plan.ts";
import { files, wanted } from "../wanted.ts";
import { guestFirewallScript } from "./firewall.ts";
import { vmPath } from "./tree.ts";

type Rule = Readonly<Record<string, string>>;
const tcpIn = (action: string, port: string | number, from: object = {}): Rule => ({
  type: "in",
  action,
  ...from,
  proto: "tcp",
  port: String(port),
});

/** The gateway alone reaches Portainer; its other ports (tunnel, plain http, agent) are nobody's. */
const rules: readonly Rule[] = [
  tcpIn("ACCEPT", wanted.port, { source: wanted.gateway }),
  ...[wanted.port, 8000, 9000, 9001].map((port) => tcpIn("DROP", port)),
];
/** Whatever else the machine serves stays as reachable as it is: Proxmox's own default would drop it. */
const firewall = { enabled: true, default_input_policy: "ACCEPT", rules };
const hook = `"$PHOENIX_BASE_DIR/${files.guestFirewall}" "$VMID" || log_fatal "The firewall rules of VM $VMID could not be written."`;

function declared(view: View): string {
  const file = view.inTree(files.vmConfigs);
  const text = view.text(files.vmConfigs);
  const path = [...vmPath(file, text), "firewall"];
  const there = valueAt(file, text, path) as { rules?: Rule[] } | undefined;
  if (there === undefined) return addProperty(file, text, vmPath(file, text), "firewall", firewall);
  if (there.rules === undefined) return addProperty(file, text, path, "rules", rules);
  const same = (one: Rule, other: Rule) =>
    JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
  const missing = rules.filter((rule) => !there.rules?.some((one) => same(one, rule)));
  return missing.reduce((so, rule) => appendItem(file, so, [...path, "rules"], rule), text);
}

export const machineFirewall: Step = {
  id: "machine-firewall",
  kind: "remedy",
  plan: "1.3",
  remedies: ["P11", "F43"],
  serves: ["FWL-004", "SEC-002"],
  why: "every guest of the LAN reaches Portainer past the gateway: nothing declares who may come in at VM 1001",
  changesFor(view) {
    const manager = view.text(files.vmManager);
    const file = view.inTree(files.vmManager);
    const hooked = says(file, manager, files.guestFirewall);
    const at = () =>
      anchor(
        file,
        manager,
        /^[ \t]*apply_volumes "\$VMID"/,
        "the volumes of a machine in orchestrate_vm",
        functionBody(file, manager, "orchestrate_vm"),
      );
    return [
      ...view.edit(files.vmConfigs, declared(view)),
      ...view.edit(files.guestFirewall, guestFirewallScript, "755"),
      ...view.edit(files.vmManager, hooked ? manager : linesBefore(manager, at().end, [hook])),
    ];
  },
};
