// The trial of the docker feature: stacks of ours are laid on the volume, the feature runs on the docker host as Phoenix runs it,
// and everything of ours is taken away again. Nobody else's stack is touched but by what the feature itself does.
import { randomBytes } from "node:crypto";
import { withCleanup } from "../../../fixtures/cleanup.ts";
import { CannotTell, problem } from "../../../fixtures/errors.ts";
import { type GuestRan, onDockerHost } from "../../../fixtures/evidence/guests.ts";
import type { Hypervisor } from "../../../fixtures/target/hypervisor.ts";
import type { Target } from "../../../fixtures/target/inventory.ts";
import { quoteWord } from "../../../fixtures/target/quote.ts";

/** One compose file of ours: where on the volume it lies, and what its service needs to start. */
export interface Laid {
  /** Relative to the volume; `NAME` stands for a name that nothing there has. */
  readonly path: string;
  readonly service: string;
  /** Its service asks for a volume that nobody has made. */
  readonly broken?: boolean;
}

/** What was seen of one run. */
export interface FeatureRun {
  /** Whether Docker ran when the feature began: `active`, or what systemctl said. */
  readonly docker: string;
  readonly code: number;
  /** Everything that the feature printed. */
  readonly said: string;
  /** The states of our services' containers; a service that was not started has none. */
  readonly states: ReadonlyMap<string, string>;
  /** What stands for `NAME` in the paths. */
  readonly name: string;
  /** Where the docker host mounts the volume. */
  readonly mountPoint: string;
}

const script = "feature_install_docker.sh";

// $1: the tree. $2: the machine's number. $3: the directory that the machine runs it from, as the hypervisor names it.
const bring = `set -e
mkdir -p -- "$3"
cp -- "$1/bin/vm_features/${script}" "$1/bin/phoenix_hypervisor_common_utils.sh" "$3/"
jq --argjson id "$2" '.vms[] | select(.vmid == $id)' "$1/etc/phoenix_vm_configs.json" > "$3/vm_context.json"
chmod 755 "$3/${script}"`;

const lay = 'mkdir -p -- "$(dirname "$1")" && cat > "$1"';

const look = `systemctl is-active docker
image=$(docker ps -q | head -n 1 | xargs -r docker inspect --format '{{.Image}}')
test -n "$image" || image=$(docker images -q --no-trunc | head -n 1)
printf '%s\\n' "$image"`;

/**
 * Lays the stacks, runs the feature, looks, and takes the stacks away with their containers.
 * @throws CannotTell when the machine has no image to try a stack with, or does not answer.
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
  const machine = (text: string) => onDockerHost(hypervisor, vmid, text, 180);
  const [docker = "", image = ""] = (await machine(look)).out.trim().split("\n");
  if (!image.startsWith("sha256:"))
    throw new CannotTell(problem(`VM ${vmid} has no image to try a stack with`, "docker images"));
  const ours = stacks.map(({ service }) => `label=com.docker.compose.service=${name}-${service}`);
  const list = ours.map((filter) => `docker ps -aq --filter ${filter}`).join("; ");
  return withCleanup(
    async () => {
      for (const { path, service, broken = false } of stacks) {
        const file = `${volume}/${path.replaceAll("NAME", name)}`;
        const input = composeFile(`${name}-${service}`, image, broken);
        must("a stack could not be laid", await hypervisor.script(lay, [file], { input }));
      }
      const args = [target.tree, String(vmid), `${volume}/.${name}/scripts`];
      must("the feature could not be brought", await hypervisor.script(bring, args));
      return { docker, name, mountPoint, ...(await ended(machine, mountPoint, name)) };
    },
    async () =>
      must(
        `containers of ${name} were left behind`,
        await machine(`ids=$(${list}); test -z "$ids" || docker rm -f -v $ids`),
      ),
    async () =>
      must(
        `${volume}/${name} was left behind`,
        await hypervisor.run(["rm", "-rf", "--", `${volume}/${name}`, `${volume}/.${name}`]),
      ),
  );
}

/** Runs the feature in the machine and looks at what runs there afterwards. */
async function ended(machine: (text: string) => Promise<GuestRan>, mountPoint: string, name: string) {
  const feature = quoteWord(`${mountPoint}/.${name}/scripts/${script}`);
  // Its output goes through a program that may end after it: the pipe ends when all have.
  const { out, err } = await machine(`{ ${feature} 2>&1; echo "${name} ended with $?"; } | cat
    docker ps -a --no-trunc --format 'container {{.Label "com.docker.compose.service"}} {{.State}}'`);
  const rows = [...out.matchAll(new RegExp(`^container ${name}-(\\S+) (\\S+)$`, "gm"))];
  const code = new RegExp(`^${name} ended with (\\d+)$`, "m").exec(out)?.[1];
  if (code === undefined) throw new CannotTell(`the feature's end was not seen: ${err.trim()}`);
  const states = new Map(rows.map(([, service = "", state = ""]) => [service, state]));
  return { code: Number(code), said: out, states };
}

function must(what: string, { code, err }: GuestRan): void {
  if (code !== 0) throw new CannotTell(`${what}: ${err.trim()}`);
}

/** A stack that needs nothing but an image that is there: no network, no port, no name that others look for. */
function composeFile(service: string, image: string, broken: boolean): string {
  const plain = { image, network_mode: "none" };
  const missing = `missing-${randomBytes(5).toString("hex")}`;
  return JSON.stringify({
    services: { [service]: broken ? { ...plain, volumes: [`${missing}:/missing`] } : plain },
    ...(broken && { volumes: { [missing]: { external: true } } }),
  });
}
