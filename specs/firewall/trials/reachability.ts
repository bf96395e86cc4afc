// The reachability trial: connections from the gateway, from the hypervisor, and from a guest without a rule.
import type { Deployment } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell, problem } from "../../../fixtures/errors.ts";
import { stranger } from "../../../fixtures/faults/index.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import type { Hypervisor } from "../../../fixtures/target/hypervisor.ts";
import type { Target } from "../../../fixtures/target/inventory.ts";
import { check } from "../../claim.ts";

export type Who = "the gateway" | "a guest without a rule" | "the hypervisor";

// The guest without a rule is a network namespace on the guests' bridge, which exists only while this script runs.
// $1: CTID. $2: bridge. $3: the address of the guest without a rule, with prefix length. Then pairs: who, host:port.
// Prints one line for each pair: who, host:port, exit code, error text.
const script = `ctid=$1 bridge=$2 address=$3
shift 3
gone() { ip netns del ${stranger.namespace}; ip link del ${stranger.link}; } 2>/dev/null
gone
trap gone EXIT
ip netns add ${stranger.namespace} &&
  ip link add ${stranger.link} type veth peer name accept-in netns ${stranger.namespace} &&
  ip link set ${stranger.link} master "$bridge" up &&
  ip -n ${stranger.namespace} addr add "$address" dev accept-in &&
  ip -n ${stranger.namespace} link set accept-in up || exit 70
try() {
  set -- "$1" "$2" timeout 1.5 bash -c ": < /dev/tcp/\${2%:*}/\${2#*:}"
  who=$1 to=$2
  shift 2
  case $who in
    "the gateway") said=$(pct exec "$ctid" -- "$@" 2>&1) ;;
    "a guest without a rule") said=$(ip netns exec ${stranger.namespace} "$@" 2>&1) ;;
    *) said=$("$@" 2>&1) ;;
  esac
  code=$?
  printf '%s\\t%s\\t%s\\t%s\\n' "$who" "$to" "$code" "$(printf %s "$said" | tr '\\n\\t' '  ')"
}
while [ $# -ge 2 ]; do
  try "$1" "$2" &
  shift 2
done
wait`;

export interface Try {
  readonly who: Who;
  readonly to: string;
  readonly gets: "in" | "no answer";
}

/** The tries that show which sources reach the docker host's ports; tries at the gateway's own port prove that the sources can connect at all. */
export const triesOf = (
  { gateway, dockerHost, portainer }: Deployment,
  ports: readonly number[],
): readonly Try[] => [
  ...(["a guest without a rule", "the hypervisor"] as const).map((who) => ({
    ...{ who, to: `${gateway.address}:443`, gets: "in" as const },
  })),
  ...ports.flatMap((port) => {
    const to = `${dockerHost.address}:${port}`;
    const own = port === portainer.port ? "in" : "no answer";
    return [
      { who: "the gateway", to, gets: own } as const,
      { who: "a guest without a rule", to, gets: "no answer" } as const,
      { who: "the hypervisor", to, gets: "no answer" } as const,
    ];
  }),
];

/**
 * Makes all tries in parallel.
 * @throws CannotTell when the target has no spare address for a guest without a rule, or a try could not be made.
 */
export async function reachableFrom(
  target: Target,
  hypervisor: Hypervisor,
  tries: readonly Try[],
): Promise<readonly Check[]> {
  const { spareAddress, deployment } = target;
  const { gateway, hypervisor: host } = deployment;
  if (spareAddress === undefined) {
    const next = `set "spareAddress" of ${target.name} in the inventory to an unused address of the guests' network`;
    throw new CannotTell(
      problem("the target has no spare address for a guest without a firewall rule", next),
    );
  }
  const pairs = tries.flatMap(({ who, to }) => [who, to]);
  const { code, out, err } = await hypervisor.script(script, [
    String(gateway.ctid),
    host.bridge,
    `${spareAddress}/${host.network.split("/")[1]}`,
    ...pairs,
  ]);
  if (code !== 0) throw new CannotTell(`a test guest could not be created on ${host.bridge}: ${err.trim()}`);
  const seen = readTries(out);
  return tries.map(({ who, to, gets }) => {
    const found = seen.get(`${who} ${to}`);
    if (found === undefined) throw new CannotTell(`no result for the connection from ${who} to ${to}`);
    const next = `nc -vz -w 3 ${to.replace(":", " ")}`;
    const ok = gets === "in" ? found === "connects" : found !== "connects";
    return check({
      level: "behaves",
      where: placeOf({ who, to }),
      ok,
      expected: gets === "in" ? "connects" : "no answer, or refused",
      found,
      next,
    });
  });
}

const placeOf = ({ who, to }: Pick<Try, "who" | "to">) => `${who} to ${to}`;

/** The checks of these tries, from a trial that made more. */
export function those(checks: readonly Check[], tries: readonly Try[]): readonly Check[] {
  return checks.filter(({ where }) => tries.some((one) => placeOf(one) === where));
}

/** The result of each try. @throws CannotTell for one that could not be made. */
export function readTries(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [who, to, code, said = ""] = line.split("\t");
      const key = `${who} ${to}`;
      if (code === "0") return [key, "connects"] as const;
      if (code === "124") return [key, "gets no answer"] as const;
      if (/refused|prohibited|unreachable|No route/i.test(said)) return [key, "is refused"] as const;
      throw new CannotTell(`${key} could not be tried: exit code ${code}: ${said.trim()}`);
    }),
  );
}
