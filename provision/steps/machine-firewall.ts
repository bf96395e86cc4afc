// A remedy of task 1.3: the plan's rule covers outbound traffic of the gateway, but nothing limits access to the docker host.
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { addProperty, appendItem, valueAt } from "../edit/json.ts";
import { anchor, functionBody, linesBefore, says } from "../edit/shell.ts";
import { files } from "../files.ts";
import type { Step, View } from "../plan.ts";
import { guestFirewallScript } from "./firewall.ts";
import { sameRule, vmPath } from "./tree.ts";

type Rule = Readonly<Record<string, string>>;
const tcpIn = (action: string, port: string | number, from: object = {}): Rule => ({
  type: "in",
  action,
  ...from,
  proto: "tcp",
  port: String(port),
});

/** Only the gateway may reach Portainer; its other ports (tunnel, plain HTTP, agent) are closed. */
const rulesFor = ({ gateway, portainer: { port } }: Deployment): readonly Rule[] => [
  tcpIn("ACCEPT", port, { source: gateway.address }),
  ...[...new Set([port, 8000, 9000, 9001])].map((each) => tcpIn("DROP", each)),
];
/** The docker host's other ports stay reachable: Proxmox's default policy would drop their traffic. */
const firewall = { enabled: true, default_input_policy: "ACCEPT" };
const hook = `"$PHOENIX_BASE_DIR/${files.guestFirewall}" "$VMID" || log_fatal "The firewall rules of VM $VMID could not be written."`;

function declared(view: View): string {
  const file = view.inTree(files.vmConfigs);
  const text = view.text(files.vmConfigs);
  const vm = vmPath(view.deployment, file, text);
  const rules = rulesFor(view.deployment);
  const path = [...vm, "firewall"];
  const there = valueAt(file, text, path) as { rules?: Rule[] } | undefined;
  if (there === undefined) return addProperty(file, text, vm, "firewall", { ...firewall, rules });
  if (there.rules === undefined) return addProperty(file, text, path, "rules", rules);
  const missing = rules.filter((rule) => !there.rules?.some((one) => sameRule(one, rule)));
  return missing.reduce((so, rule) => appendItem(file, so, [...path, "rules"], rule), text);
}

export const machineFirewall: Step = {
  id: "machine-firewall",
  kind: "remedy",
  plan: "1.3",
  remedies: ["P11"],
  serves: ["FWL-004", "SEC-002"],
  why: ({ dockerHost }) =>
    `every host on the LAN can reach Portainer without the gateway: VM ${dockerHost.vmid} declares no inbound rules`,
  changesFor(view) {
    const manager = view.text(files.vmManager);
    const file = view.inTree(files.vmManager);
    const hooked = says(file, manager, files.guestFirewall);
    const at = () =>
      anchor(
        file,
        manager,
        /^[ \t]*apply_volumes "\$VMID"/,
        "the call that applies a VM's volumes in orchestrate_vm",
        functionBody(file, manager, "orchestrate_vm"),
      );
    return [
      ...view.edit(files.vmConfigs, declared(view)),
      ...view.edit(files.guestFirewall, guestFirewallScript, "755"),
      ...view.edit(files.vmManager, hooked ? manager : linesBefore(manager, at().end, [hook])),
    ];
  },
};
