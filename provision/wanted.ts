// What the plan asks for, in values: the one place where steps take them from. The judge has its own.

export const wanted = {
  ctid: 101,
  vmid: 1001,
  volume: "/quickOS/vm-persistent-data/1001",
  mountPoint: "/persistent-storage",
  hypervisor: "10.0.0.13",
  gateway: "10.0.0.153",
  address: "10.0.0.101",
  port: 9443,
  upstream: "portainer_service",
  host: "portainer.phoenix.local",
  /** Where the hypervisor keeps the password of Portainer's administrator. */
  passwordFile: "/root/portainer-admin-password",
  /** What runs where nothing ran before: the long-term line of the day. */
  image: "portainer/portainer-ce:2.45.0",
  rule: { type: "out", action: "ACCEPT", dest: "10.0.0.101", proto: "tcp", port: "9443" },
} as const;

/** The paths of the tree that steps edit, relative to it. */
export const files = {
  vmConfigs: "etc/phoenix_vm_configs.json",
  vmSchema: "etc/phoenix_vm_configs.schema.json",
  lxcConfigs: "etc/phoenix_lxc_configs.json",
  hypervisorConfig: "etc/phoenix_hypervisor_config.json",
  declaredSite: "etc/nginx/sites-available/vllm_gateway",
  portainerSite: "etc/nginx/sites-available/portainer_proxy",
  gatewayScript: "bin/phoenix_hypervisor_lxc_101.sh",
  composeFile: "persistent-storage/portainer/docker-compose.yml",
  dockerFeature: "bin/vm_features/feature_install_docker.sh",
  baseFeature: "bin/vm_features/feature_install_base_setup.sh",
  lxcManager: "bin/managers/lxc-manager.sh",
  vmManager: "bin/managers/vm-manager.sh",
  guestFirewall: "bin/managers/guest-firewall.sh",
} as const;

/** Where the gateway's site is written inside its guest. */
export const liveSite = "/etc/nginx/sites-available/vllm_gateway";
/** The firewall's file for the whole cluster. */
export const clusterFirewall = "/etc/pve/firewall/cluster.fw";
