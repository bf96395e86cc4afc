// The claim about the docker feature: every stack on the volume runs.
import { counted } from "../../../fixtures/counted.ts";
import { CannotTell } from "../../../fixtures/errors.ts";
import { composeFolder } from "../../../fixtures/evidence/compose-folder.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Container } from "../../../fixtures/evidence/parse/containers.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import { isPortainer } from "../../../fixtures/readings/compose/image.ts";
import {
  ComposeError,
  composeFiles,
  readProject,
  type Service,
} from "../../../fixtures/readings/compose/project.ts";
import { check, eachLevel, known, present, withDocker } from "../../claim.ts";

const script = "bin/vm_features/feature_install_docker.sh";

/** The script searches for compose files, and each service of each file on the volume runs from the file's directory. */
export function everyStackRuns(e: Evidence): readonly Check[] {
  return eachLevel({
    declared: () =>
      present("declared", `${e.document.target.tree}/${script}`, e.treeFile(script), ({ path, text }) => [
        e.document.target.kind === "tree" ? startsEach(e, path) : discovers(path, text),
      ]),
    live: () => withDocker(e, () => stacksRun(e)),
  });
}

/** What the script did when it was run: it started each stack that was laid. */
function startsEach(e: Evidence, path: string): Check {
  const lines = known(e.output("hypervisor", "docker feature"))
    .split("\n")
    .map((line) => line.split("\t"));
  const of = (kind: string) => lines.flatMap(([own, value = ""]) => (own === kind ? [value] : []));
  const [laid, started] = [of("laid"), of("started")];
  if (laid.length === 0) throw new CannotTell("no stack was laid for the docker feature to start");
  const missing = laid.filter((file) => !started.includes(file));
  const ended = of("ended").join("; ");
  return check({
    level: "declared",
    where: path,
    ok: missing.length === 0,
    expected: `it starts ${laid.join(", ")} on the volume`,
    found: missing.length === 0 ? "it starts them all" : `it does not start ${missing.join(", ")} (${ended})`,
    next: `edit ${script}`,
  });
}

/** On a host its text is read; whether it starts stacks, the trials show. */
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
        next: toType`ls ${mountPoint}/*`,
      }),
    ];
  return files.flatMap(({ path }) => {
    const directory = path.slice(0, path.lastIndexOf("/"));
    const wanted = services(e, path);
    if (wanted instanceof ComposeError) return [refusal(path, wanted)];
    return wanted.map(({ name, replicas }) => {
      const own = ofService(containers, directory, name);
      const states = own.map((one) => stateOf(e, one));
      const wrong = states.find(({ ok }) => !ok);
      const few = states.length < replicas;
      const number = replicas > 1 && few ? `; ${states.length} of ${replicas} containers are there` : "";
      const found = (wrong ? [wrong] : states).map((state) => state.found).join(", ");
      return check({
        level: "live",
        where: `VM: ${path}`,
        ok: wrong === undefined && !few,
        expected: `service ${name} running`,
        found: (found || "no container of this stack") + number,
        next: wrong?.next ?? `docker-compose -f ${path} up -d`,
      });
    });
  });
}

/**
 * The containers of a stack's service. Those of `compose run` are not among them, nor those of an older name of the project:
 * Docker lists the newest first.
 */
function ofService(containers: readonly Container[], directory: string, service: string): Container[] {
  const all = containers.filter(
    ({ Compose: { WorkingDir, Service, OneOff } }) =>
      WorkingDir === directory && Service === service && OneOff !== "True",
  );
  return all.filter(({ Compose }) => Compose.Project === all[0]?.Compose.Project);
}

/** A container that runs for less than this after several restarts is in a loop. Docker itself waits up to a minute between them. */
const settled = 5 * 60_000;

/** A container, whether it does what its stack wants, and what shows or mends it if it does not. */
interface Looked {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly next?: string;
}

/** A container does what its stack wants if it runs, or if it ended well and is not to run again. */
function stateOf(e: Evidence, container: Container): Looked {
  const { Id, Name, State, RestartCount = 0, Config, HostConfig, Published } = container;
  const { Status, Health, ExitCode, Error: refused = "", StartedAt } = State;
  const name = Name.slice(1);
  const restarts = RestartCount === 0 ? "" : `, after ${counted(RestartCount, "restart")}`;
  const words = e.lastWords.state === "known" ? (e.lastWords.value.get(Id) ?? "") : "";
  const last = words === "" ? "" : `; its last line: ${words}`;
  if (Status === "running") {
    const up = Date.parse(e.containers.from?.at ?? "") - Date.parse(StartedAt);
    if (RestartCount >= 2 && up < settled)
      return {
        ...{ name, ok: false, next: toType`docker logs ${name}` },
        found: `${name} keeps ending: it runs for ${Math.round(up / 1000)} s${restarts}${last}`,
      };
    const sick = Health === "unhealthy" ? ", and unhealthy" : "";
    const next = `docker inspect --format '{{json .State.Health.Log}}' ${name}`;
    return { name, ok: !sick, found: `${name} is running${sick}`, next };
  }
  if (Status === "paused")
    return { name, ok: false, found: `${name} is paused`, next: toType`docker unpause ${name}` };
  // A service that others connect to is not meant to end, and Portainer is one.
  const policy = HostConfig?.RestartPolicy?.Name || "no";
  const serves = Object.keys(Published ?? {}).length > 0 || isPortainer(Config.Image);
  const once = ["no", "on-failure"].includes(policy) && !serves;
  if (Status === "exited" && ExitCode === 0 && once)
    return { name, ok: true, found: `${name} ended with exit code 0, and is not to run again` };
  const code = Status === "created" ? "" : ` with exit code ${ExitCode}`;
  const why = refused === "" ? last : `: ${refused}`;
  // Somebody stopped it: its log holds no fault.
  const stopped = Status === "exited" && ExitCode === 0;
  const next = stopped ? `docker start ${name}` : `docker logs ${name}`;
  return { name, ok: false, found: `${name} is ${Status}${code}${restarts}${why}`, next };
}

function refusal(path: string, { first: { what, at } }: ComposeError): Check {
  return check({
    level: "live",
    where: `VM: ${at.file}:${at.line}`,
    ok: false,
    expected: "a file that Compose can start",
    found: what,
    next: toType`docker-compose -f ${path} config`,
  });
}

/** A service, and how many containers it is to have. */
type Wanted = Pick<Service, "name" | "replicas">;

/**
 * The services that `up` starts: all but those of a profile, and those that are scaled to none. A file without services can't
 * be started, so it counts as a service that does not run.
 */
function services(e: Evidence, path: string): readonly Wanted[] | ComposeError {
  const { mountPoint } = e.deployment.volume;
  const place = { place: "docker-host", listing: "stacks", root: mountPoint } as const;
  const directory = path.slice(0, path.lastIndexOf("/"));
  try {
    const project = readProject(composeFolder(e, place, mountPoint), { directory, files: [path] });
    const wanted = project.services.filter(({ replicas }) => replicas > 0);
    const none = { name: "(none declared)", replicas: 1 };
    return project.services.length + project.dormant.length > 0 ? wanted : [none];
  } catch (error) {
    if (error instanceof ComposeError) return error;
    throw error;
  }
}
