// Reads what planning needs to know about a target, in one round trip.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Deployment, portainerDirectoryOf } from "../fixtures/deployment/deployment.ts";
import { BadInput, CannotTell, problem } from "../fixtures/errors.ts";
import { quoteWord, toType } from "../fixtures/quote.ts";
import { guestExec } from "../fixtures/target/guest-answer.ts";
import type { Hypervisor } from "../fixtures/target/hypervisor.ts";
import type { Target } from "../fixtures/target/inventory.ts";
import { clusterFirewall, filesOf, hostFirewall, liveSiteOf, stackOf } from "./files.ts";

/** A path on the hypervisor. `text` is the content of the file, decoded as UTF-8. */
export type FileFact =
  | { readonly kind: "file"; readonly mode: string; readonly text: string }
  | { readonly kind: "directory"; readonly mode: string }
  | { readonly kind: "absent" };

/** What is read inside the gateway while it runs. */
export interface GatewayFacts {
  /** The live nginx site; empty if there is none. */
  readonly site: string;
  /** The names in Portainer's certificate, as openssl prints them. */
  readonly names: string;
  readonly nginxRuns: boolean;
  /** Its /etc/hosts. */
  readonly hosts?: string;
}

/** What is read inside the docker host while it runs. */
export interface DockerHostFacts {
  readonly fstab: string;
  /** /proc/mounts */
  readonly mounts: string;
  /** Working directories of the running compose stacks. */
  readonly stacks: readonly string[];
  /** The image digest of the container on Portainer's port, running or stopped; empty if there is none. */
  readonly image?: string;
  /** HTTP status of Portainer's administrator check: 204 if it has an administrator. */
  readonly administrator?: string;
  /** Its /etc/hosts. */
  readonly hosts?: string;
}

export interface Facts {
  /** The deployment that the target should have. */
  readonly deployment: Deployment;
  readonly tree: string;
  readonly files: Readonly<Record<string, FileFact>>;
  /** The output of `pve-firewall status`. */
  readonly firewall: string;
  /** The client of this connection, and the hypervisor's port that it reached; undefined if the server does not say. */
  readonly client?: { readonly address: string; readonly port: number };
  readonly gateway: GatewayFacts | undefined;
  readonly dockerHost: DockerHostFacts | undefined;
}

const script = readFileSync(join(import.meta.dirname, "facts.sh"), "utf8");

/** The values that facts.sh uses, as shell assignments. */
function assignments(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${quoteWord(String(value))}\n`)
    .join("");
}

/** The files that steps edit or read, apart from the directory that is copied. */
function pathsOf({ tree, deployment }: Pick<Target, "tree" | "deployment">): string[] {
  const { ctid } = deployment.gateway;
  const { vmid } = deployment.dockerHost;
  return [
    ...Object.values(filesOf(deployment)).map((path) => `${tree}/${path}`),
    clusterFirewall,
    hostFirewall,
    "/etc/hosts",
    `/etc/pve/lxc/${ctid}.conf`,
    `/etc/pve/firewall/${ctid}.fw`,
    `/etc/pve/firewall/${vmid}.fw`,
  ];
}

/**
 * Reads the facts of a target.
 * @throws CannotTell if the answer was cut off, or a file may not be read; BadInput if a file that a plan may write is a symbolic link, is reached
 * through one, has several hard links, or is not UTF-8 text.
 */
export async function readFacts(
  hypervisor: Hypervisor,
  target: Pick<Target, "tree" | "deployment">,
): Promise<Facts> {
  const { tree, deployment } = target;
  const nonce = randomBytes(8).toString("hex");
  const values = assignments({
    tree,
    stack: stackOf(deployment),
    ctid: deployment.gateway.ctid,
    vmid: deployment.dockerHost.vmid,
    volume: deployment.volume.path,
    copy: portainerDirectoryOf(deployment),
    site: liveSiteOf(deployment),
    certificate: deployment.gateway.certificate,
    port: deployment.portainer.port,
    nonce,
  });
  const { out, err } = await hypervisor.script(values + script, pathsOf(target), { timeoutMs: 120_000 });
  const lines = out.trimEnd().split("\n");
  if (lines.pop() !== `end ${nonce}`)
    throw new CannotTell(problem(`The hypervisor's answer is incomplete: ${err.trim()}`));
  const facts = new Map<string, string>();
  const found: Record<string, FileFact> = {};
  for (const line of lines) {
    const [sort, name = "", ...rest] = line.split(" ");
    if (sort === "fact") facts.set(decode(name), decode(rest[0] ?? ""));
    else if (sort === "file") found[decodeName(name)] = readFile(decodeName(name), target, rest);
    else throw new CannotTell(`unexpected line in the hypervisor's answer: ${line.slice(0, 80)}`);
  }
  const says = (name: string) => facts.get(name) ?? "";
  const runs = (guest: string) => says(`${guest} status`).includes("running");
  return {
    deployment,
    tree,
    files: found,
    firewall: says("firewall status").trim(),
    ...clientOf(says("connection")),
    gateway: runs("gateway") ? readGateway(says("gateway"), deployment.gateway) : undefined,
    dockerHost: runs("docker host")
      ? readDockerHost(says("docker host"), deployment.dockerHost.vmid)
      : undefined,
  };
}

/** sshd's `SSH_CONNECTION`: the client's address and port, then the server's. */
function clientOf(text: string): Pick<Facts, "client"> {
  const [address, , , port] = text.trim().split(" ");
  return address && /^[\d.]+$|^[\da-f:]+$/i.test(address) && Number(port) > 0
    ? { client: { address, port: Number(port) } }
    : {};
}

const decode = (base64: string) => Buffer.from(base64, "base64").toString("utf8");

function decodeName(base64: string): string {
  const name = decode(base64);
  if (Buffer.from(name, "utf8").toString("base64") === base64) return name;
  throw new BadInput(problem(`Not edited: the name of ${name} is not UTF-8`, toType`ls -b ${dirname(name)}`));
}

function readFile(
  path: string,
  { tree, deployment }: Pick<Target, "tree" | "deployment">,
  [kind, detail = "", bytes = "", names]: string[],
): FileFact {
  const word = quoteWord(path);
  const refuse = (why: string, next: string) => new BadInput(problem(`Not edited: ${path} ${why}`, next));
  if (kind === "absent") return { kind };
  if (kind === "directory") return { kind, mode: detail };
  if (kind === "link")
    throw refuse(
      `is a symbolic link to ${decode(detail).trim()}`,
      `cp --remove-destination -- "$(readlink -f -- ${word})" ${word}`,
    );
  if (kind === "elsewhere")
    throw refuse(`is reached through a symbolic link, at ${decode(detail)}`, toType`namei -l -- ${path}`);
  if (kind === "unread")
    throw new CannotTell(problem(`${path} may not be read here`, toType`namei -l -- ${path}`));
  if (kind !== "file") throw refuse("is not a regular file", toType`ls -ld -- ${path}`);
  // A file that is only read may have several hard links.
  const edited = Object.values(filesOf(deployment)).some((name) => path === `${tree}/${name}`);
  if (names !== "1" && (edited || !path.startsWith(`${tree}/`)))
    throw refuse(
      `has ${names} names (hard links): an edit would replace only this one`,
      toType`find / -xdev -samefile ${path}   # then: cp -p -- ${path} ${`${path}.own`} && mv -- ${`${path}.own`} ${path}`,
    );
  const text = decode(bytes);
  if (Buffer.from(text, "utf8").toString("base64") !== bytes)
    throw refuse("is not UTF-8 text", toType`file -- ${path}`);
  return { kind, mode: detail, text };
}

/** Parses the `key base64` lines that both guests answer. */
function readLines(text: string): (key: string) => string {
  const values = new Map(
    text.split("\n").map((line) => [line.split(" ")[0] ?? "", line.split(" ")[1] ?? ""]),
  );
  return (key) => values.get(key) ?? "";
}

/** @throws CannotTell for an answer that is missing or cut, and if openssl could not read a certificate that is there. */
function readGateway(text: string, { ctid, certificate }: Deployment["gateway"]): GatewayFacts {
  const value = readLines(text);
  if (!text.split("\n").includes("whole"))
    throw new CannotTell(
      problem(`LXC ${ctid} is running, but did not answer`, toType`timeout 30 pct exec ${ctid} -- true`),
    );
  if (value("unread") !== "")
    throw new CannotTell(
      problem(
        `openssl could not read ${certificate} in LXC ${ctid}: ${decode(value("unread")).trim().slice(0, 200)}`,
        toType`pct exec ${ctid} -- openssl x509 -in ${certificate} -noout -ext subjectAltName`,
      ),
    );
  return {
    site: decode(value("site")),
    names: decode(value("names")),
    nginxRuns: Number(value("nginx")) > 0,
    hosts: decode(value("hosts")),
  };
}

function readDockerHost(text: string, vmid: number): DockerHostFacts {
  const silent = new CannotTell(
    problem(
      `VM ${vmid} is running, but its guest agent did not answer`,
      toType`qm guest exec ${vmid} -- true`,
    ),
  );
  if (text.trim() === "") throw silent;
  const answer = guestExec(text);
  if (answer.state !== "exited" || answer.code !== 0)
    throw new CannotTell(`VM ${vmid} did not answer: ${text.trim().slice(0, 200)}`);
  const value = readLines(answer.out);
  const stacks = decode(value("stacks")).split("\n").filter(Boolean);
  const image = decode(value("image")).trim();
  const [fstab, mounts] = [decode(value("fstab")), decode(value("mounts"))];
  const [administrator, hosts] = [decode(value("administrator")), decode(value("hosts"))];
  return { fstab, mounts, stacks, image, administrator, hosts };
}
