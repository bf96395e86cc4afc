// Where things are: the paths of the tree that steps edit, relative to it, and the few outside of it.
import { type Deployment, declaredSiteOf, gatewayScriptOf } from "../fixtures/deployment/deployment.ts";

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

/** Every path of the tree that steps edit. */
export const filesOf = (deployment: Deployment) => ({
  ...files,
  declaredSite: declaredSiteOf(deployment),
  gatewayScript: gatewayScriptOf(deployment),
  composeFile: `${stackOf(deployment)}/docker-compose.yml`,
});

/** Where the gateway's site is written inside its guest. */
export const liveSiteOf = ({ gateway }: Deployment): string => `/etc/nginx/sites-available/${gateway.site}`;

/** The gateway's private key for Portainer's name, beside the certificate. */
export const keyOf = ({ gateway }: Deployment): string => gateway.certificate.replace(/\.[^./]*$/, ".key");

/** Where the docker host sees Portainer's stack: its compose project's working directory. */
export const mountedStackOf = ({ volume, portainer }: Deployment): string =>
  `${volume.mountPoint}/${portainer.directory}`;

/** The firewall's file for the whole cluster. */
export const clusterFirewall = "/etc/pve/firewall/cluster.fw";
