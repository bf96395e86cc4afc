// The texts of a healthy target that holds a deployment: configuration of the tree, of nginx and of Docker.
import { containerPort } from "../../fixtures/deployment/container-port.ts";
import {
  type Deployment,
  keyFileOf,
  outboundRuleOf,
  upstreamOf,
} from "../../fixtures/deployment/deployment.ts";

/** Another name that the gateway serves. */
export const otherName = "gateway.example";

const site = ({ gateway, portainer }: Deployment, upstream: string) => `# gateway
-
upstream other_service { server 192.0.2.150:8000; }
upstream ${gateway.upstream} {
    server ${upstream};
}
server {
    listen 443 ssl http2;
    server_name ${portainer.host};
    ssl_certificate ${gateway.certificate};
    ssl_certificate_key ${keyFileOf(gateway.certificate)};
    location / {
        proxy_pass https://${gateway.upstream};
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto https;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_read_timeout 1h;
        client_max_body_size 0;
    }
}
server {
    listen 80;
    server_name ${portainer.host};
    return 301 https://$host$request_uri;
}
server {
    listen 80;
    server_name ${otherName};
    location /other/ { proxy_pass http://other_service; }
    location /portainer/ { proxy_pass https://${gateway.upstream}; }
}
`;
/** The gateway's site, with the stray dash that the tree has, another service and another name. */
export const siteOf = (deployment: Deployment) => site(deployment, upstreamOf(deployment));

const tcpIn = (action: string, port: number, from: object = {}) => ({
  ...{ type: "in", action, ...from },
  ...{ proto: "tcp", port: String(port) },
});

/** The docker host's declared firewall. */
const firewallOf = ({ gateway, portainer: { port } }: Deployment) => ({
  ...{ enabled: true, default_input_policy: "ACCEPT" },
  rules: [
    tcpIn("ACCEPT", port, { source: gateway.address }),
    ...[port, 8000, 9000, 9001].map((each) => tcpIn("DROP", each)),
  ],
});

/** The list of virtual machines. */
export const vmsOf = (deployment: Deployment) => vmsWith(deployment, firewallOf(deployment));

const vmsWith = ({ dockerHost, volume, hypervisor }: Deployment, firewall: object) => `{ "vms": [
  { "vmid": 9000 },
  { "vmid": ${dockerHost.vmid}, "firewall": ${JSON.stringify(firewall)}, "volumes": [
    { "type": "nfs", "path": "${volume.path}", "mount_point": "${volume.mountPoint}" } ],
    "network_config": { "ip": "${dockerHost.address}/${hypervisor.network.split("/")[1]}" } } ] }`;

/** The list of containers. */
export function lxcsOf(deployment: Deployment): string {
  const fields = Object.entries(outboundRuleOf(deployment)).map(([key, value]) => `"${key}": "${value}"`);
  const inbound = JSON.stringify(tcpIn("ACCEPT", 443));
  const firewall = `{ "enabled": true, "rules": [\n  { ${fields.join(", ")} }, ${inbound} ] }`;
  return `{ "lxc_configs": { "${deployment.gateway.ctid}": { "firewall": ${firewall} } } }`;
}

/** What `nginx -T` prints for a gateway with this site. */
export const dumpOf = ({ gateway }: Deployment, text: string) => `# configuration file /etc/nginx/nginx.conf:
events {}
http {
  include /etc/nginx/sites-enabled/*;
}

# configuration file /etc/nginx/sites-enabled/${gateway.site}:
${text.replace("-\n", "")}
`;

/** Portainer's container, as Docker says of it. */
export const containerOf = ({ volume, portainer }: Deployment) => {
  const directory = `${volume.mountPoint}/${portainer.directory}`;
  return {
    Id: "a".repeat(64),
    Name: "/portainer",
    Image: "sha256:1",
    State: { Status: "running", Running: true, Pid: 42, StartedAt: "2025-11-01T00:00:00Z", ExitCode: 0 },
    Config: { Image: portainer.image, User: "" },
    Compose: { Project: "portainer", Service: "portainer", WorkingDir: directory },
    HostConfig: { SecurityOpt: ["no-new-privileges:true"], Privileged: false, CapAdd: null },
    Mounts: [{ Type: "bind", Source: `${directory}/portainer_data`, Destination: "/data" }],
    Published: { [`${containerPort}/tcp`]: [{ HostIp: "", HostPort: String(portainer.port) }] },
  };
};

/** Portainer's compose file. */
export const stackOf = ({ portainer: { image, port } }: Deployment) => `services:
  portainer:
    image: ${image}
    security_opt: [no-new-privileges:true]
    ports: ["${port}:${containerPort}"]
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
      - ./portainer_data:/data
`;
