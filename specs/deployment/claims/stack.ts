// Portainer's stack as a compose file declares it and as Docker runs it, in the same words.
import type { Service } from "../../../fixtures/evidence/parse/compose.ts";
import type { Container, DockerVolume } from "../../../fixtures/evidence/parse/containers.ts";

/** What a file or a container says of the four things that count. */
export interface Shown {
  readonly image: string | undefined;
  readonly ports: readonly { published: number | undefined; target: number; address: string }[];
  /** Where /data leads; undefined where it stays with Docker. */
  readonly data: { said: string; directory: string | undefined } | undefined;
  readonly rights: readonly string[];
  readonly noNewPrivileges: boolean;
}

/** By a service of a compose file. */
export function shownBy({
  image,
  ports,
  mounts,
  privileged,
  addedCapabilities,
  securityOptions,
}: Service): Shown {
  return {
    image,
    ports: ports.filter(({ protocol }) => protocol === "tcp"),
    data: mounts.find(({ target }) => target === "/data"),
    rights: [...(privileged ? ["privileged"] : []), ...addedCapabilities],
    noNewPrivileges: securityOptions.some(restrains),
  };
}

const restrains = (option: string) => /^no-new-privileges([:=]true)?$/.test(option);

/** By a container; `volumes` are asked for only where its data lies in one. */
export function madeAs(
  { Config, HostConfig, Mounts, Published }: Container,
  volumes: () => readonly DockerVolume[],
): Shown {
  const data = Mounts.find(({ Destination }) => Destination === "/data");
  const volume = data?.Type === "volume" ? volumes().find(({ Name }) => Name === data.Name) : undefined;
  return {
    image: Config.Image,
    ports: Object.entries(Published ?? {}).flatMap(([target, bindings]) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => ({
        published: Number(HostPort),
        target: target.endsWith("/tcp") ? Number.parseInt(target, 10) : Number.NaN,
        address: HostIp,
      })),
    ),
    data: data && {
      said: `${data.Name ?? data.Source}:/data (${data.Type})`,
      directory: data.Type === "bind" ? data.Source : (volume?.Device ?? undefined),
    },
    rights: [...(HostConfig?.Privileged ? ["privileged"] : []), ...(HostConfig?.CapAdd ?? [])],
    noNewPrivileges: HostConfig?.SecurityOpt?.some(restrains) === true,
  };
}
