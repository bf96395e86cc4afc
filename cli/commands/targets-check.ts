// `targets check`: tries entries of an inventory without changing anything.
import { connect as connectTo } from "node:net";
import { BadInput, CannotTell, problem, Refused } from "../../fixtures/errors.ts";
import { lookOf } from "../../fixtures/evidence/collect.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { jsonText } from "../../fixtures/printable.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { toType } from "../../fixtures/quote.ts";
import { reasonOf } from "../../fixtures/reason.ts";
import { readInventory, readTarget, type Target } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { windowOpen, windowsInWords } from "../../fixtures/target/window.ts";

export interface CheckOptions {
  readonly inventory: string;
  readonly target: readonly string[];
  readonly json: boolean;
  readonly progress: Progress;
  readonly print: (text: string) => void;
}

/** What was found about one entry. */
interface Checked {
  readonly target: string;
  readonly exitCode: number;
  /** The parts that `verify` could judge. */
  readonly judges: readonly string[];
  readonly missing: readonly { readonly what: string; readonly next: string }[];
  readonly notes: readonly string[];
}

/** What the probe runs on the hypervisor itself. */
const programs = [
  "timeout",
  "find",
  "base64",
  "sha256sum",
  "mktemp",
  "awk",
  "sed",
  "grep",
  "xargs",
  "stat",
  "curl",
  "getent",
];

/** Returns the worst of the targets' codes: `refused`, `badInput`, `unknown`, or `pass` if all are ready. */
export async function targetsCheck(options: CheckOptions): Promise<number> {
  const all = Object.keys(readInventory(options.inventory));
  const names = options.target.length > 0 ? options.target : all;
  const results: Checked[] = [];
  for (const name of names)
    results.push(await options.progress.step(`trying ${name}`, () => tried(options.inventory, name)));
  options.print(options.json ? jsonText({ version: 1, targets: results }) : results.map(page).join("\n"));
  return Math.max(...results.map(({ exitCode }) => exitCode));
}

async function tried(inventory: string, name: string): Promise<Checked> {
  try {
    return await look(inventory, readTarget(inventory, name));
  } catch (error) {
    if (!(error instanceof CannotTell || error instanceof BadInput || error instanceof Refused)) throw error;
    const [what = "", next = ""] = error.message.split("\nNext:\n");
    return {
      target: name,
      exitCode: error.exitCode,
      judges: [],
      missing: [{ what, next: next.trim() }],
      notes: [],
    };
  }
}

async function look(inventory: string, target: Target): Promise<Checked> {
  const { deployment, ssh, tree, windows, allows, name } = target;
  const { ctid } = deployment.gateway;
  const { vmid } = deployment.dockerHost;
  await using hypervisor = await connect(target);
  const script = `tree=$1 ctid=$2 vmid=$3 look=$4
shift 4
echo "uid $(id -u)"
for name; do command -v "$name" >/dev/null || echo "lacks $name"; done
for name in pct qm pve-firewall; do PATH=$PATH:/usr/sbin:/sbin command -v "$name" >/dev/null || echo "lacks $name"; done
[ -r "$tree/etc/phoenix_vm_configs.json" ] && echo "tree"
PATH=$PATH:/usr/sbin:/sbin
echo "gateway $(timeout 10 pct status "$ctid" 2>&1 | head -c 200 | tr '\\n' ' ')"
echo "docker-host $(timeout 10 qm status "$vmid" 2>&1 | head -c 200 | tr '\\n' ' ')"
[ -z "$look" ] || sudo -n -l "$look" 000000000000000000000000 >/dev/null 2>&1 && echo "look"
echo end`;
  const helper = ssh.become === "look" ? lookOf(target).path : "";
  const ran = await hypervisor.script(script, [tree, String(ctid), String(vmid), helper, ...programs]);
  const lines = ran.out.trimEnd().split("\n");
  if (lines.at(-1) !== "end")
    throw new CannotTell(
      problem(
        `${name} did not answer completely: ${JSON.stringify(ran.err.slice(0, 200))}`,
        "the same command",
      ),
    );
  const said = (word: string) =>
    lines
      .find((line) => line === word || line.startsWith(`${word} `))
      ?.slice(word.length + 1)
      .trim();
  const root = said("uid") === "0";
  const missing: { what: string; next: string }[] = [];
  const lacks = lines.filter((line) => line.startsWith("lacks ")).map((line) => line.slice(6));
  if (lacks.length > 0)
    missing.push({
      what: `the host has no ${lacks.join(", ")}`,
      next: toType`command -v ${lacks[0] ?? ""}   # on ${ssh.host}; is it a Proxmox VE host?`,
    });
  const rules = `npm run --silent phoenix -- targets sudo-rules --inventory ${inventory} --target ${name}`;
  if (helper !== "") {
    if (said("look") === undefined)
      missing.push({
        what: `sudo does not let ${ssh.user} run ${helper}`,
        next: `${rules}   # run what it prints as root on ${ssh.host}`,
      });
  } else if (!root)
    missing.push({
      what: `${ssh.user} is not root, and the entry has no "become"`,
      next: `${rules}   # then "become": "look" in the entry`,
    });
  const asRoot = root && helper === "";
  if (asRoot && said("tree") === undefined)
    missing.push({
      what: `no Phoenix tree is at ${tree}`,
      next: toType`find / -name phoenix_vm_configs.json -not -path '/proc/*'   # on ${ssh.host}`,
    });
  const runs = {
    gateway: /status: running/.test(said("gateway") ?? ""),
    docker: /status: running/.test(said("docker-host") ?? ""),
  };
  if (asRoot && !runs.gateway)
    missing.push({
      what: `LXC ${ctid} does not run: ${said("gateway")}`,
      next: toType`pct status ${ctid}   # on ${ssh.host}`,
    });
  if (asRoot && !runs.docker)
    missing.push({
      what: `VM ${vmid} does not run: ${said("docker-host")}`,
      next: toType`qm status ${vmid}   # on ${ssh.host}`,
    });
  const unreachable = await wayTo(target);
  if (unreachable) missing.push(unreachable);
  const usable = asRoot || (helper !== "" && said("look") !== undefined);
  const judges = usable
    ? [
        "hypervisor",
        ...(asRoot && !runs.gateway ? [] : [`gateway (LXC ${ctid})`]),
        ...(asRoot && !runs.docker ? [] : [`docker host (VM ${vmid})`]),
      ]
    : [];
  const notes = [`allows ${allows.join(", ") || "nothing"}`];
  if (helper !== "") notes.push("whether tree and guests are there, only the look itself can tell");
  if (windows)
    notes.push(
      `the maintenance window is ${windowOpen(windows, new Date()) ? "open" : "closed"}: ${windowsInWords(windows)}`,
    );
  return { target: name, exitCode: missing.length > 0 ? Exit.unknown : Exit.pass, judges, missing, notes };
}

/**
 * What this machine lacks to see the portal as a client does: its name, or a way to its address. A port where nothing listens
 * is no lack: that is what `verify` judges.
 */
async function wayTo({
  url,
  resolve,
  deployment,
}: Target): Promise<{ readonly what: string; readonly next: string } | undefined> {
  const { hostname, port } = new URL(url);
  const name = `${hostname}:${port || "443"}`;
  const to = new URL(`tcp://${resolve[name] ?? name}`);
  const reason = await connectionTo(to.hostname.replace(/^\[|\]$/g, ""), Number(to.port));
  if (reason === undefined || reason === "ECONNREFUSED") return undefined;
  const { address } = deployment.gateway;
  const entry = `resolve: { "${name}": "${address}:443", "${hostname}:80": "${address}:80" }   # in the entry`;
  return /^(ENOTFOUND|EAI_)/.test(reason)
    ? { what: `this machine does not resolve ${to.hostname}: what a client sees would fail`, next: entry }
    : {
        what: `this machine has no way to ${to.host} (${reason}): what a client sees would fail`,
        next: `${toType`nc -vz ${to.hostname} ${to.port}`}   # another address: ${entry}`,
      };
}

/** Why no connection was opened within 3 s; undefined if one was. */
function connectionTo(host: string, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const socket = connectTo({ host, port, timeout: 3_000 });
    const end = (reason?: string) => {
      socket.destroy();
      done(reason);
    };
    socket.once("connect", () => end());
    socket.once("timeout", () => end("no answer in 3 s"));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? reasonOf(error)));
  });
}

function page({ target, judges, missing, notes }: Checked): string {
  const lines = [
    `${target}: ${missing.length === 0 ? "ready" : judges.length > 0 ? "ready in part" : "not ready"}`,
    ...(judges.length > 0 ? [`  verify could judge: ${judges.join(", ")}`] : []),
    ...notes.map((note) => `  ${note}`),
    ...missing.map(({ what, next }) => `  missing: ${what}${next ? `\n  Next:\n      ${next}` : ""}`),
  ];
  return `${lines.join("\n")}\n`;
}
