// The claim about the docker feature: every stack on the volume runs.
import { composeFolder } from "../../../fixtures/evidence/compose-folder.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
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
    const names = services(e, path);
    if (names instanceof ComposeError) return [refusal(path, names)];
    return names.map((service) => {
      const [own] = containers.filter(
        ({ Compose }) => Compose.WorkingDir === directory && Compose.Service === service,
      );
      const { Status, Health } = own?.State ?? {};
      const sick = Health === "unhealthy" ? ", and unhealthy" : "";
      const found = own ? `${own.Name.slice(1)} is ${Status}${sick}` : "no container of this stack";
      const next = `docker-compose -f ${path} up -d`;
      return check({
        level: "live",
        where: `VM: ${path}`,
        ok: Status === "running" && !sick,
        expected: `service ${service} running`,
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

/**
 * The services that `up` starts: all but those of a profile, and those that are scaled to none. A file without services can't
 * be started, so it counts as a service that does not run.
 */
function services(e: Evidence, path: string): readonly string[] | ComposeError {
  const { mountPoint } = e.deployment.volume;
  const place = { place: "docker-host", listing: "stacks", root: mountPoint } as const;
  const directory = path.slice(0, path.lastIndexOf("/"));
  try {
    const project = readProject(composeFolder(e, place, mountPoint), { directory, files: [path] });
    const names = project.services.filter(({ replicas }) => replicas > 0).map(({ name }) => name);
    return project.services.length + project.dormant.length > 0 ? names : ["(none declared)"];
  } catch (error) {
    if (error instanceof ComposeError) return error;
    throw error;
  }
}
