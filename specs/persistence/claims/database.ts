// The claim about Portainer's database: it is on the volume, and Portainer has it open.
import { posix } from "node:path";
import { counted } from "../../../fixtures/counted.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type Container, publishing } from "../../../fixtures/evidence/parse/containers.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import { check, eachLevel, known, source, withDocker } from "../../claim.ts";
import { dataPathOf, nearest } from "./data-path.ts";

/** The running containers that publish Portainer's port; there should be exactly one. */
export function portainers(e: Evidence): Container[] {
  const { dockerHost, portainer } = e.deployment;
  const running = known(e.containers).filter(({ State }) => State.Status === "running");
  return publishing(running, portainer.port, dockerHost.address);
}

/** One database is under the hypervisor's path; the container's data is mounted from there, and it has the file open. */
export function databaseOnTheVolume(e: Evidence): readonly Check[] {
  const { path: volume, mountPoint } = e.deployment.volume;
  const own = () =>
    known(e.listing("hypervisor", "databases")).filter(
      ({ path, type }) => type === "f" && path.startsWith(`${volume}/`),
    );
  return eachLevel({
    delivered: () => {
      const found =
        own()
          .map(({ path, size }) => `${path} (${counted(size, "byte")})`)
          .join(", ") || "none";
      return [
        check({
          level: "delivered",
          where: volume,
          ok: own().length === 1,
          expected: "one database of Portainer",
          found,
          next: toType`find ${volume} -name portainer.db`,
        }),
      ];
    },
    live: () =>
      withDocker(e, () => {
        const running = portainers(e);
        const [container] = running;
        const names = running.map(({ Name }) => Name.slice(1)).join(", ") || "none";
        const one = check({
          level: "live",
          where: source(e.containers),
          ok: running.length === 1,
          expected: `one running container on ${e.deployment.portainer.port}`,
          found: names,
        });
        if (!container) return [one];
        const path = dataPathOf(container.DataOption);
        const data = nearest(path, container.Mounts, ({ Destination }) => Destination);
        const directory = data && `${directoryOf(e, data)}${path.slice(data.Destination.length)}`;
        const mount = check({
          level: "live",
          where: `container ${names}`,
          ok: directory?.startsWith(`${mountPoint}/`) === true && data?.RW !== false,
          expected: `${path} under ${mountPoint}`,
          found: data
            ? `${directory} (${data.Type}${data.RW === false ? ", read-only" : ""})`
            : `no mount at ${path}`,
          next: `mount a directory of the volume at ${path}`,
        });
        return [one, mount, inUse(e, container, { path, directory }, own())];
      }),
  });
}

/** The docker host's directory of a mount: that of a Docker volume is the one that it is bound to, if any. */
function directoryOf(e: Evidence, { Type, Source, Name }: Container["Mounts"][number]): string {
  const volume = Type === "volume" ? known(e.dockerVolumes).find((one) => one.Name === Name) : undefined;
  return volume?.Device ?? Source;
}

/** The names of Portainer's database: plain, or encrypted. */
const databases = ["portainer.db", "portainer.edb"];

/** The open file is the hypervisor's: the same path below the mount point, the same size. */
function inUse(
  e: Evidence,
  { Id }: Container,
  data: { readonly path: string; readonly directory: string | undefined },
  onHost: readonly { path: string; size: number }[],
): Check {
  const { path: volume, mountPoint } = e.deployment.volume;
  const open = known(e.openFiles).filter(
    ({ container, path }) =>
      container === Id && databases.some((name) => path === posix.join(data.path, name)),
  );
  const [file] = open;
  const expected = onHost[0]
    ? `${onHost[0].path} open (${counted(onHost[0].size, "byte")})`
    : `a database under ${volume}`;
  const hostPath =
    file && data.directory !== undefined
      ? posix.join(volume, data.directory.slice(mountPoint.length), posix.basename(file.path))
      : undefined;
  const found = file
    ? `${file.path} open, on the hypervisor ${hostPath} (${counted(file.size, "byte")})`
    : "no database is open";
  const ok =
    hostPath !== undefined && onHost.some(({ path, size }) => path === hostPath && size === file?.size);
  return check({
    level: "live",
    where: source(e.openFiles),
    ok,
    expected,
    found,
    next: "check the container's mounts with docker inspect",
  });
}
