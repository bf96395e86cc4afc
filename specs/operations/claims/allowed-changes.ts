// The judge's own list of what the plan may change, path by path, each with the task or defect of the plan that needs it.
import {
  type Deployment,
  declaredSiteOf,
  gatewayScriptOf,
  keyFileOf,
  portainerDirectoryOf,
  treeDirectoryOf,
} from "../../../fixtures/deployment/deployment.ts";
import { CannotTell } from "../../../fixtures/errors.ts";
import { type Directive, NginxSyntax, named, parseNginx } from "../../../fixtures/evidence/parse/nginx.ts";
import type { ProbedPlace } from "../../../fixtures/evidence/questions.ts";
import { nothing, type OnlyKeys, type OnlyLines } from "./within.ts";

export interface AllowedChange {
  readonly place: ProbedPlace;
  /** Matches the whole path; `TREE` means the Phoenix tree. `*` matches within a name, `**` across names. */
  readonly path: string;
  /** The task of the plan, or the defect (P) or failure mode (F) whose remedy needs this change. */
  readonly for: string;
  /** What may differ in a file that was there before. Without it, every byte may. */
  readonly only?: OnlyLines | OnlyKeys;
  /** Its type, mode and owner may change too. Otherwise they never may, and neither may the file that a link names. */
  readonly attributes?: true;
  /** The mode that it may get. */
  readonly mode?: string;
  /** It may disappear. */
  readonly removed?: true;
  /** Phoenix's own commands change it on each run. */
  readonly renewed?: true;
}

const pve = (path: string) => ["/etc/pve", "/etc/pve/nodes/*"].map((base) => `${base}/${path}`);
type More = Omit<AllowedChange, "place" | "path" | "for">;
const on = (
  place: AllowedChange["place"],
  reason: string,
  paths: string | readonly string[],
  more: More = {},
): AllowedChange[] => [paths].flat().map((path) => ({ place, path, for: reason, ...more }));

const anything = /^/;
/** Lines may be added, and none may be removed or changed. */
const additions: More = { only: { removed: nothing, added: anything } };
/** A new file may come; one that was there stays as it is. */
const unchanged: More = { only: { removed: nothing, added: nothing } };
/** Only lines that match may be removed or added. */
const lines = (pattern: RegExp, as?: OnlyLines["as"]): More => ({
  only: { removed: pattern, added: pattern, ...(as && { as }) },
});
const keys = (...allowed: string[]): More => ({ only: { keys: allowed } });
/** Of a line of nginx, all but Portainer's address, and the scheme that its upstream is asked with. */
const apartFromAddress =
  ({ gateway, portainer }: Deployment) =>
  (line: string) =>
    line
      .replace(new RegExp(`\\bserver\\s+[^\\s;{}]+:${portainer.port}\\b`, "g"), "server PORTAINER")
      .replace(
        new RegExp(`\\bproxy_pass\\s+https?://${literally(gateway.upstream)}\\b`, "g"),
        "proxy_pass PORTAINER",
      );
const literally = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
/** Of a line, all but how it looks for an option of LXC in a container's configuration (P31). */
const apartFromSearch = (line: string) =>
  line.replace(
    /grep (-qF|-qxF -e "\$option" -e "\$\(sed .* <<<) "\$option"(\)")? "\$conf_file"/,
    "grep OPTION",
  );
/** A stray dash of the declared site, or a blank line. */
const stray = /^\s*-?\s*$/;

/** Every place that the plan may change on a deployment. */
export const allowedChangesOf = (deployment: Deployment): readonly AllowedChange[] => [
  ...treeChanges(deployment),
  ...hypervisorChanges(deployment),
  ...guestChanges(deployment),
];

const treeChanges = (deployment: Deployment): readonly AllowedChange[] => {
  const { gateway, dockerHost } = deployment;
  const vm = `vms/${dockerHost.vmid}`;
  const volumes = "properties/vms/items/properties/volumes/items";
  return [
    ...on(
      "hypervisor",
      "1.1",
      "TREE/etc/phoenix_vm_configs.json",
      keys(`${vm}/volumes/*/path`, `${vm}/firewall`),
    ),
    ...on("hypervisor", "P2", "TREE/etc/phoenix_vm_configs.schema.json", keys(volumes)),
    ...on(
      "hypervisor",
      "1.2",
      `TREE/${declaredSiteOf(deployment)}`,
      lines(stray, apartFromAddress(deployment)),
    ),
    ...on("hypervisor", "P3", `TREE/${gatewayScriptOf(deployment)}`, {
      only: { removed: stray, added: anything, as: apartFromAddress(deployment) },
    }),
    ...on(
      "hypervisor",
      "P5",
      "TREE/etc/nginx/sites-available/portainer_proxy",
      lines(stray, apartFromAddress(deployment)),
    ),
    ...on("hypervisor", "P5", "TREE/etc/phoenix_hypervisor_config.json", keys("network/portainer_server_ip")),
    ...on(
      "hypervisor",
      "1.3",
      "TREE/etc/phoenix_lxc_configs.json",
      keys(`lxc_configs/${gateway.ctid}/firewall`),
    ),
    ...on("hypervisor", "P9", "TREE/bin/managers/lxc-manager.sh", {
      only: { removed: nothing, added: anything, as: apartFromSearch },
    }),
    ...on("hypervisor", "P9", "TREE/bin/managers/guest-firewall.sh"),
    ...on("hypervisor", "2.2", "TREE/bin/vm_features/feature_install_docker.sh", additions),
    ...on("hypervisor", "3.1", "TREE/bin/vm_features/feature_install_base_setup.sh", {
      only: { removed: nothing, added: nothing, as: (line) => line.replace(/^(\s*)local\s+/, "$1") },
    }),
    ...on("hypervisor", "P17", "TREE/bin/managers/vm-manager.sh", additions),
    ...on("hypervisor", "F30", `TREE/${treeDirectoryOf(deployment)}/docker-compose.yml`, lines(/^\s*image:/)),
  ];
};

/** Options that Phoenix sets from what the tree declares, in the configuration of a container and of a virtual machine. */
const setInContainer =
  /^((memory|cores|onboot|startup|features|unprivileged|net\d+|mp\d+)\s*:.*|lxc\.[a-z._]+\s*[:=].*|\s*)$/;
const setInMachine = /^((memory|cores|onboot|startup|boot|ciuser|ipconfig\d+|net\d+)\s*:.*|\s*)$/;
/** The switch of the cluster's firewall, and the policy that it begins with. Rules may be added. */
const firewallSwitch = /^\s*(\[OPTIONS\]|enable:.*|policy_in:.*)?\s*$/i;
const firewallAdded = /^\s*(\[(OPTIONS|RULES)\]|enable:.*|policy_in:.*|#.*|(IN|OUT) ACCEPT\b.*)?\s*$/i;

const hypervisorChanges = (deployment: Deployment): readonly AllowedChange[] => {
  const { gateway, dockerHost, volume } = deployment;
  return [
    ...on("hypervisor", "P9", "/etc/pve/firewall/cluster.fw", {
      only: { removed: firewallSwitch, added: firewallAdded },
    }),
    ...on("hypervisor", "P9", `/etc/pve/firewall/${gateway.ctid}.fw`),
    ...on("hypervisor", "P11", `/etc/pve/firewall/${dockerHost.vmid}.fw`),
    // Phoenix makes the volume, and opens it to all of its users.
    ...on("hypervisor", "2.1", wayTo(volume), { attributes: true }),
    ...on("hypervisor", "2.1", portainerDirectoryOf(deployment)),
    ...on("hypervisor", "3.1", pve(`lxc/${gateway.ctid}.conf`), lines(setInContainer)),
    ...on("hypervisor", "3.1", pve(`qemu-server/${dockerHost.vmid}.conf`), lines(setInMachine)),
    // A converge of the gateway takes new snapshots of its template.
    ...on("hypervisor", "3.1", pve("lxc/900.conf"), { ...lines(/^snaptime: \d+$/), renewed: true }),
  ];
};

/** The volume, and the directories between the volumes' root and it. */
function wayTo({ root, path }: Deployment["volume"]): string[] {
  const names = path.slice(root.length + 1).split("/");
  return names.map((_, at) => [root, ...names.slice(0, at + 1)].join("/"));
}

const available = "/etc/nginx/sites-available/";

/**
 * The directives of a site that are not Portainer's, one text each. Portainer's are its upstream, a `map` that it is named
 * in, and the servers of its name alone. @throws CannotTell for a text that nginx would refuse.
 */
function otherParts(deployment: Deployment): (text: string, path: string) => readonly string[] {
  const { gateway, portainer } = deployment;
  const words = apartFromAddress(deployment);
  const shown = ({ name, args, block }: Directive): string => {
    const own = name === "server_name" ? args.filter((each) => each !== portainer.host) : args;
    const inner = block && ` { ${block.map(shown).join(" ")} }`;
    return words(`${[name, ...own].join(" ")}${inner ?? ";"}`);
  };
  const isOwn = ({ name, args, block }: Directive) =>
    name === "-" ||
    (name === "upstream" && args[0] === gateway.upstream) ||
    (name === "map" && args.some((each) => /^\$portainer/.test(each))) ||
    (name === "server" && block !== undefined && namesOf(block).join() === portainer.host);
  return (text, path) =>
    siteOf(text, path)
      .filter((one) => !isOwn(one))
      .map(shown);
}

const namesOf = (block: readonly Directive[]) => [
  ...new Set(named(block, "server_name").flatMap(({ args }) => args.map((each) => each.toLowerCase()))),
];

function siteOf(text: string, path: string): readonly Directive[] {
  try {
    return parseNginx(text, path, { loneDash: true });
  } catch (error) {
    if (!(error instanceof NginxSyntax)) throw error;
    throw new CannotTell(`${error.message}; what else changed in the site is unknown`);
  }
}

const guestChanges = (deployment: Deployment): readonly AllowedChange[] => {
  const { gateway, portainer, volume } = deployment;
  // A line that names Portainer may come, go, and have another address; what else is in it stays.
  const named = (line: string) => {
    const [words = ""] = line.split("#");
    const all = words.trim().split(/\s+/);
    if (!all.includes(portainer.host)) return line;
    const others = all.filter((word) => word !== portainer.host);
    return others.length > 1 ? others.join(" ") : "";
  };
  const names = lines(/^\s*$/, named);
  const mount = (line: string) => (line.trim().split(/\s+/)[1] === volume.mountPoint ? "" : line);
  return [
    // Phoenix copies the declared sites and scripts there, then writes the one site that it enables.
    ...on("gateway", "P6", [`${available}${gateway.site}`, `/etc/nginx/sites-enabled/${gateway.site}`], {
      only: {
        removed: stray,
        added: anything,
        as: apartFromAddress(deployment),
        parts: otherParts(deployment),
      },
    }),
    ...on("gateway", "3.1", "/etc/nginx/sites-enabled/default", { ...unchanged, removed: true }),
    ...on("gateway", "P5", `${available}portainer_proxy`, lines(stray, apartFromAddress(deployment))),
    ...on(
      "gateway",
      "3.1",
      [`${available}*`, "/etc/nginx/sites-enabled/*", "/etc/nginx/scripts/*"],
      unchanged,
    ),
    ...on("gateway", "P19", gateway.certificate),
    ...on("gateway", "P19", keyFileOf(gateway.certificate), { mode: "600" }),
    ...(["hypervisor", "gateway", "docker-host"] as const).flatMap((place) =>
      on(place, "P19", "/etc/hosts", names),
    ),
    ...on("docker-host", "P19", "/etc/cloud/templates/hosts.*", names),
    ...on("docker-host", "1.1", "/etc/fstab", lines(/^\s*$/, mount)),
  ];
};

/** What Phoenix's own commands change on each run. */
export const renewedOf = (deployment: Deployment): readonly AllowedChange[] =>
  allowedChangesOf(deployment).filter(({ renewed }) => renewed);

/** What changes by itself on an idle host, and is never compared. */
export const volatilePaths: readonly Pick<AllowedChange, "place" | "path">[] = [
  ...[
    "/etc/pve/.*",
    "/etc/pve/authkey.*",
    "/etc/pve/nodes/*/lrm_status",
    "/etc/pve/ha/**",
    "/etc/pve/priv/authkey.*",
    "/etc/pve/priv/lock",
    "/etc/pve/priv/lock/**",
  ].map((path) => ({ place: "hypervisor", path }) as const),
];

/** The first entry of a list that matches a path at a place. */
export function under<R extends Pick<AllowedChange, "place" | "path">>(
  list: readonly R[],
  place: ProbedPlace,
  path: string,
  tree: string,
): R | undefined {
  return list.find((entry) => entry.place === place && matcher(entry.path.replace(/^TREE/, tree)).test(path));
}

/** Made once: each of some hundred files is compared with each entry. */
const matchers = new Map<string, RegExp>();

function matcher(pattern: string): RegExp {
  const made =
    matchers.get(pattern) ??
    new RegExp(
      `^${pattern
        .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
        .replaceAll("**", "\0")
        .replaceAll("*", "[^/]*")
        .replaceAll("\0", ".*")}$`,
    );
  matchers.set(pattern, made);
  return made;
}
