// The disruptions that Portainer's data must survive. Each is made, proved to have happened, and then the object is looked up.
import type { Deployment } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell } from "../../../fixtures/errors.ts";
import { onDockerHost } from "../../../fixtures/evidence/guests.ts";
import { waitUntil } from "../../../fixtures/evidence/wait.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { portainerAnswers } from "../../../fixtures/portainer/status.ts";
import { check } from "../../claim.ts";
import { claimEmptied } from "./emptied.ts";
import { cutWrites } from "./mid-write.ts";
import { type Made, makeObject, present, type Stage } from "./object.ts";

export interface Disruption {
  readonly name: string;
  /** A script on the docker host whose output differs afterwards, which proves that the disruption happened. */
  readonly mark: (deployment: Deployment) => string;
  readonly expected: string;
  /** Makes the disruption; returns checks that it ran. */
  readonly make: (stage: Stage, session: string) => Promise<readonly Check[]>;
}

const id = ({ portainer }: Deployment) =>
  `id=$(docker ps -q --no-trunc --filter publish=${portainer.port}); test -n "$id" || exit 3`;
const started = (deployment: Deployment) =>
  `${id(deployment)}; docker inspect --format '{{.State.StartedAt}}' "$id"`;

export const restart: Disruption = {
  ...{ name: "the restart", mark: started, expected: "a new start time" },
  make: (stage) =>
    inDockerHost(stage, "docker restart", (deployment) => `${id(deployment)}; docker restart "$id"`),
};

// `docker rm -v` removes anonymous volumes too, so data in one is lost, as it is when an image is replaced.
const recreated = (deployment: Deployment) => `${id(deployment)}
label() { docker inspect --format "{{index .Config.Labels \\"com.docker.compose.$1\\"}}" "$id"; }
dir=$(label project.working_dir); service=$(label service)
test -n "$dir" || { echo "no stack started this container" >&2; exit 1; }
cd "$dir" && docker rm -f -v "$id" >/dev/null
if command -v docker-compose >/dev/null; then docker-compose up -d "$service"; else docker compose up -d "$service"; fi`;

export const recreate: Disruption = {
  ...{ name: "recreating the container", expected: "a new container" },
  mark: (deployment) => `${id(deployment)}; echo "$id"`,
  make: (stage) => inDockerHost(stage, "docker rm, docker-compose up", recreated),
};

// A connection attempt before the container is back makes the wait longer, because the kernel repeats an unanswered ARP request
// only after a second. So wait on the docker host first. The checks after this fail when the container does not come back.
const until = (condition: string) => `n=0; until ${condition} || [ $((n += 1)) -gt 100 ]; do sleep 0.1; done`;
const killed = (deployment: Deployment) => `${id(deployment)}
set -- "$id" $(docker inspect --format '{{.State.Pid}} {{.State.StartedAt}}' "$id")
kill -9 "$2" || exit
restarted() { case $(docker inspect --format '{{.State.Running}} {{.State.StartedAt}}' "$1") in "true $2") false ;; true*) ;; *) false ;; esac; }
${until('restarted "$1" "$3"')}`;

export const kill: Disruption = {
  ...{ name: "the kill in mid-write", mark: started, expected: "a new start time" },
  make: (stage, session) => cutWrites(stage, session, () => inDockerHost(stage, "kill -9", killed)),
};

export const reboot: Disruption = {
  name: "the reboot of the docker host",
  mark: () => "cat /proc/sys/kernel/random/boot_id; sed 's/.*) //' /proc/1/stat | cut -d' ' -f20",
  expected: "another boot",
  make: async (stage) => {
    const { hypervisor, target } = stage;
    const vmid = String(target.deployment.dockerHost.vmid);
    const { code, err } = await hypervisor.run(["qm", "reboot", vmid], { timeoutMs: 180_000 });
    const said = code === 0 ? "exit code 0" : `exit code ${code}: ${err.trim()}`;
    const agent = () => hypervisor.run(["qm", "agent", vmid, "ping"]);
    const back = await waitUntil(agent, (ping) => ping.code === 0, 120_000);
    if (back.held) {
      const dockerBack = (deployment: Deployment) => until(`( ${id(deployment)} )`);
      await inDockerHost(stage, "docker after the reboot", dockerBack);
    }
    return [
      check({
        level: "behaves",
        where: `qm reboot ${vmid}`,
        ok: code === 0,
        expected: "exit code 0",
        found: said,
      }),
      check({
        level: "behaves",
        where: `qm agent ${vmid} ping`,
        ok: back.held,
        expected: "an answer",
        found: back.held ? "an answer" : back.last.err,
      }),
    ];
  },
};

/** Makes the disruption, proves it, and looks for the object. When it could not be made, the object is not looked for. */
export async function survives(stage: Stage, disruption: Disruption, made: Made): Promise<readonly Check[]> {
  const { api, portainer, target } = stage;
  const { name, expected } = disruption;
  const session = await api.signIn();
  if (!session.ok)
    return [
      check({
        level: "behaves",
        where: `${target.url}/api/auth before ${name}`,
        ok: false,
        expected: "a session",
        found: session.said,
      }),
    ];
  const before = { mark: await marked(stage, disruption), session: await api.sessionStatus(session.value) };
  const making = await disruption.make(stage, session.value);
  if (making.some(({ ok }) => !ok)) return making;
  const back = await portainerAnswers(portainer.client);
  const answers = check({
    level: "behaves",
    where: `${target.url} after ${name}`,
    ok: back.code === 200,
    expected: "Portainer's status, 200",
    found: back.said,
  });
  if (!answers.ok) return [...making, answers];
  const after = { mark: await marked(stage, disruption), session: await api.sessionStatus(session.value) };
  const sessions = `${before.session} before, ${after.session} after`;
  return [
    ...making,
    check({
      level: "behaves",
      where: name,
      ok: before.mark !== after.mark,
      expected,
      found: `${before.mark}, then ${after.mark}`,
    }),
    check({
      level: "behaves",
      where: `${target.url}/api/users/me`,
      ok: sessions === "200 before, 401 after",
      expected: "200 before, 401 after",
      found: sessions,
    }),
    ...(await present(stage, made, `after ${name}`)),
  ];
}

/** For controls: makes an object in a fault's Portainer, makes the disruption, and looks for the object. */
export async function livesThrough(stage: Stage, disruption: Disruption): Promise<readonly Check[]> {
  await claimEmptied(stage);
  const made = await makeObject(stage);
  return [...made.checks, ...(await survives(stage, disruption, made))];
}

async function marked({ hypervisor, target }: Stage, { name, mark }: Disruption): Promise<string> {
  const { portainer } = target.deployment;
  const { code, out, err } = await onDockerHost(hypervisor, target, mark(target.deployment));
  if (code === 3) throw new CannotTell(`no container publishes ${portainer.port}`);
  if (code !== 0) throw new CannotTell(`could not determine whether ${name} happened: ${err.trim()}`);
  return out.trim().replaceAll("\n", " ");
}

async function inDockerHost(
  { hypervisor, target }: Stage,
  what: string,
  script: (deployment: Deployment) => string,
): Promise<readonly Check[]> {
  const { deployment } = target;
  const { code, out, err } = await onDockerHost(hypervisor, target, script(deployment));
  const said = code === 0 ? "exit code 0" : `exit code ${code}: ${(err || out).trim().slice(-200)}`;
  return [check({ level: "behaves", where: what, ok: code === 0, expected: "exit code 0", found: said })];
}
