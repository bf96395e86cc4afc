// The claim that Portainer's compose file declares what the plan needs, and that the container was made from it.
import { containerPort } from "../../../fixtures/deployment/container-port.ts";
import { type Deployment, treeDirectoryOf } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell, problem } from "../../../fixtures/errors.ts";
import { type ComposePlace, composeFolder } from "../../../fixtures/evidence/compose-folder.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { TextFile } from "../../../fixtures/evidence/tree-file.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import { isPortainer, pinned, sameImage } from "../../../fixtures/readings/compose/image.ts";
import {
  ComposeError,
  composeFiles,
  readProject,
  type Service,
} from "../../../fixtures/readings/compose/project.ts";
import { check, eachLevel, known, source, withDocker } from "../../claim.ts";
import { portainers } from "../../persistence/claims/database.ts";
import { madeAs, type Shown, shownBy } from "./stack.ts";

/** The file in the tree, its copy on the volume and the running container each publish Portainer's port, keep the data on the volume, … */
export function fitComposeFile(e: Evidence): readonly Check[] {
  const { volume, portainer } = e.deployment;
  const inTree = `${e.document.target.tree}/${treeDirectoryOf(e.deployment)}`;
  // The directory in the tree stands for the one on the volume.
  const root = inTree.slice(0, -portainer.directory.length - 1);
  const tree: ComposePlace = { place: "hypervisor", listing: "tree", root };
  const onVolume: ComposePlace = { place: "hypervisor", listing: "portainer", root: volume.path };
  return eachLevel({
    declared: () => inFile("declared", e, tree),
    delivered: () => inFile("delivered", e, onVolume),
    live: () => withDocker(e, () => running(e, imageOf(e, onVolume))),
  });
}

/** The compose files in a directory. */
function filesIn(e: Evidence, path: string): TextFile[] {
  const own: readonly string[] = composeFiles.map((name) => `${path}/${name}`);
  const files = e.filesUnder("hypervisor", `${path}/`).map((fact) => known(fact));
  return files.flatMap((file) => (file && own.includes(file.path) ? [file] : []));
}

function inFile(level: Level, e: Evidence, place: ComposePlace): readonly Check[] {
  const path = `${place.root}/${e.deployment.portainer.directory}`;
  const files = filesIn(e, path);
  const [file] = files;
  const found = files.map((each) => each.path.slice(path.length + 1)).join(", ") || "none";
  if (!file || files.length > 1)
    return [
      check({ level, where: path, ok: false, expected: "one compose file", found, next: toType`ls ${path}` }),
    ];
  const services = read(e, place, file);
  if ("refused" in services)
    return [
      check({
        level,
        where: services.where,
        ok: false,
        expected: "a compose file",
        found: services.refused,
        next: toType`docker-compose -f ${file.path} config`,
      }),
    ];
  const all = services.filter(
    ({ image, replicas }) => image !== undefined && isPortainer(image) && replicas > 0,
  );
  const [service] = all;
  const names =
    services
      .map((one) => {
        const none = !all.includes(one) && isPortainer(one.image ?? "") ? ", scaled to no container" : "";
        return `${one.name} (${one.image ?? "no image"}${none})`;
      })
      .join(", ") || "no service";
  // A second container finds the published port taken.
  const scaled = service && service.replicas > 1 ? `, ${service.replicas} containers of ${service.name}` : "";
  if (!service || all.length > 1 || scaled !== "")
    return [
      check({
        level,
        where: file.path,
        ok: false,
        expected: "one service of Portainer",
        found: names + scaled,
        next: `edit ${file.path}`,
      }),
    ];
  const at = { level, where: `${file.path}:${service.line}`, next: `edit ${file.path}` };
  return judged(e.deployment, at, shownBy(service));
}

/** Why Compose refuses a file, and where. */
interface Refusal {
  readonly refused: string;
  readonly where: string;
}

/** The services that this file starts, or why Compose refuses it. */
function read(e: Evidence, place: ComposePlace, { path }: TextFile): readonly Service[] | Refusal {
  const { volume, portainer } = e.deployment;
  const directory = `${volume.mountPoint}/${portainer.directory}`;
  const file = `${volume.mountPoint}${path.slice(place.root.length)}`;
  // The reader sees the files where they are when Compose runs; messages name them where they were looked at.
  const here = (text: string) => text.replaceAll(`${volume.mountPoint}/`, `${place.root}/`);
  try {
    const project = readProject(composeFolder(e, place, volume.mountPoint), { directory, files: [file] });
    const [needed] = project.mustBeSet;
    if (needed !== undefined)
      throw new CannotTell(
        problem(
          `${here(file)}: Compose refuses it without a value: ${needed}`,
          `set it in ${here(directory)}/.env`,
        ),
      );
    return project.services;
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error;
    const { what, at } = error.first;
    return { refused: here(what), where: here(`${at.file}:${at.line}`) };
  }
}

function running(e: Evidence, image: string | undefined): readonly Check[] {
  const all = portainers(e);
  const names = all.map(({ Name }) => Name.slice(1)).join(", ");
  const [container] = all;
  if (!container || all.length > 1)
    return [
      check({
        level: "live",
        where: source(e.containers),
        ok: false,
        expected: `one running container on ${e.deployment.portainer.port}`,
        found: names || "none",
        next: "docker ps -a",
      }),
    ];
  const where = `container ${names}`;
  const is = container.Config.Image;
  const expected = image ?? "the image of its compose file";
  return [
    ...judged(
      e.deployment,
      { level: "live", where, next: "docker-compose up -d" },
      madeAs(container, () => known(e.dockerVolumes)),
    ),
    check({
      level: "live",
      where,
      ok: image !== undefined && sameImage(is, image),
      expected,
      found: is,
      next: "docker-compose up -d",
    }),
  ];
}

function imageOf(e: Evidence, place: ComposePlace): string | undefined {
  const [file] = filesIn(e, `${place.root}/${e.deployment.portainer.directory}`);
  const services = file ? read(e, place, file) : [];
  return "refused" in services
    ? undefined
    : services.map(shownBy).find(({ ports }) => ports.some((one) => reached(e.deployment, one)))?.image;
}

/** Whether a client that connects to the docker host's address reaches Portainer's TLS port through this mapping. */
function reached(
  { dockerHost, portainer: { port } }: Deployment,
  { published, target, address }: Shown["ports"][number],
): boolean {
  const open = ["", "0.0.0.0", "::", "[::]", dockerHost.address].includes(address);
  return published === port && target === containerPort && open;
}

function judged(
  deployment: Deployment,
  at: Pick<Check, "level" | "where" | "next">,
  { image, ports, discards, data, dataPath, fleeting, rights, noNewPrivileges }: Shown,
): readonly Check[] {
  const { mountPoint } = deployment.volume;
  const { port } = deployment.portainer;
  const published = ports.map(
    ({ address, published: own, target }) => `${address ? `${address}:` : ""}${own ?? "any"}:${target}`,
  );
  const inside = data?.directory?.startsWith(`${mountPoint}/`) === true;
  const leads =
    data &&
    `${data.said}${data.directory && data.directory !== data.said ? `, that is ${data.directory}` : ""}${data.readOnly ? ", read-only" : ""}`;
  const restrained = noNewPrivileges && rights.length === 0;
  const allowed = [...(noNewPrivileges ? [] : ["new privileges"]), ...rights].join(", ");
  return [
    check({
      ...at,
      ok: ports.some((one) => reached(deployment, one)),
      expected: `the container's ${containerPort} published as ${port}`,
      found: discards
        ? `no port: with network_mode ${discards} Docker publishes none`
        : published.join(", ") || "no port",
    }),
    check({
      ...at,
      ok: inside && !data?.readOnly,
      expected: `${dataPath} under ${mountPoint}`,
      found: leads ?? `no mount at ${dataPath}`,
    }),
    check({
      ...at,
      ok: fleeting.length === 0,
      expected: "no mount from a directory that a reboot empties",
      found: fleeting.join(", ") || "none",
    }),
    check({
      ...at,
      ok: restrained,
      expected: "no new privileges",
      found: restrained ? "no new privileges" : allowed,
    }),
    check({
      ...at,
      ok: image !== undefined && pinned(image),
      expected: "an image by its version or digest",
      found: image ?? "no image",
    }),
  ];
}
