// The claim about the docker feature: every stack on the volume runs.
import { composeFolder } from "../../../fixtures/evidence/compose-folder.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Container } from "../../../fixtures/evidence/parse/containers.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { ComposeError, composeFiles, readProject } from "../../../fixtures/readings/compose/project.ts";
import { check, eachLevel, known, present, withDocker } from "../../claim.ts";

const script = "bin/vm_features/feature_install_docker.sh";

/** The script searches for compose files, and each service of each file on the volume runs from the file's directory. */
export function everyStackRuns(e: Evidence): readonly Check[] {
  return eachLevel({
    declared: () =>
      present("declared", `${e.document.target.tree}/${script}`, e.treeFile(script), ({ path, text }) => [
        discovers(path, text),
      ]),
    live: () => withDocker(e, () => stacksRun(e)),
  });
}

function discovers(path: string, text: string): Check {
  const lines = text.split("\n");
  const search = lines.findIndex((line) => /^[^#]*compose\.ya?ml/.test(line));
  const start = lines.findIndex((line) => /^[^#]*compose\b.*\bup\b/.test(line));
  const found =
    search < 0
      ? "no search for compose files"
      : start < 0
        ? "no compose up"
        : `search, then up at line ${start + 1}`;
  const where = `${path}:${search < 0 ? lines.length : search + 1}`;
  return check({
    level: "declared",
    where,
    ok: search >= 0 && start >= 0,
    expected: "a search for compose files, then compose up",
    found,
    next: `edit ${script}`,
  });
}

function stacksRun(e: Evidence): readonly Check[] {
  const { mountPoint } = e.deployment.volume;
  const files = known(e.listing("docker-host", "stacks")).filter(({ path, type }) => {
    const file = path.slice(path.lastIndexOf("/") + 1);
    return type === "f" && (composeFiles as readonly string[]).includes(file);
  });
  const containers = known(e.containers);
  if (files.length === 0)
    return [
      check({
        level: "live",
        where: `VM: ${mountPoint}`,
        ok: false,
        expected: "a compose file",
        found: "none",
        next: `ls ${mountPoint}/*`,
      }),
    ];
  return files.flatMap(({ path }) => {
    const directory = path.slice(0, path.lastIndexOf("/"));
    const services = started(e, path);
    if ("refused" in services) return [refusal(path, services.refused)];
    return services.map(({ name, ends }) => {
      const [own] = containers.filter(
        ({ Compose }) => Compose.WorkingDir === directory && Compose.Service === name,
      );
      const found = own ? `${own.Name.slice(1)} is ${stateOf(own)}` : "no container of this stack";
      const { Status, Health, ExitCode } = own?.State ?? {};
      const runs = Status === "running" && Health !== "unhealthy";
      const next = `docker-compose -f ${path} up -d`;
      return check({
        level: "live",
        where: `VM: ${path}`,
        ok: runs || (ends && Status === "exited" && ExitCode === 0),
        expected: ends ? `service ${name} running, or ended with 0` : `service ${name} running`,
        found,
        next,
      });
    });
  });
}

function refusal(path: string, { first: { what, at } }: ComposeError): Check {
  return check({
    level: "live",
    where: `VM: ${at.file}:${at.line}`,
    ok: false,
    expected: "a file that Compose can start",
    found: what,
    next: `docker-compose -f ${path} config`,
  });
}

function stateOf({ State: { Status, Health, ExitCode } }: Container): string {
  if (Status === "exited") return ExitCode === 0 ? "exited" : `exited with ${ExitCode}`;
  return Health === "unhealthy" ? `${Status}, and unhealthy` : Status;
}

/** A service that `up` starts. One that `ends` does its work once: another one waits for its end, or nothing restarts it. */
interface Started {
  readonly name: string;
  readonly ends: boolean;
}

/** A file without services can't be started, so it counts as a service that does not run. */
function started(e: Evidence, path: string): readonly Started[] | { readonly refused: ComposeError } {
  const { mountPoint } = e.deployment.volume;
  const place = { place: "docker-host", listing: "stacks", root: mountPoint } as const;
  const directory = path.slice(0, path.lastIndexOf("/"));
  try {
    const project = readProject(composeFolder(e, place, mountPoint), { directory, files: [path] });
    const all = project.services.filter(({ replicas }) => replicas > 0);
    const once = (policy = "") => policy === "no" || policy.startsWith("on-failure");
    const known = all.map(({ name, restart }) => ({
      name,
      ends: project.oneShot.has(name) || once(restart),
    }));
    return known.length > 0 ? known : [{ name: "(none declared)", ends: false }];
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error;
    return { refused: error };
  }
}
