// The claim about ports: of all ports that Portainer can listen on, only the gateway reaches one, and no one reaches the rest.
import type { Deployment } from "../../../fixtures/deployment/deployment.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { check, known, source, withDocker } from "../../claim.ts";
import { comesIn, switches } from "../../firewall/claims/docker-host.ts";
import { portainers } from "../../persistence/claims/database.ts";

/** Portainer's own ports: HTTPS, the edge tunnel, plain HTTP, the agent. */
const ownOf = ({ portainer }: Deployment) => [portainer.port, 8000, 9000, 9001];

/** Every port on the docker host that Portainer uses or its container publishes. Nobody else reaches a port of loopback. */
export function portsOf(e: Evidence): number[] {
  const published = portainers(e).flatMap(({ Published }) =>
    Object.entries(Published ?? {}).flatMap(([port, bindings]) =>
      port.endsWith("/tcp")
        ? (bindings ?? []).flatMap(({ HostIp, HostPort }) =>
            /^(127\.|::1$|\[::1\]$)/.test(HostIp) ? [] : [Number(HostPort)],
          )
        : [],
    ),
  );
  return [...new Set([...ownOf(e.deployment), ...published])].sort((a, b) => a - b);
}

/** The docker host's firewall blocks every port that the plan does not need, and the gateway listens on none of them. */
export function needlessPortsShut(e: Evidence): readonly Check[] {
  return withDocker(e, () => {
    const own = ownOf(e.deployment);
    const listening = known(e.gatewayPorts).filter((port) => own.includes(port));
    return [
      ...comesIn(e, "live", portsOf(e)),
      ...switches(e),
      check({
        level: "live",
        where: source(e.gatewayPorts),
        ok: listening.length === 0,
        expected: "none of Portainer's ports on the gateway",
        found: listening.join(", ") || "none of Portainer's ports on the gateway",
        next: "remove the listen directive from the gateway's site",
      }),
    ];
  });
}
