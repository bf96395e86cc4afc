// Twenty changes of one line to our tree, half of them harmless, and the finding that the gate must report for each.
import { declaredSiteOf, gatewayScriptOf, upstreamOf } from "../../fixtures/deployment/deployment.ts";
import { foreignVolumeOf, staleUpstreamOf } from "../../fixtures/deployment/neighbours.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";

export interface LineChange {
  readonly what: string;
  /** Relative to the tree. */
  readonly file: string;
  /** A part of the line that changes, and its replacement. */
  readonly from: string;
  readonly to: string;
  /** The rule that must be newly broken; none for a harmless change. */
  readonly breaks?: string;
  /** The line of the finding, if it is not the changed line. */
  readonly line?: number;
}

const vms = "etc/phoenix_vm_configs.json";
const lxcs = "etc/phoenix_lxc_configs.json";
const site = declaredSiteOf(defaultDeployment);
const gateway = gatewayScriptOf(defaultDeployment);
const docker = "bin/vm_features/feature_install_docker.sh";
const { dockerHost, volume, portainer } = defaultDeployment;
const compose = `persistent-storage/${portainer.directory}/docker-compose.yml`;
const upstream = upstreamOf(defaultDeployment);
/** The last two names of a path. */
const end = (path: string) => path.split("/").slice(-2).join("/").replace(/^.*-/, "");

export const changes: readonly LineChange[] = [
  {
    what: "the volume is another guest's",
    file: vms,
    from: end(volume.path),
    to: end(foreignVolumeOf(defaultDeployment)),
    breaks: "STO-001",
  },
  {
    what: "the upstream has the old address",
    file: site,
    from: upstream,
    to: staleUpstreamOf(defaultDeployment),
    breaks: "GWY-001",
  },
  {
    what: "the script delivers plain http's port",
    file: gateway,
    from: upstream,
    to: `${dockerHost.address}:9000`,
    breaks: "GWY-002",
  },
  {
    what: "a directive loses its end",
    file: site,
    from: "server 10.0.0.151:8000;",
    to: "server 10.0.0.151:8000",
    breaks: "GWY-003",
  },
  {
    what: "the rule allows another port",
    file: lxcs,
    from: `"port": "${portainer.port}"`,
    to: '"port": "9000"',
    breaks: "FWL-001",
    line: 65,
  },
  {
    what: "the image is whatever is newest",
    file: compose,
    from: ":2.45.0",
    to: ":latest",
    breaks: "DEP-003",
    line: 4,
  },
  {
    what: "the data stays with Docker",
    file: compose,
    from: "./portainer_data:/data",
    to: "portainer_data:/data",
    breaks: "DEP-003",
  },
  {
    what: "a comma is lost",
    file: vms,
    from: `"vmid": ${dockerHost.vmid},`,
    to: `"vmid": ${dockerHost.vmid}`,
    breaks: "json",
    line: 24,
  },
  {
    what: "a required key is renamed",
    file: vms,
    from: `"mount_point": "${volume.mountPoint}"`,
    to: `"mount": "${volume.mountPoint}"`,
    breaks: "schema",
    line: 48,
  },
  {
    what: "an if is never closed",
    file: docker,
    from: 'if [ -z "$USERNAME" ]; then',
    to: 'if [ -z "$USERNAME" ]',
    breaks: "bash",
    line: 47,
  },
  { what: "another service's port", file: site, from: "10.0.0.150:8000", to: "10.0.0.150:8001" },
  { what: "a comment", file: site, from: "# Embeddings.", to: "# Embeddings, by their own model." },
  {
    what: `more memory for VM ${dockerHost.vmid}`,
    file: vms,
    from: '"memory_mb": 8192',
    to: '"memory_mb": 16384',
  },
  { what: "more memory for the gateway", file: lxcs, from: '"memory_mb": 4096', to: '"memory_mb": 6144' },
  { what: "another message", file: docker, from: "Docker runs already.", to: "Docker is here already." },
  { what: "another log file", file: docker, from: "phoenix_feature_docker.log", to: "phoenix_docker.log" },
  {
    what: "a longer certificate",
    file: gateway,
    from: '-subj "/O=Phoenix/CN=n8n.phoenix.local"',
    to: '-subj "/O=Phoenix Lab/CN=n8n.phoenix.local"',
  },
  { what: "a newer Portainer", file: compose, from: ":2.45.0", to: ":2.46.1" },
  { what: "another restart policy", file: compose, from: "unless-stopped", to: "always" },
  {
    what: "another address of the gateway",
    file: site,
    from: `gateway.phoenix.local ${defaultDeployment.gateway.address}`,
    to: "gateway.phoenix.local",
  },
];

/** The changes as a table, for the documentation. */
export function changesTable(): string {
  const cell = (text: string) => `\`${text.replaceAll("|", "\\|")}\``;
  const rows = changes.map(
    ({ what, file, from, to, breaks }) =>
      `| ${what} | \`${file}\` | ${cell(from)} | ${cell(to)} | ${breaks ?? "nothing"} |`,
  );
  return `${["| Change | File | From | To | Newly broken |", "|---|---|---|---|---|", ...rows].join("\n")}\n`;
}
