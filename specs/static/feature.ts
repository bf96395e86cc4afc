// Which stacks a tree's docker feature starts: it is run, confined, with every program that would change the machine
// replaced by one that records its call. Its text alone does not say what it does.
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { CannotTell } from "../../fixtures/errors.ts";
import type { Answer } from "../../fixtures/evidence/fact.ts";
import { type Files, textOf, treeRoot, type Unanswered } from "../../fixtures/evidence/from-tree.ts";
import { run } from "./run.ts";

const recorder = fileURLToPath(new URL("feature.sh", import.meta.url));
const script = `${treeRoot}/bin/vm_features/feature_install_docker.sh`;
const utilities = `${treeRoot}/bin/phoenix_hypervisor_common_utils.sh`;

/** Programs that would change the machine, or wait. `docker` is added for a machine that has it already. */
const recorded = [
  ...["docker-compose", "apt-get", "apt", "dpkg", "systemctl", "curl", "wget", "gpg", "lsb_release", "id"],
  ...["getent", "groupadd", "usermod", "useradd", "sleep", "mount", "umount", "chown", "service", "sudo"],
];

/** The test stacks on the volume: one in its root, and one each in two directories. */
const laid = ["docker-compose.yml", "stack-one/docker-compose.yml", "stack-two/docker-compose.yml"];

/**
 * Runs the feature twice, with Docker installed already and without. The output has a line `laid PATH` for each test stack
 * and `started PATH` for each that one of the runs started, and how each run ended. Paths are relative to the volume.
 */
export async function whatFeatureStarts(
  files: Files,
  scratch: string,
  deployment: Deployment,
): Promise<Answer | Unanswered> {
  const text = textOf(files, script);
  if (text === undefined) return { unknown: `the tree has no ${script}` };
  try {
    const runs = [
      await once(files, text, scratch, deployment, true),
      await once(files, text, scratch, deployment, false),
    ];
    const started = new Set(runs.flatMap((each) => each.started));
    const out = [
      ...laid.map((path) => `laid\t${path}`),
      ...[...started].map((path) => `started\t${path}`),
      ...runs.map(({ ended }) => `ended\t${ended}`),
    ];
    return {
      command: "the docker feature",
      code: 0,
      out: `${out.join("\n")}\n`,
      err: "",
      ms: 0,
      at: "",
      digest: "",
    };
  } catch (error) {
    if (!(error instanceof CannotTell)) throw error;
    return { unknown: error.message };
  }
}

async function once(
  files: Files,
  text: string,
  scratch: string,
  { dockerHost, volume }: Deployment,
  installed: boolean,
): Promise<{ readonly started: readonly string[]; readonly ended: string }> {
  const folder = mkdtempSync(join(scratch, "feature-"));
  const [bin, own, stacks] = ["bin", "feature", "stacks"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [bin, own, stacks]) mkdirSync(each);
  copyFileSync(recorder, join(bin, "recorder"));
  chmodSync(join(bin, "recorder"), 0o755);
  for (const name of [...recorded, ...(installed ? ["docker"] : []), "run"])
    symlinkSync("recorder", join(bin, name));
  // A script says where the volume is in its own words; it may name the mount point, or ask its context.
  const inside = (one: string) =>
    one
      .replaceAll(volume.mountPoint, stacks)
      .replaceAll(/\/(etc\/apt|var\/log|usr\/share\/keyrings)\//g, `${folder}/`);
  writeFileSync(join(own, basename(script)), inside(text));
  writeFileSync(join(own, basename(utilities)), inside(textOf(files, utilities) ?? ""));
  writeFileSync(join(own, "vm_context.json"), inside(contextOf(files, dockerHost.vmid)));
  writeFileSync(join(folder, "record"), "");
  for (const path of laid) {
    mkdirSync(join(stacks, posix.dirname(path)), { recursive: true });
    writeFileSync(join(stacks, path), "services: {}\n");
  }
  mkdirSync(join(folder, "sources.list.d"));
  const ran = await run("sh", ["-c", 'PATH=$1/bin:$PATH; exec sh "$1/bin/run" "$1"', "sh", folder], {
    cwd: folder,
    confinement: "needed",
  });
  if (!ran) throw new CannotTell("sh is not installed on this machine");
  const lines = ran.out.split("\n").map((line) => line.split("\t"));
  const [, code = "none"] = lines.find(([kind]) => kind === "ended") ?? [];
  const said = lines.findLast(([kind]) => kind === "said")?.[1] ?? "";
  const mode = installed ? "with Docker there already" : "on a new machine";
  return {
    started: lines.flatMap(([kind, at = "", words = ""]) =>
      kind === "ran" ? startedBy(at, words.split(" "), stacks) : [],
    ),
    ended: `${mode}: exit code ${code}${code === "0" ? "" : `: ${said.replaceAll(folder, "")}`}`,
  };
}

/** The context that Phoenix gives the feature: the machine's entry in the tree. */
function contextOf(files: Files, vmid: number): string {
  const text = textOf(files, `${treeRoot}/etc/phoenix_vm_configs.json`) ?? "{}";
  try {
    const { vms = [] } = JSON.parse(text) as { vms?: readonly ({ vmid?: number } | null)[] };
    return JSON.stringify(vms.find((vm) => vm?.vmid === vmid) ?? {});
  } catch {
    return "{}"; // the rule `json` reports it
  }
}

/** The laid files that one call of compose starts: those it names, else those in its directory. */
function startedBy(directory: string, words: readonly string[], stacks: string): string[] {
  if (!words.includes("up")) return [];
  const named = words.flatMap((word, at) => {
    if (word === "-f" || word === "--file") return words[at + 1] ?? [];
    return /^(-f|--file=)(.+)/.exec(word)?.[2] ?? [];
  });
  const folder = words.flatMap((word, at) =>
    word === "--project-directory" ? (words[at + 1] ?? []) : [],
  )[0];
  const base = posix.resolve(directory, folder ?? ".");
  const all =
    named.length > 0
      ? named.map((file) => posix.resolve(directory, file))
      : [join(base, "docker-compose.yml")];
  return laid.filter((path) => all.includes(join(stacks, path)));
}
