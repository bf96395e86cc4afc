// The trial of the gateway's rule: it sets the outbound policy to DROP for some seconds, and always restores it.
import { type Deployment, upstreamOf } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell } from "../../../fixtures/errors.ts";
import { inContainer } from "../../../fixtures/evidence/guests.ts";
import { waitUntil } from "../../../fixtures/evidence/wait.ts";
import { during, outboundDenied } from "../../../fixtures/faults/index.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import type { Hypervisor } from "../../../fixtures/target/hypervisor.ts";
import type { Target } from "../../../fixtures/target/inventory.ts";
import { check } from "../../claim.ts";

type Reach = "connects" | "is refused" | "gets no answer";

/** Longer than the ten seconds after which Proxmox reads its firewall files again. */
const policyTimeout = 25_000;

/** Tries the rule under policy DROP; the same connections before and after show that they work without it. */
export async function ruleDecides(target: Target, hypervisor: Hypervisor): Promise<readonly Check[]> {
  const { gateway, hypervisor: host } = target.deployment;
  const { ctid } = gateway;
  const other = `${host.address}:${host.sshPort}`;
  const upstream = upstreamOf(target.deployment);
  const seen = seenFrom(target.deployment);
  const to = (address: string) => () => reach(hypervisor, ctid, address);
  const before = { other: await to(other)(), portainer: await to(upstream)() };
  if (before.other !== "connects") return [seen(`${other} before the trial`, before.other, "connects")];
  const denied = await during(outboundDenied(target), hypervisor, async () => {
    const { last } = await waitUntil(to(other), (answer) => answer !== "connects", policyTimeout);
    return { other: last, portainer: await to(upstream)() };
  });
  const after = await waitUntil(to(other), (answer) => answer === "connects", policyTimeout);
  return [
    seen(`${other} before the trial`, before.other, "connects"),
    seen(`${upstream} before the trial`, before.portainer, "connects"),
    seen(`${other} while outbound traffic is denied`, denied.other, "gets no answer"),
    seen(`${upstream} while outbound traffic is denied`, denied.portainer, "connects"),
    seen(`${other} after the trial`, after.last, "connects"),
  ];
}

const seenFrom =
  ({ gateway: { ctid } }: Deployment) =>
  (what: string, found: Reach, expected: Reach): Check => {
    const [address = "", port = ""] = what.split(" ")[0]?.split(":") ?? [];
    return check({
      level: "behaves",
      where: `LXC ${ctid} to ${what}`,
      ok: found === expected,
      expected,
      found,
      next: toType`pct exec ${ctid} -- nc -vz -w 3 ${address} ${port}`,
    });
  };

/** One connection from inside the gateway, made with bash's /dev/tcp so that nothing needs to be installed there. */
async function reach(hypervisor: Hypervisor, ctid: number, address: string): Promise<Reach> {
  const [host, port] = address.split(":");
  const { code, err } = await inContainer(
    hypervisor,
    ctid,
    `exec timeout 1.5 bash -c ': < /dev/tcp/${host}/${port}'`,
  );
  if (code === 0) return "connects";
  if (code === 124) return "gets no answer";
  if (/refused|prohibited|unreachable|No route/i.test(err)) return "is refused";
  throw new CannotTell(
    `the connection from LXC ${ctid} to ${address} could not be tried: exit code ${code}: ${err.trim()}`,
  );
}
