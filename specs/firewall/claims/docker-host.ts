// Claims about which sources may reach the docker host's ports: written to its own firewall file, and switched on.
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { derive } from "../../../fixtures/evidence/fact.ts";
import { parseGuestConf, properties } from "../../../fixtures/evidence/parse/pve-conf.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import { check, eachLevel, known, present } from "../../claim.ts";
import { enabled, service } from "./gateway-rule.ts";
import { letIn } from "./inbound.ts";

/** The docker host's own firewall file opens Portainer's port to the gateway and no other source; all switches are on. */
export function gatewayAlone(e: Evidence): readonly Check[] {
  return eachLevel({
    delivered: () => comesIn(e, "delivered", [e.deployment.portainer.port]),
    live: () => switches(e),
  });
}

/** Which sources each port is open to: Portainer's own to the gateway, any other to no source. */
export function comesIn(e: Evidence, level: Level, ports: readonly number[]): readonly Check[] {
  const { gateway, dockerHost, portainer } = e.deployment;
  const { vmid, address } = dockerHost;
  const rules = `/etc/pve/firewall/${vmid}.fw`;
  return present(level, rules, e.firewall(vmid), (file) =>
    ports.map((port) => {
      const { sources, line } = letIn(file, address, port);
      const show = (all: readonly string[]) => `${port} open to ${all.join(", ") || "no source"}`;
      const wanted = port === portainer.port ? [gateway.address] : [];
      const found = show([...new Set(sources)].map((source) => source.replace(/\/32$/, "")));
      const where = line > 0 ? `${rules}:${line}` : rules;
      return check({
        level,
        where,
        ok: found === show(wanted),
        expected: show(wanted),
        found,
        next: `declare this in the firewall rules of VM ${vmid}`,
      });
    }),
  );
}

/** Proxmox enforces the rules only when all of these switches are on. */
export function switches(e: Evidence): readonly Check[] {
  return [
    ...["cluster", e.deployment.dockerHost.vmid].flatMap((name) => {
      const path = `/etc/pve/firewall/${name}.fw`;
      return present("live", path, e.firewall(name), (file) => [enabled(file, path)]);
    }),
    card(e),
    service(e),
  ];
}

function card(e: Evidence): Check {
  const { vmid } = e.deployment.dockerHost;
  const conf = `/etc/pve/qemu-server/${vmid}.conf`;
  const settings = known(derive(e.file("hypervisor", conf), (file) => file && parseGuestConf(file.text)));
  const net0 = settings?.get("net0");
  const found = settings ? (net0?.value ?? "no net0") : "no such file";
  const ok = properties(net0?.value ?? "").firewall === "1";
  const where = net0 ? `${conf}:${net0.line}` : conf;
  return check({
    level: "live",
    where,
    ok,
    expected: "net0 with firewall=1",
    found,
    next: `qm set ${vmid} --net0 …,firewall=1`,
  });
}
