// Evidence of a healthy target, for tests of claims: a test changes one answer and expects the claim to fail.
import { createHash } from "node:crypto";
import {
  type Deployment,
  declaredSiteOf,
  gatewayScriptOf,
  keyFileOf,
  mountSourceOf,
  portainerDirectoryOf,
  treeDirectoryOf,
  upstreamOf,
  urlOf,
} from "../../fixtures/deployment/deployment.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import type { EvidenceDocument } from "../../fixtures/evidence/document.ts";
import { Evidence } from "../../fixtures/evidence/evidence.ts";
import type { Answer } from "../../fixtures/evidence/fact.ts";
import type { Place, Question } from "../../fixtures/evidence/questions.ts";
import { selfSigned } from "../../fixtures/standin/portainer/certificate.ts";
import { containerOf, dumpOf, lxcsOf, otherName, siteOf, stackOf, vmsOf } from "./healthy-texts.ts";

/** Answers of one place: a string is output, `undefined` removes the answer. */
export type Sample<P extends Place> = Partial<Record<Question<P>, string | Partial<Answer> | undefined>>;
/** Answers by place. */
export type Changes = { readonly [P in Place]?: Sample<P> };

const tree = "/usr/local/phoenix_hypervisor";
const at = "2025-11-01T00:00:00.000Z";
const sum = (digit: string) => digit.repeat(64);
const entry = (type: string, path: string, size = 10, mtime = "1700000000.5") =>
  `${type} ${type === "d" ? 755 : 644} root:root ${mtime} ${size} 7\0\0${path}\0`;

const processes = `100
1700000100.5
9 (cat) R 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 10000 0
nginx: worker process
8 (nginx) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9000 0
`;

const certificates = new Map<string, string>();
/** A certificate for a name, in date at the sample's time; the same one each time. Its key is thrown away. */
function certificateFor(host: string): string {
  const certificate =
    certificates.get(host) ?? selfSigned({ now: new Date("2025-10-01T00:00:00Z"), name: host }).cert;
  certificates.set(host, certificate);
  return certificate;
}

const named = ({ gateway }: Deployment) => ({
  name: `${gateway.address}\n`,
  "by name": `${gateway.address} 301`,
  resolvers: "files\n192.0.2.53\n",
});
const answer = (status: number, location = "", body = "") => JSON.stringify({ status, location, body });

/** The path of a file of the sample's tree, as the probe names it. */
export const treeFile = (path: string) => `file ${tree}/${path}` as const;

function treeFiles(d: Deployment): Sample<"hypervisor"> {
  const written = `upstream ${d.gateway.upstream} { server ${upstreamOf(d)}; }`;
  return {
    [treeFile("etc/phoenix_vm_configs.json")]: vmsOf(d),
    [treeFile("etc/phoenix_lxc_configs.json")]: lxcsOf(d),
    [treeFile("etc/phoenix_hypervisor_config.json")]:
      `{"network":{"portainer_server_ip":"${d.dockerHost.address}"},\n"nfs":{"exports":[{"path":"${d.volume.root}","clients":["${d.hypervisor.network}"],"options":["rw","no_root_squash"]}]}}`,
    [treeFile("etc/phoenix_vm_configs.schema.json")]: '{"type":"object"}',
    [treeFile("etc/phoenix_lxc_configs.schema.json")]: '{"type":"object"}',
    [treeFile("etc/phoenix_hypervisor_config.schema.json")]: '{"type":"object"}',
    [treeFile(declaredSiteOf(d))]: siteOf(d),
    [treeFile(gatewayScriptOf(d))]:
      `cat > /etc/nginx/sites-available/${d.gateway.site} <<'EOF'\n${written}\nEOF\nln -sf /etc/nginx/sites-available/${d.gateway.site} /etc/nginx/sites-enabled/\n`,
    [treeFile("bin/vm_features/feature_install_docker.sh")]:
      'find . -name docker-compose.yml | while read -r f; do\ndocker-compose -f "$f" up -d\ndone\n',
    [treeFile(`${treeDirectoryOf(d)}/docker-compose.yml`)]: stackOf(d),
    "secrets tree": "looked\t20\n",
    "portainer addresses": `./${declaredSiteOf(d)}\0${10}:${upstreamOf(d)}\n./etc/phoenix_hypervisor_config.json\0${9}:portainer_server_ip": "${d.dockerHost.address}\n`,
    "list tree":
      entry("f", `${tree}/${treeDirectoryOf(d)}/docker-compose.yml`) +
      entry("f", `${tree}/${declaredSiteOf(d)}`),
    "sums tree": `${sum("a")}  ${tree}/${treeDirectoryOf(d)}/docker-compose.yml\0`,
  };
}

function hypervisor(d: Deployment): Sample<"hypervisor"> {
  const { gateway, dockerHost, portainer, volume } = d;
  const exported = `${d.hypervisor.network}(rw,sync,no_root_squash`;
  const data = `${portainerDirectoryOf(d)}/portainer_data`;
  const own = `/etc/pve/firewall/${gateway.ctid}.fw`;
  return {
    ...treeFiles(d),
    ...named(d),
    [`file ${own}`]: `[OPTIONS]\nenable: 1\n\n[RULES]\nOUT ACCEPT -proto tcp -dest ${dockerHost.address} -dport ${portainer.port}\nIN ACCEPT -p tcp -dport 443\n`,
    [`file /etc/pve/firewall/${dockerHost.vmid}.fw`]: `[OPTIONS]\nenable: 1\npolicy_in: ACCEPT\n\n[RULES]\nIN ACCEPT -source ${gateway.address} -p tcp -dport ${portainer.port}\nIN DROP -p tcp -dport ${portainer.port}\nIN DROP -p tcp -dport 8000\nIN DROP -p tcp -dport 9000\nIN DROP -p tcp -dport 9001\n`,
    [`file /etc/pve/qemu-server/${dockerHost.vmid}.conf`]: `name: Dr\nnet0: virtio=AA:BB,bridge=${d.hypervisor.bridge},firewall=1\n`,
    "file /etc/pve/firewall/cluster.fw": "[OPTIONS]\nenable: 1\n",
    [`file /etc/pve/lxc/${gateway.ctid}.conf`]: `arch: amd64\nnet0: name=eth0,bridge=${d.hypervisor.bridge},firewall=1,hwaddr=52:54:00:00:00:01\nlxc.mount.auto:sys:rw\n`,
    [`file ${portainerDirectoryOf(d)}/docker-compose.yml`]: stackOf(d),
    "file /etc/exports": `# Phoenix\n${volume.root} ${exported})\n`,
    "file /var/lib/nfs/etab": `${volume.root}\t${exported},no_all_squash,sec=sys,rw,no_root_squash)\n`,
    "secrets host": "looked\t5\n",
    "list pve": entry("f", own),
    "sums pve": `${sum("b")}  ${own}\0`,
    "list portainer":
      entry("d", portainerDirectoryOf(d)) +
      entry("f", `${portainerDirectoryOf(d)}/docker-compose.yml`) +
      entry("d", data) +
      entry("f", `${data}/portainer.db`, 4096).replace("644", "600"),
    "sums portainer": `${sum("a")}  ${portainerDirectoryOf(d)}/docker-compose.yml\0`,
    databases: entry("f", `${data}/portainer.db`, 4096).replace("644", "600"),
    "pve-firewall status": "Status: enabled/running\n",
    "pct status": "status: running\n",
    "qm status": "status: running\n",
  };
}

const keyDirectories = "755 root:root /etc/nginx/ssl\n755 root:root /\n";

function gateway(d: Deployment): Sample<"gateway"> {
  const { certificate, site } = d.gateway;
  const checked = "nginx: configuration file /dev/shm/x/declared test is successful\n";
  return {
    ...named(d),
    "nginx -T": { out: dumpOf(d, siteOf(d)), err: checked },
    "nginx -t declared": { code: 0, err: checked },
    sockets: "  sl  local_address rem_address   st\n   0: 00000000:01BB 00000000:0000 0A 0 \n",
    "secrets gateway": "looked\t3\n",
    "nginx processes": processes,
    "other names": `http://${otherName}/ 404 \nhttp://${d.portainer.host}/ 301 ${urlOf(d)}/\n`,
    "nginx files": `1700000080.1\0/etc/nginx/sites-enabled/${site}\0`,
    "list nginx": entry("f", "/etc/nginx/nginx.conf"),
    "sums nginx": `${sum("c")}  /etc/nginx/nginx.conf\0`,
    [`file ${certificate}`]: certificateFor(d.portainer.host),
    "key mode": `600 root:root ${keyFileOf(certificate)}\n${keyDirectories}`,
    "key digests": `${sum("a")}  -\n${sum("a")}  -\n`,
  };
}

function dockerHost(d: Deployment): Sample<"docker-host"> {
  const { mountPoint } = d.volume;
  const directory = `${mountPoint}/${d.portainer.directory}`;
  const container = containerOf(d);
  return {
    ...named(d),
    "file /etc/fstab": `LABEL=root / ext4 defaults 0 1\n${mountSourceOf(d)} ${mountPoint} nfs defaults,auto,nofail 0 0\n`,
    "file /proc/self/mountinfo": `36 35 0:50 / ${mountPoint} rw - nfs4 ${mountSourceOf(d)} rw\n`,
    "name in containers": "portainer -\n",
    "secrets containers": "looked\t1\n",
    "docker active": "active\n",
    containers: JSON.stringify(container),
    volumes: "",
    "list stacks": entry("d", directory) + entry("f", `${directory}/docker-compose.yml`),
    [`file ${directory}/docker-compose.yml`]: "services:\n  portainer:\n    image: x\n",
    "open files": `${container.Id}\0/data/portainer.db\0${"7 4096 1700000000"}\0`,
  };
}

const client = (d: Deployment): Sample<"client"> => ({
  redirect: answer(301, `${urlOf(d)}/accept/a%20path?query=1&more=%26`),
  status: answer(200, "", '{"Version":"2.27.6","InstanceID":"i-1"}'),
  administrator: answer(204),
  certificate: certificateFor(d.portainer.host),
});

/** Every answer of a healthy target that holds this deployment. */
export const healthyFor = (d: Deployment) => ({
  hypervisor: hypervisor(d),
  gateway: gateway(d),
  "docker-host": dockerHost(d),
  client: client(d),
});

/** The texts of the approved plan's own deployment; tests change something in them. */
export const healthy = healthyFor(defaultDeployment);
export const site = siteOf(defaultDeployment);
export const vms = vmsOf(defaultDeployment);
export const lxcs = lxcsOf(defaultDeployment);
export const container = containerOf(defaultDeployment);
export const stack = stackOf(defaultDeployment);
export const dump = (text: string) => dumpOf(defaultDeployment, text);

/** The healthy target with some answers changed. Its deployment is the approved plan's own unless another is given. */
export function sample(changes: Changes = {}, target: Partial<EvidenceDocument["target"]> = {}): Evidence {
  const { deployment = defaultDeployment } = target;
  const own = deployment === defaultDeployment ? healthy : healthyFor(deployment);
  const place = (name: Place) => ({ answers: answers(withDigests({ ...own[name], ...changes[name] })) });
  return new Evidence({
    format: 2,
    at,
    ms: 1,
    target: {
      ...{ name: "sample", kind: "stand-in", tree, deployment, url: urlOf(deployment) },
      ...{ cannotImitate: [], certificate: deployment.gateway.certificate },
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

/** The same with the digest of each answer, as a file of evidence needs it. */
export function digested(document: EvidenceDocument): EvidenceDocument {
  const places = Object.entries(document.places).map(([name, given]) => {
    if (!("answers" in given)) return [name, given];
    const all = Object.entries(given.answers as Record<string, Answer>).map(([question, one]) => [
      question,
      { ...one, digest: `sha256:${createHash("sha256").update(one.out).digest("hex")}` },
    ]);
    return [name, { answers: Object.fromEntries(all) }];
  });
  return { ...document, places: Object.fromEntries(places) };
}

/** With a digest for each listed file that the texts give none; a `sums` answer that is no text stays as it is. */
function withDigests(
  texts: Readonly<Record<string, string | Partial<Answer> | undefined>>,
): Record<string, string | Partial<Answer> | undefined> {
  const all: Record<string, string | Partial<Answer> | undefined> = { ...texts };
  for (const [name, list] of Object.entries(texts)) {
    const sums = name.replace(/^list /, "sums ");
    const given = texts[sums] ?? "";
    if (
      sums === name ||
      typeof list !== "string" ||
      typeof given !== "string" ||
      (sums in texts && texts[sums] === undefined)
    )
      continue;
    const files = [...list.matchAll(/(?<=^|\0)f [^\0]*\0\0([^\0]+)\0/g)].map(([, path = ""]) => path);
    const more = files.filter((path) => !given.includes(`  ${path}\0`));
    all[sums] =
      given + more.map((path) => `${createHash("sha256").update(path).digest("hex")}  ${path}\0`).join("");
  }
  return all;
}

function answers(
  texts: Readonly<Record<string, string | Partial<Answer> | undefined>>,
): Record<string, Answer> {
  const blank = { code: 0, ms: 1, at, digest: `sha256:${sum("0")}`, out: "", err: "" };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, given]) => {
      if (given === undefined) return [];
      const own = typeof given === "string" ? { out: given } : given;
      return [[name, { ...blank, command: name, ...own }]];
    }),
  );
}
