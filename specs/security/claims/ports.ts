// The claim about ports: of all that Portainer can listen on, the gateway alone reaches one, and nobody the rest.
import type { Deployment } from "../../../fixtures/deployment/deployment.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { check, known, source, withDocker } from "../../claim.ts";
import { comesIn, switches } from "../../firewall/claims/docker-host.ts";
import { portainers } from "../../persistence/claims/database.ts";

/** Portainer's own: the page over TLS, the tunnel, the page in clear, its agent. */
const ownOf = ({ portainer }: Deployment) => [portainer.port, 8000, 9000, 9001];

/** Every port that Portainer has or its container publishes, on the machine that runs it. */
export function portsOf(e: Evidence): number[] {
  const published = portainers(e).flatMap(({ Published }) =>
    Object.entries(Published ?? {}).flatMap(([port, bindings]) =>
      port.endsWith("/tcp") ? (bindings ?? []).map(({ HostPort }) => Number(HostPort)) : [],
    ),
  );
  return [...new Set([...ownOf(e.deployment), ...published])].sort((a, b) => a - b);
}

/** The machine's firewall shuts every port that the plan does not need, and the gateway listens on none of them. */
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
        next: "take the listen directive out of the gateway's site",
      }),
    ];
  });
}
