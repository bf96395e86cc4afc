// The trial of who gets in: packets from the gateway, from the hypervisor, and from a guest that no rule knows.
import type { Deployment } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell, problem } from "../../../fixtures/errors.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import type { Hypervisor } from "../../../fixtures/target/hypervisor.ts";
import type { Target } from "../../../fixtures/target/inventory.ts";
import { check } from "../../claim.ts";

export type Who = "the gateway" | "a stranger" | "the hypervisor";

// A guest without a disk: a network namespace on the guests' bridge, there for as long as this takes.
// $1: CTID. $2: bridge. $3: the stranger's address with the network's prefix. Then pairs: who, host:port. One line each: who, where, exit code, what was said.
const script = `ctid=$1 bridge=$2 address=$3
shift 3
gone() { ip netns del accept-stranger; ip link del accept-out; } 2>/dev/null
gone
trap gone EXIT
ip netns add accept-stranger &&
  ip link add accept-out type veth peer name accept-in netns accept-stranger &&
  ip link set accept-out master "$bridge" up &&
  ip -n accept-stranger addr add "$address" dev accept-in &&
  ip -n accept-stranger link set accept-in up || exit 70
try() {
  set -- "$1" "$2" timeout 1.5 bash -c ": < /dev/tcp/\${2%:*}/\${2#*:}"
  who=$1 to=$2
  shift 2
  case $who in
    "the gateway") said=$(pct exec "$ctid" -- "$@" 2>&1) ;;
    "a stranger") said=$(ip netns exec accept-stranger "$@" 2>&1) ;;
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
  readonly gets: "in" | "no way in";
}

/** The tries that tell who gets in to a port of the machine; what is tried at the gateway shows that the rest can be believed. */
export const triesOf = (
  { gateway, dockerHost, portainer }: Deployment,
  ports: readonly number[],
): readonly Try[] => [
  ...(["a stranger", "the hypervisor"] as const).map((who) => ({
    ...{ who, to: `${gateway.address}:443`, gets: "in" as const },
  })),
  ...ports.flatMap((port) => {
    const to = `${dockerHost.address}:${port}`;
    const own = port === portainer.port ? "in" : "no way in";
    return [
      { who: "the gateway", to, gets: own } as const,
      { who: "a stranger", to, gets: "no way in" } as const,
      { who: "the hypervisor", to, gets: "no way in" } as const,
    ];
  }),
];

/**
 * Makes every try at once.
 * @throws CannotTell where the target can offer no stranger, or a try could not be made.
 */
export async function reachableFrom(
  target: Target,
  hypervisor: Hypervisor,
  tries: readonly Try[],
): Promise<readonly Check[]> {
  const { spareAddress, deployment } = target;
  const { gateway, hypervisor: host } = deployment;
  if (spareAddress === undefined) {
    const next = `name an address of the guests' network that is nobody's: "spareAddress" of ${target.name} in the inventory`;
    throw new CannotTell(problem("the target offers no guest that no rule knows", next));
  }
  const pairs = tries.flatMap(({ who, to }) => [who, to]);
  const { code, out, err } = await hypervisor.script(script, [
    String(gateway.ctid),
    host.bridge,
    `${spareAddress}/${host.network.split("/")[1]}`,
    ...pairs,
  ]);
  if (code !== 0) throw new CannotTell(`no guest could be made on ${host.bridge}: ${err.trim()}`);
  const seen = readTries(out);
  return tries.map(({ who, to, gets }) => {
    const found = seen.get(`${who} ${to}`);
    if (found === undefined) throw new CannotTell(`nobody can tell whether ${who} got in to ${to}`);
    const next = `try it: nc -vz -w 3 ${to.replace(":", " ")}`;
    const ok = gets === "in" ? found === "gets in" : found !== "gets in";
    return check({
      level: "behaves",
      where: placeOf({ who, to }),
      ok,
      expected: gets === "in" ? "gets in" : "no answer, or refused",
      found,
      next,
    });
  });
}

const placeOf = ({ who, to }: Pick<Try, "who" | "to">) => `${who} to ${to}`;

/** What came of these tries, out of a trial that made more. */
export function those(checks: readonly Check[], tries: readonly Try[]): readonly Check[] {
  return checks.filter(({ where }) => tries.some((one) => placeOf(one) === where));
}

/** What each try came to. @throws CannotTell for one that could not be made. */
export function readTries(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [who, to, code, said = ""] = line.split("\t");
      const key = `${who} ${to}`;
      if (code === "0") return [key, "gets in"] as const;
      if (code === "124") return [key, "gets no answer"] as const;
      if (/refused|prohibited|unreachable|No route/i.test(said)) return [key, "is refused"] as const;
      throw new CannotTell(`${key} could not be tried: exit code ${code}: ${said.trim()}`);
    }),
  );
}
