// The trial of the docker feature: it puts test stacks on the volume, runs the feature on the docker host as Phoenix does,
// and removes everything that it made. Only the feature itself may touch other stacks.
import { randomBytes } from "node:crypto";
import { withCleanup } from "../../../fixtures/cleanup.ts";
import { CannotTell, problem } from "../../../fixtures/errors.ts";
import { type GuestRan, onDockerHost } from "../../../fixtures/evidence/guests.ts";
import { quoteWord } from "../../../fixtures/quote.ts";
import type { Hypervisor } from "../../../fixtures/target/hypervisor.ts";
import type { Target } from "../../../fixtures/target/inventory.ts";

/** One test stack: where on the volume its compose file is, and what its service needs to start. */
export interface Laid {
  /** Relative to the volume; `NAME` is replaced by a name that is not in use there. */
  readonly path: string;
  readonly service: string;
  /** Its service needs an external volume that does not exist. */
  readonly broken?: boolean;
}

/** The results of one run. */
export interface FeatureRun {
  /** Whether Docker ran when the feature began: `active`, or what systemctl said. */
  readonly docker: string;
  readonly code: number;
  /** Everything that the feature printed. */
  readonly said: string;
  /** The states of the test services' containers; a service that was not started has none. */
  readonly states: ReadonlyMap<string, string>;
  /** What `NAME` was replaced by in the paths. */
  readonly name: string;
  /** Where the docker host mounts the volume. */
  readonly mountPoint: string;
}

const script = "feature_install_docker.sh";

// $1: the tree. $2: the VMID. $3: the directory from which the docker host runs it, as a path on the hypervisor.
const bring = `set -e
mkdir -p -- "$3"
cp -- "$1/bin/vm_features/${script}" "$1/bin/phoenix_hypervisor_common_utils.sh" "$3/"
jq --argjson id "$2" '.vms[] | select(.vmid == $id)' "$1/etc/phoenix_vm_configs.json" > "$3/vm_context.json"
chmod 755 "$3/${script}"`;

const lay = 'mkdir -p -- "$(dirname "$1")" && cat > "$1"';

const inspect = `systemctl is-active docker
image=$(docker ps -q | head -n 1 | xargs -r docker inspect --format '{{.Image}}')
test -n "$image" || image=$(docker images -q --no-trunc | head -n 1)
printf '%s\\n' "$image"`;

/**
 * Puts the stacks on the volume, runs the feature, reads the results, and removes the stacks with their containers.
 * @throws CannotTell when the docker host has no image for a test stack, or does not answer.
 */
export async function runFeature(
  target: Target,
  hypervisor: Hypervisor,
  stacks: readonly Laid[],
): Promise<FeatureRun> {
  const name = `acceptance-${randomBytes(5).toString("hex")}`;
  const { dockerHost, volume: own } = target.deployment;
  const { vmid } = dockerHost;
  const { path: volume, mountPoint } = own;
  const run = (text: string) => onDockerHost(hypervisor, target, text, 180);
  const [docker = "", image = ""] = (await run(inspect)).out.trim().split("\n");
  if (!image.startsWith("sha256:"))
    throw new CannotTell(
      problem(`VM ${vmid} has no Docker image for a test stack`, "docker pull any image there"),
    );
  const ours = stacks.map(({ service }) => `label=com.docker.compose.service=${name}-${service}`);
  const list = ours.map((filter) => `docker ps -aq --filter ${filter}`).join("; ");
  return withCleanup(
    async () => {
      for (const { path, service, broken = false } of stacks) {
        const file = `${volume}/${path.replaceAll("NAME", name)}`;
        const input = composeFile(`${name}-${service}`, image, broken);
        must("a test stack could not be put on the volume", await hypervisor.script(lay, [file], { input }));
      }
      const args = [target.tree, String(vmid), `${volume}/.${name}/scripts`];
      must("the feature script could not be copied to the docker host", await hypervisor.script(bring, args));
      return { docker, name, mountPoint, ...(await ended(run, mountPoint, name)) };
    },
    async () =>
      must(
        `containers of ${name} were left behind`,
        await run(`ids=$(${list}); test -z "$ids" || docker rm -f -v $ids`),
      ),
    async () =>
      must(
        `${volume}/${name} was left behind`,
        await hypervisor.run(["rm", "-rf", "--", `${volume}/${name}`, `${volume}/.${name}`]),
      ),
  );
}

/** Runs the feature on the docker host and reads which services run there afterwards. */
async function ended(run: (text: string) => Promise<GuestRan>, mountPoint: string, name: string) {
  const feature = quoteWord(`${mountPoint}/.${name}/scripts/${script}`);
  // The feature pipes its output through a program that may end after it: `cat` ends only when both have.
  const { out, err } = await run(`{ ${feature} 2>&1; echo "${name} ended with $?"; } | cat
    docker ps -a --no-trunc --format 'container {{.Label "com.docker.compose.service"}} {{.State}}'`);
  const rows = [...out.matchAll(new RegExp(`^container ${name}-(\\S+) (\\S+)$`, "gm"))];
  const code = new RegExp(`^${name} ended with (\\d+)$`, "m").exec(out)?.[1];
  if (code === undefined)
    throw new CannotTell(`the docker feature's exit code is missing from its output: ${err.trim()}`);
  const states = new Map(rows.map(([, service = "", state = ""]) => [service, state]));
  return { code: Number(code), said: out, states };
}

function must(what: string, { code, err }: GuestRan): void {
  if (code !== 0) throw new CannotTell(`${what}: ${err.trim()}`);
}

/** A stack that needs only a local image: no network, port or name that could collide with another stack's. */
function composeFile(service: string, image: string, broken: boolean): string {
  const plain = { image, network_mode: "none" };
  const missing = `missing-${randomBytes(5).toString("hex")}`;
  return JSON.stringify({
    services: { [service]: broken ? { ...plain, volumes: [`${missing}:/missing`] } : plain },
    ...(broken && { volumes: { [missing]: { external: true } } }),
  });
}
