// Task 1.3: the gateway's outbound rule, from its declaration to the file that Proxmox's firewall reads.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { outboundRuleOf } from "../../fixtures/deployment/deployment.ts";
import { addProperty, appendItem, valueAt } from "../edit/json.ts";
import { anchor, functionBody, linesAfter, linesBefore, says } from "../edit/shell.ts";
import { clusterFirewall, files } from "../files.ts";
import type { Change, Step, View } from "../plan.ts";
import { inForce, switchedOn } from "./cluster-firewall.ts";
import { firewallPath, sameRule } from "./tree.ts";

type Rule = Readonly<Record<string, string>>;

/** Adds the rules that the gateway does not declare yet, and the array if it is missing. */
function declare(view: View, rules: readonly Rule[]): Change[] {
  const file = view.inTree(files.lxcConfigs);
  const firewall = firewallPath(view.deployment);
  const path = [...firewall, "rules"];
  let text = view.text(files.lxcConfigs);
  for (const rule of rules) {
    const there = valueAt(file, text, path);
    if (there === undefined) text = addProperty(file, text, firewall, "rules", [rule]);
    else if (!Array.isArray(there) || !there.some((one) => sameRule(one, rule)))
      text = appendItem(file, text, path, rule);
  }
  return view.edit(files.lxcConfigs, text);
}

export const outboundRule: Step = {
  id: "outbound-rule",
  kind: "literal",
  plan: "1.3",
  remedies: [],
  serves: ["FWL-001", "FWL-002", "FWL-003"],
  why: "the gateway needs a rule to open connections to Portainer",
  changesFor: (view) => declare(view, [outboundRuleOf(view.deployment)]),
};

const inbound = ["80", "443"].map((port) => ({ type: "in", action: "ACCEPT", proto: "tcp", port }));

export const gatewayInbound: Step = {
  id: "gateway-inbound",
  kind: "remedy",
  plan: "1.3",
  remedies: ["P11"],
  serves: ["GWY-004", "ACC-001"],
  why: "once its firewall is on, the gateway drops its users' connections: Proxmox's default inbound policy is DROP",
  changesFor: (view) => declare(view, inbound),
};

/** The script that writes a guest's declared rules to the file that Proxmox's firewall reads. */
export const guestFirewallScript = readFileSync(
  join(import.meta.dirname, "assets", "guest-firewall.sh"),
  "utf8",
);
const nicHook =
  'if [ "$(jq_get_value "$CTID" ".firewall.enabled" || echo false)" == "true" ]; then net0_string+=",firewall=1"; fi';
const rulesHook = `"$PHOENIX_BASE_DIR/${files.guestFirewall}" "$ctid" || log_fatal "The firewall rules of CT $ctid could not be written."`;

export const firewallConsumer: Step = {
  id: "firewall-consumer",
  kind: "remedy",
  plan: "1.3",
  remedies: ["P9"],
  serves: ["FWL-002", "FWL-003"],
  why: "nothing in the tree reads the rules that it declares",
  changesFor(view) {
    const file = view.inTree(files.lxcManager);
    let text = view.text(files.lxcManager);
    if (!says(file, text, 'net0_string+=",firewall=1"')) {
      const body = functionBody(file, text, "apply_configurations");
      const nic = anchor(
        file,
        text,
        /^[ \t]*(local )?net0_string=.*$/,
        "the container's net0 in apply_configurations",
        body,
      );
      text = linesAfter(text, nic.start, [nicHook]);
    }
    if (!says(file, text, files.guestFirewall)) {
      const body = functionBody(file, text, "main_lxc_orchestrator");
      const start = anchor(
        file,
        text,
        /^[ \t]*start_container "\$ctid"/,
        "the start of a container in main_lxc_orchestrator",
        body,
      );
      text = linesBefore(text, start.end, [rulesHook]);
    }
    return [
      ...view.edit(files.guestFirewall, guestFirewallScript, "755"),
      ...view.edit(files.lxcManager, text),
    ];
  },
};

export const firewallSwitches: Step = {
  id: "firewall-switches",
  kind: "remedy",
  plan: "1.3",
  remedies: ["P9"],
  serves: ["FWL-002", "FWL-003"],
  why: "rules are in force only if the cluster's firewall is on and its service runs; Phoenix's set-up stops it",
  changesFor(view) {
    const start: Change = {
      does: "run",
      title: "start Proxmox's firewall",
      script: "pve-firewall start",
      args: [],
      undo: { script: "pve-firewall stop", args: [] },
    };
    const { firewall: status } = view.facts;
    const running = /\/running/.test(status);
    const text = view.read(clusterFirewall) ?? "";
    // What is in force already decides today: nothing about it changes.
    const after = inForce(text, status) ? text : switchedOn(text, view.facts);
    return [
      ...(text === after ? [] : view.write(clusterFirewall, after, "640")),
      ...(running ? [] : [start]),
    ];
  },
};
