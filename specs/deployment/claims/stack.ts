// Portainer's stack as a compose file declares it and as Docker runs it, in one form so that both can be compared.
import {
  type Container,
  type DockerVolume,
  discarding,
} from "../../../fixtures/evidence/parse/containers.ts";
import type { Service } from "../../../fixtures/readings/compose/project.ts";
import { dataOption, dataPathOf, nearest } from "../../persistence/claims/data-path.ts";

/** The four settings that the plan needs, from a compose file or a container. */
export interface Shown {
  readonly image: string | undefined;
  readonly ports: readonly { published: number | undefined; target: number; address: string }[];
  /** The network mode, if it is one in which Docker discards published ports: then `ports` is empty. */
  readonly discards: string | undefined;
  /** The host directory that is mounted where Portainer keeps its data; undefined when that is in Docker's own storage. */
  readonly data: { said: string; directory: string | undefined; readOnly: boolean } | undefined;
  /** Where in the container Portainer keeps its data. */
  readonly dataPath: string;
  /** Host directories that a reboot empties and that are mounted; Docker itself makes its socket again. */
  readonly fleeting: readonly string[];
  /** What it may do on its host beyond what Docker gives every container. */
  readonly rights: readonly string[];
  readonly noNewPrivileges: boolean;
}

/** Reads them from a service of a compose file. */
export function shownBy({
  image,
  ports,
  mounts,
  privileged,
  addedCapabilities,
  securityOptions,
  hostNamespaces,
  devices,
  networkMode,
  command,
}: Service): Shown {
  const discards = discarding(networkMode);
  return {
    image,
    ports: discards ? [] : ports.filter(({ protocol }) => protocol === "tcp"),
    discards,
    get dataPath() {
      return dataPathOf(dataOption(command));
    },
    get data() {
      return nearest(this.dataPath, mounts, ({ target }) => target);
    },
    fleeting: mounts.filter(({ directory }) => isFleeting(directory)).map(({ said }) => said),
    rights: [
      ...rightsOf(privileged, addedCapabilities, securityOptions),
      ...hostNamespaces.map((name) => `${name}: host`),
      ...mounts.filter(({ directory }) => isOfSystem(directory)).map(({ said }) => said),
      ...devices.map((one) => `device ${one}`),
    ],
    noNewPrivileges: restrains(securityOptions),
  };
}

/** Docker gives these to each container. */
const usual = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
);

const rightsOf = (privileged: boolean, capabilities: readonly string[], options: readonly string[]) => [
  ...(privileged ? ["privileged"] : []),
  ...capabilities.filter((name) => !usual.has(name.toUpperCase().replace(/^CAP_/, ""))),
  ...options.filter((option) =>
    /^(?:(?:seccomp|apparmor|systempaths)[:=]unconfined|label[:=]disable)$/.test(option),
  ),
];

/** Whether a directory of the host is its root, or one that the system itself is in: who has it, has the host. */
const isOfSystem = (path: string | undefined) =>
  path !== undefined &&
  /^\/((bin|etc|lib\d*|root|sbin|usr|var(\/lib(\/docker)?)?)?$|(boot|dev(?!\/shm\b)|proc|sys)(\/|$))/.test(
    path,
  );

/** Whether a path of the host is in memory, or cleared at each boot. */
function isFleeting(path: string | undefined): boolean {
  if (path === undefined || /^(\/var)?\/run\/docker\.sock$/.test(path)) return false;
  return /^\/(tmp|run|var\/run|var\/lock|dev\/shm)(\/|$)/.test(path);
}

/** Whether a container gets no new privileges: of several settings Docker takes the last. */
const restrains = (options: readonly string[]) =>
  /^no-new-privileges([:=]true)?$/.test(
    options.findLast((option) => /^no-new-privileges([:=]|$)/.test(option)) ?? "",
  );

/** Reads them from a container; calls `volumes` only when its data is in a Docker volume. */
export function madeAs(
  { Config, DataOption, HostConfig, Mounts, Published }: Container,
  volumes: () => readonly DockerVolume[],
): Shown {
  const discards = discarding(HostConfig?.NetworkMode);
  const dataPath = dataPathOf(DataOption);
  const data = nearest(dataPath, Mounts, ({ Destination }) => Destination);
  const volume = data?.Type === "volume" ? volumes().find(({ Name }) => Name === data.Name) : undefined;
  return {
    image: Config.Image,
    discards,
    ports: Object.entries(discards ? {} : (Published ?? {})).flatMap(([target, bindings]) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => ({
        published: Number(HostPort),
        target: target.endsWith("/tcp") ? Number.parseInt(target, 10) : Number.NaN,
        address: HostIp,
      })),
    ),
    dataPath,
    data: data && {
      said: `${data.Name ?? data.Source}:${data.Destination} (${data.Type})`,
      readOnly: data.RW === false,
      directory: data.Type === "bind" ? data.Source : (volume?.Device ?? undefined),
    },
    fleeting: Mounts.filter(({ Type, Source }) => Type === "bind" && isFleeting(Source)).map(
      ({ Source, Destination }) => `${Source}:${Destination}`,
    ),
    rights: [
      ...rightsOf(HostConfig?.Privileged === true, HostConfig?.CapAdd ?? [], HostConfig?.SecurityOpt ?? []),
      ...Object.entries({
        ...{ pid: HostConfig?.PidMode, ipc: HostConfig?.IpcMode, uts: HostConfig?.UTSMode },
        userns_mode: HostConfig?.UsernsMode,
      }).flatMap(([name, mode]) => (mode === "host" ? [`${name}: host`] : [])),
      // The client turns systempaths=unconfined into this, and leaves no option of it.
      ...(HostConfig?.MaskedPaths?.length === 0 ? ["systempaths=unconfined"] : []),
      ...Mounts.filter(({ Type, Source }) => Type === "bind" && isOfSystem(Source)).map(
        ({ Source, Destination }) => `${Source}:${Destination}`,
      ),
      ...(HostConfig?.Devices ?? []).map(({ PathOnHost }) => `device ${PathOnHost}`),
      ...(HostConfig?.DeviceCgroupRules ?? []).map((rule) => `device ${rule}`),
    ],
    noNewPrivileges: restrains(HostConfig?.SecurityOpt ?? []),
  };
}
