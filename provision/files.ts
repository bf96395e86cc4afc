// Paths that steps edit: those in the Phoenix tree, relative to it, and the few outside it.
import {
  type Deployment,
  declaredSiteOf,
  gatewayScriptOf,
  keyFileOf,
} from "../fixtures/deployment/deployment.ts";

/** Paths that are the same in every deployment. */
export const files = {
  vmConfigs: "etc/phoenix_vm_configs.json",
  vmSchema: "etc/phoenix_vm_configs.schema.json",
  lxcConfigs: "etc/phoenix_lxc_configs.json",
  hypervisorConfig: "etc/phoenix_hypervisor_config.json",
  portainerSite: "etc/nginx/sites-available/portainer_proxy",
  dockerFeature: "bin/vm_features/feature_install_docker.sh",
  baseFeature: "bin/vm_features/feature_install_base_setup.sh",
  lxcManager: "bin/managers/lxc-manager.sh",
  vmManager: "bin/managers/vm-manager.sh",
  guestFirewall: "bin/managers/guest-firewall.sh",
} as const;

/** The directory of Portainer's stack in the tree, which task 2.1 copies to the volume. */
export const stackOf = ({ portainer }: Deployment): string => `persistent-storage/${portainer.directory}`;

/** Every path in the tree that steps edit. */
export const filesOf = (deployment: Deployment) => ({
  ...files,
  declaredSite: declaredSiteOf(deployment),
  gatewayScript: gatewayScriptOf(deployment),
  composeFile: `${stackOf(deployment)}/docker-compose.yml`,
});

/** The path of the live nginx site inside the gateway. */
export const liveSiteOf = ({ gateway }: Deployment): string => `/etc/nginx/sites-available/${gateway.site}`;

/** The private key of Portainer's certificate, in the same folder as the certificate. */
export const keyOf = ({ gateway }: Deployment): string => keyFileOf(gateway.certificate);

/** Portainer's stack as mounted in the docker host: the working directory of its compose project. */
export const mountedStackOf = ({ volume, portainer }: Deployment): string =>
  `${volume.mountPoint}/${portainer.directory}`;

/** Proxmox's cluster-wide firewall file. */
export const clusterFirewall = "/etc/pve/firewall/cluster.fw";

/** The firewall file of the hypervisor itself. */
export const hostFirewall = "/etc/pve/local/host.fw";
