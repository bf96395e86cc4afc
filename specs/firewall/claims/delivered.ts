// The claim about firewall files as a whole: a guest's file has the declared rules, each once, and nothing else.
import type { DeclaredFirewall } from "../../../fixtures/evidence/configs.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { meaningOf } from "../../../fixtures/readings/pve-firewall/chain.ts";
import { type FirewallText, parseFirewallText } from "../../../fixtures/readings/pve-firewall/parse.ts";
import type { Rule } from "../../../fixtures/readings/pve-firewall/rule.ts";
import { visible } from "../../../fixtures/visible.ts";
import { check, eachLevel, present } from "../../claim.ts";
import { declaredFirewall } from "./declared.ts";
import { fileOf, hostOf } from "./files.ts";

/** The firewall files of the gateway and of the docker host hold the declared rules and policies and no others. */
export function deliveredAsDeclared(e: Evidence): readonly Check[] {
  const tree = `${e.document.target.tree}/etc`;
  const { gateway, dockerHost } = e.deployment;
  return eachLevel({
    delivered: () => [
      ...present("delivered", `${tree}/phoenix_lxc_configs.json`, e.lxcConfigs, ({ value }) =>
        sameRules(e, gateway.ctid, value.lxc_configs[gateway.ctid]),
      ),
      ...present("delivered", `${tree}/phoenix_vm_configs.json`, e.vmConfigs, ({ value }) =>
        sameRules(
          e,
          dockerHost.vmid,
          value.vms.find(({ vmid }) => vmid === dockerHost.vmid),
        ),
      ),
    ],
  });
}

type Entry = { readonly firewall?: DeclaredFirewall | undefined } | undefined;

function sameRules(e: Evidence, id: number, entry: Entry): readonly Check[] {
  const path = fileOf(id);
  return present("delivered", path, e.firewall(id), (file) => {
    const declared = parseFirewallText(declaredFirewall(entry, () => "").text, "guest");
    const scope = { cluster: hostOf(e).cluster, own: file, file: `${id}.fw` };
    const key = (rule: Rule) => JSON.stringify(meaningOf(rule, scope));
    const left = declared.rules.map((rule) => ({ rule, key: key(rule) }));
    const taken: { line: number; key: string }[] = [];
    const differences: { line: number; said: string }[] = [];
    for (const rule of file.rules.filter(({ enabled, errors }) => enabled && errors.length === 0)) {
      const at = left.findIndex((one) => one.key === key(rule));
      const first = taken.find((one) => one.key === key(rule));
      if (at >= 0) left.splice(at, 1);
      else if (first)
        differences.push({ line: rule.line, said: `${shown(rule)} repeats line ${first.line}` });
      else differences.push({ line: rule.line, said: `${shown(rule)} is not declared` });
      taken.push({ line: rule.line, key: key(rule) });
    }
    differences.push(
      ...left.map(({ rule }) => ({ line: 0, said: `${shown(rule, "declared ")} is not there` })),
    );
    differences.push(...policies(declared, file));
    const line = differences.find((one) => one.line > 0)?.line ?? 0;
    const expected = `the ${declared.rules.length} declared rules, each once, and no other`;
    return [
      check({
        level: "delivered",
        where: line > 0 ? `${path}:${line}` : path,
        ok: differences.length === 0,
        expected,
        found: differences.length === 0 ? expected : differences.map(({ said }) => said).join("; "),
        next: `declare the rule in the tree, or take it out of ${path}; phoenix-cli converge ${id} writes the file again`,
      }),
    ];
  });
}

const shown = ({ line, text }: Rule, what = `line ${line}: `) => `${what}${visible(text)}`;

/** The policies that differ from the declared ones. A policy that is not declared is Proxmox's own default. */
function policies(declared: FirewallText, file: FirewallText) {
  return [
    ["policy_in", "DROP"],
    ["policy_out", "ACCEPT"],
  ].flatMap(([name = "", standard = ""]) => {
    const value = (text: FirewallText) => (text.options.get(name)?.value ?? standard).toUpperCase();
    if (value(declared) === value(file)) return [];
    const said = `${name} is ${value(file)}, declared is ${value(declared)}`;
    return [{ line: file.options.get(name)?.line ?? 0, said }];
  });
}
