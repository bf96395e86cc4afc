// A healthy target in literal answers, for tests of claims: change one answer, and see which claim notices.
import { defaultDeployment } from "../../fixtures/deployment/deployment.ts";
import type { EvidenceDocument } from "../../fixtures/evidence/document.ts";
import { Evidence } from "../../fixtures/evidence/evidence.ts";
import type { Answer } from "../../fixtures/evidence/fact.ts";

type Sample = Record<string, string | Partial<Answer> | undefined>;
type Samples = { hypervisor?: Sample; gateway?: Sample; "docker-host"?: Sample; client?: Sample };

const tree = "/usr/local/phoenix_hypervisor";
const volume = "/quickOS/vm-persistent-data/1001";
const sum = (digit: string) => digit.repeat(64);
const entry = (type: string, path: string, size = 10, mtime = "1700000000.5") =>
  `${type} ${type === "d" ? 755 : 644} root:root ${mtime} ${size} 7\0\0${path}\0`;

export const site = `# gateway
-
upstream other_service { server 10.0.0.150:8000; }
upstream portainer_service {
    server 10.0.0.101:9443;
}
server {
    listen 443 ssl http2;
    server_name portainer.phoenix.local;
    location / {
        proxy_pass https://portainer_service;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto https;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
    }
}
server {
    listen 80;
    server_name portainer.phoenix.local;
    return 301 https://$host$request_uri;
}
server {
    listen 80;
    server_name gateway.phoenix.local;
    location /other/ { proxy_pass http://other_service; }
    location /portainer/ { proxy_pass https://portainer_service; }
}
`;
export const vms = `{ "vms": [
  { "vmid": 9000 },
  { "vmid": 1001, "volumes": [
    { "type": "nfs", "path": "${volume}", "mount_point": "/persistent-storage" } ],
    "network_config": { "ip": "10.0.0.101/24" } } ] }`;
export const lxcs = `{ "lxc_configs": { "101": { "firewall": { "enabled": true, "rules": [
  { "type": "out", "action": "ACCEPT", "dest": "10.0.0.101", "proto": "tcp", "port": "9443" } ] } } } }`;
export const dump = (text: string) => `# configuration file /etc/nginx/nginx.conf:
events {}
http {
  include /etc/nginx/sites-enabled/*;
}

# configuration file /etc/nginx/sites-enabled/vllm_gateway:
${text.replace("-\n", "")}
`;
export const container = {
  Id: "a".repeat(64),
  Name: "/portainer",
  Image: "sha256:1",
  State: { Status: "running", Running: true, Pid: 42, StartedAt: "2025-11-01T00:00:00Z", ExitCode: 0 },
  Config: { Image: "portainer/portainer-ce:2.45.0", User: "" },
  Compose: { Project: "portainer", Service: "portainer", WorkingDir: "/persistent-storage/portainer" },
  HostConfig: { SecurityOpt: ["no-new-privileges:true"], Privileged: false, CapAdd: null },
  Mounts: [{ Type: "bind", Source: "/persistent-storage/portainer/portainer_data", Destination: "/data" }],
  Published: { "9443/tcp": [{ HostIp: "", HostPort: "9443" }] },
};
export const stack = `services:
  portainer:
    image: portainer/portainer-ce:2.45.0
    security_opt: [no-new-privileges:true]
    ports: ["9443:9443"]
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
      - ./portainer_data:/data
`;
const processes = (ticks: number) =>
  `100\n1700000100.5\n9 (cat) R 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 10000 0\nnginx: worker process\n8 (nginx) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${ticks} 0\n`;

const named = { name: "10.0.0.153\n", "by name": "10.0.0.153 301" };

export const healthy: Required<Samples> = {
  hypervisor: {
    [`file ${tree}/etc/phoenix_vm_configs.json`]: vms,
    [`file ${tree}/etc/phoenix_lxc_configs.json`]: lxcs,
    [`file ${tree}/etc/nginx/sites-available/vllm_gateway`]: site,
    [`file ${tree}/bin/phoenix_hypervisor_lxc_101.sh`]:
      "cat <<'EOF'\nupstream portainer_service { server 10.0.0.101:9443; }\nEOF\n",
    [`file ${tree}/bin/vm_features/feature_install_docker.sh`]:
      'find . -name docker-compose.yml | while read -r f; do\ndocker-compose -f "$f" up -d\ndone\n',
    "file /etc/pve/firewall/101.fw":
      "[OPTIONS]\nenable: 1\n\n[RULES]\nOUT ACCEPT -proto tcp -dest 10.0.0.101 -dport 9443\nIN ACCEPT -p tcp -dport 443\n",
    "file /etc/pve/firewall/1001.fw":
      "[OPTIONS]\nenable: 1\npolicy_in: ACCEPT\n\n[RULES]\nIN ACCEPT -source 10.0.0.153 -p tcp -dport 9443\nIN DROP -p tcp -dport 9443\nIN DROP -p tcp -dport 8000,9000:9001\n",
    "file /etc/pve/qemu-server/1001.conf": "name: Dr\nnet0: virtio=AA:BB,bridge=vmbr0,firewall=1\n",
    "file /etc/pve/firewall/cluster.fw": "[OPTIONS]\nenable: 1\n",
    "file /etc/pve/lxc/101.conf":
      "arch: amd64\nnet0: name=eth0,bridge=vmbr0,firewall=1\nlxc.mount.auto:sys:rw\n",
    [`file ${tree}/persistent-storage/portainer/docker-compose.yml`]: stack,
    [`file ${volume}/portainer/docker-compose.yml`]: stack,
    "file /etc/exports": "# Phoenix\n/quickOS/vm-persistent-data 10.0.0.0/24(rw,sync,no_root_squash)\n",
    "file /var/lib/nfs/etab":
      "/quickOS/vm-persistent-data\t10.0.0.0/24(rw,sync,no_root_squash,no_all_squash,sec=sys,rw,no_root_squash)\n",
    ...named,
    "secrets tree": "looked\t20\n",
    "secrets host": "looked\t5\n",
    "portainer addresses":
      './etc/nginx/sites-available/vllm_gateway\x0010:10.0.0.101:9443\n./etc/phoenix_hypervisor_config.json\x009:portainer_server_ip": "10.0.0.101\n',
    "list tree":
      entry("f", `${tree}/persistent-storage/portainer/docker-compose.yml`) +
      entry("f", `${tree}/etc/nginx/sites-available/vllm_gateway`),
    "sums tree": `${sum("a")}  ${tree}/persistent-storage/portainer/docker-compose.yml\0`,
    "list pve": entry("f", "/etc/pve/firewall/101.fw"),
    "sums pve": `${sum("b")}  /etc/pve/firewall/101.fw\0`,
    "list portainer":
      entry("d", `${volume}/portainer`) +
      entry("f", `${volume}/portainer/docker-compose.yml`) +
      entry("d", `${volume}/portainer/portainer_data`) +
      entry("f", `${volume}/portainer/portainer_data/portainer.db`, 4096),
    "sums portainer": `${sum("a")}  ${volume}/portainer/docker-compose.yml\0`,
    databases: entry("f", `${volume}/portainer/portainer_data/portainer.db`, 4096),
    "pve-firewall status": "Status: enabled/running\n",
    "pct status": "status: running\n",
    "qm status": "status: running\n",
  },
  gateway: {
    "nginx -T": dump(site),
    "nginx -t declared": {
      code: 0,
      err: "nginx: configuration file /dev/shm/x/declared test is successful\n",
    },
    sockets: "  sl  local_address rem_address   st\n   0: 00000000:01BB 00000000:0000 0A 0 \n",
    ...named,
    "secrets gateway": "looked\t3\n",
    "nginx processes": processes(9000),
    "other names":
      "http://gateway.phoenix.local/ 404 \nhttp://portainer.phoenix.local/ 301 https://portainer.phoenix.local/\n",
    "nginx files": "1700000080.1\0/etc/nginx/sites-enabled/vllm_gateway\0",
    "list nginx": entry("f", "/etc/nginx/nginx.conf"),
    "sums nginx": `${sum("c")}  /etc/nginx/nginx.conf\0`,
  },
  "docker-host": {
    "file /etc/fstab": `LABEL=root / ext4 defaults 0 1\n10.0.0.13:${volume} /persistent-storage nfs defaults,auto,nofail 0 0\n`,
    "file /proc/self/mountinfo": `36 35 0:50 / /persistent-storage rw - nfs4 10.0.0.13:${volume} rw\n`,
    ...named,
    "name in containers": "portainer -\n",
    "secrets containers": "looked\t1\n",
    "docker active": "active\n",
    containers: JSON.stringify(container),
    volumes: "",
    "list stacks":
      entry("d", "/persistent-storage/portainer") +
      entry("f", "/persistent-storage/portainer/docker-compose.yml"),
    "file /persistent-storage/portainer/docker-compose.yml": "services:\n  portainer:\n    image: x\n",
    "open files": `${container.Id}\0/data/portainer.db\0${"7 4096 1700000000"}\0`,
  },
  client: {
    redirect: JSON.stringify({
      status: 301,
      location: "https://portainer.phoenix.local/accept/a%20path?query=1&more=%26",
      body: "",
    }),
    status: JSON.stringify({ status: 200, location: "", body: '{"Version":"2.27.6","InstanceID":"i-1"}' }),
  },
};

/** The healthy target with some answers changed: a string is output, `undefined` takes the answer away. */
export function sample(changes: Samples = {}, target: Partial<EvidenceDocument["target"]> = {}): Evidence {
  const place = (name: keyof Samples) => ({ answers: answers({ ...healthy[name], ...changes[name] }) });
  return new Evidence({
    format: 2,
    at: "2025-11-01T00:00:00.000Z",
    ms: 1,
    target: {
      ...{ name: "sample", kind: "stand-in", tree, deployment: defaultDeployment },
      ...{
        url: "https://portainer.phoenix.local",
        cannotImitate: [],
        certificate: "/etc/nginx/ssl/portainer.crt",
      },
      ...target,
    },
    places: {
      hypervisor: place("hypervisor"),
      gateway: place("gateway"),
      "docker-host": place("docker-host"),
      client: place("client"),
    },
  });
}

/** The path of a file of the sample's tree, as the probe names it. */
export const treeFile = (path: string) => `file ${tree}/${path}`;

function answers(texts: Sample): Record<string, Answer> {
  const blank = {
    code: 0,
    ms: 1,
    at: "2025-11-01T00:00:00.000Z",
    digest: `sha256:${sum("0")}`,
    out: "",
    err: "",
  };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, given]) => {
      if (given === undefined) return [];
      const answer = typeof given === "string" ? { out: given } : given;
      return [[name, { ...blank, command: name, ...answer }]];
    }),
  );
}
