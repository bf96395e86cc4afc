// The claim about Portainer's address: every copy of it in the tree is the address that the docker host declares.
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { check, known, present, source } from "../../claim.ts";

/** The docker host declares its address, and every copy in the tree equals it. */
export function oneAddress(e: Evidence): readonly Check[] {
  const { tree } = e.document.target;
  const { vmid } = e.deployment.dockerHost;
  return present("declared", `${tree}/etc/phoenix_vm_configs.json`, e.vmConfigs, ({ value, where }) => {
    const index = value.vms.findIndex((vm) => vm.vmid === vmid);
    const ip = value.vms[index]?.network_config?.ip;
    const [own] = /^(?:\d{1,3}\.){3}\d{1,3}(?=$|\/)/.exec(ip ?? "") ?? [];
    const at = where(["vms", Math.max(index, 0), "network_config", "ip"]);
    const declares = `an address of VM ${vmid}`;
    if (own === undefined)
      return [check({ level: "declared", where: at, ok: false, expected: declares, found: ip ?? "none" })];
    const copies = known(e.portainerAddresses);
    const some = check({
      level: "declared",
      where: source(e.portainerAddresses),
      ok: copies.length > 0,
      expected: "at least one copy of Portainer's address in the tree",
      found: `${copies.length} copies`,
    });
    return [
      check({ level: "declared", where: at, ok: true, expected: declares, found: own }),
      some,
      ...copies.map(({ path, line, address }) =>
        check({
          level: "declared",
          where: `${tree}/${path}:${line}`,
          ok: address === own,
          expected: own,
          found: address,
          next: `edit ${path}: ${address} is not the address of VM ${vmid}`,
        }),
      ),
      ...ruleCopies(e, own),
    ];
  });
}

/** A firewall rule for Portainer's port has a copy of its address too. */
function ruleCopies(e: Evidence, own: string): readonly Check[] {
  const path = `${e.document.target.tree}/etc/phoenix_lxc_configs.json`;
  return present("declared", path, e.lxcConfigs, ({ value, where }) =>
    Object.entries(value.lxc_configs).flatMap(([ctid, { firewall }]) =>
      (firewall?.rules ?? []).flatMap(({ dest, port }, index) => {
        if (typeof dest !== "string" || String(port) !== String(e.deployment.portainer.port)) return [];
        const at = where(["lxc_configs", ctid, "firewall", "rules", index, "dest"]);
        return [
          check({
            level: "declared",
            where: at,
            ok: dest === own,
            expected: own,
            found: dest,
            next: `set the destination of LXC ${ctid}'s rule to ${own}`,
          }),
        ];
      }),
    ),
  );
}
