// What the plan asks for, in values: the one place where specs take their expectations from.

export const plan = {
  hypervisor: { address: "10.0.0.13", sshPort: 22, bridge: "vmbr0" },
  gateway: { ctid: 101, address: "10.0.0.153", upstream: "portainer_service" },
  dockerHost: { vmid: 1001, address: "10.0.0.101" },
  volume: { path: "/quickOS/vm-persistent-data/1001", mountPoint: "/persistent-storage" },
  portainer: { host: "portainer.phoenix.local", port: 9443, directory: "portainer" },
  rule: { type: "out", action: "ACCEPT", dest: "10.0.0.101", proto: "tcp", port: "9443" },
  composeFiles: ["docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"],
} as const;

/** Where the gateway sends Portainer's users. */
export const upstream = `${plan.dockerHost.address}:${plan.portainer.port}`;

/** What virtual machine 1001 mounts, as fstab and the kernel name it. */
export const mountSource = `${plan.hypervisor.address}:${plan.volume.path}`;
