// The claim about Portainer's address: the docker host declares the plan's address, and every copy in the tree equals it.
import { counted } from "../../../fixtures/counted.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { AddressCopy } from "../../../fixtures/evidence/parse/addresses.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { check, known, present, source } from "../../claim.ts";

/** The docker host declares the address that the plan gives it, and every copy in the tree is that address. */
export function oneAddress(e: Evidence): readonly Check[] {
  const { tree } = e.document.target;
  const { vmid, address } = e.deployment.dockerHost;
  return present("declared", `${tree}/etc/phoenix_vm_configs.json`, e.vmConfigs, ({ value, where }) => {
    // jq gives Phoenix every entry with this id.
    const entries = [...value.vms.entries()].filter(([, vm]) => vm.vmid === vmid);
    const all = entries.map(([, { network_config }]) => network_config?.ip ?? "none");
    const [own] = /^(?:\d{1,3}\.){3}\d{1,3}(?=(?:\/\d{1,2})?$)/.exec(all.join()) ?? [];
    const at = where(["vms", entries[0]?.[0] ?? 0, "network_config", "ip"]);
    const declares = check({
      level: "declared",
      where: at,
      ok: own === address,
      expected: `VM ${vmid} at ${address}, as the plan says`,
      found: own ?? (all.join(", ") || "none"),
      next: `set the address of VM ${vmid} to ${address}; for another address, change the deployment document`,
    });
    const copies = known(e.portainerAddresses).filter(isCopy);
    const some = check({
      level: "declared",
      where: source(e.portainerAddresses),
      ok: copies.length > 0,
      expected: "at least one copy of Portainer's address in the tree",
      found: counted(copies.length, "copy", "copies"),
    });
    return [
      declares,
      some,
      ...copies.map(({ path, line, address: found }) =>
        check({
          level: "declared",
          where: `${tree}/${path}:${line}`,
          ok: found === address,
          expected: address,
          found,
          next: `edit ${path}: ${found} is not the address of VM ${vmid}`,
        }),
      ),
      ...ruleCopies(e, address),
    ];
  });
}

/** Loopback and "every address" with a port are a program's own address, as in a health check, and no copy. */
const isCopy = ({ address, assigned }: AddressCopy) => assigned || !/^(127\.|0\.0\.0\.0$)/.test(address);

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
            ok: dest === own || dest === `${own}/32`,
            expected: own,
            found: dest,
            next: `set the destination of LXC ${ctid}'s rule to ${own}`,
          }),
        ];
      }),
    ),
  );
}
