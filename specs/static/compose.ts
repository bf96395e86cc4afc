// Compose files: what Compose would refuse. A file that is laid over another one is read with it.
import { posix } from "node:path";
import { bounded } from "../../fixtures/bounded.ts";
import { CannotTell } from "../../fixtures/errors.ts";
import { type Files, textOf } from "../../fixtures/evidence/from-tree.ts";
import {
  ComposeError,
  composeFiles,
  type Folder,
  type Mistake,
  overrideFiles,
  readProject,
} from "../../fixtures/readings/compose/project.ts";
import type { Wrong } from "./static-results.ts";

/** Where the tree lies for the reader: a path that is not below it is not the tree's. */
const root = "/tree";

/** A file that a person wrote takes milliseconds. */
const mostMs = 10_000;

/** Every compose file of the tree. @throws CannotTell if nothing is wrong, and a file rests on what the tree does not have. */
export function compose(files: Files): Wrong[] {
  const folder = folderOf(files);
  const paths = [...files.keys()].filter((path) => /(^|\/)(docker-)?compose[^/]*\.ya?ml$/.test(path));
  let unknown: CannotTell | undefined;
  const wrong = paths.flatMap((path) => {
    try {
      return bounded("a compose file", mostMs, () => mistakes(folder, `${root}/${path}`)).map((mistake) =>
        wrongOf(path, mistake),
      );
    } catch (error) {
      if (!(error instanceof CannotTell)) throw error;
      unknown ??= new CannotTell(`${path}: ${error.message}`, { cause: error });
      return [];
    }
  });
  if (unknown && wrong.length === 0) throw unknown;
  // An included file that is wrong is found from each file that includes it.
  return [...new Map(wrong.map((each) => [JSON.stringify(each), each])).values()];
}

function folderOf(files: Files): Folder {
  return {
    read(path) {
      if (!path.startsWith(`${root}/`)) throw new CannotTell(`${path} is not in the tree`);
      return textOf(files, path.slice(root.length + 1));
    },
  };
}

function wrongOf(path: string, { what, at }: Mistake): Wrong {
  const file = at.file.startsWith(`${root}/`) ? at.file.slice(root.length + 1) : path;
  const found = what.replaceAll(`${root}/`, "");
  const place = { file, line: at.line, column: at.column };
  const next = `docker-compose -f ${path} config`;
  return { rule: "compose", severity: "must", expected: "a compose file", found, ...place, next };
}

/** What is wrong with a file: alone if that is how it is used, else over the directory's own compose files. */
function mistakes(folder: Folder, file: string): readonly Mistake[] {
  const directory = posix.dirname(file);
  const name = posix.basename(file);
  const alone = () => read(folder, directory, [file]);
  if ((composeFiles as readonly string[]).includes(name)) return alone();
  const base = composeFiles
    .map((each) => `${directory}/${each}`)
    .find((each) => folder.read(each) !== undefined);
  // An override never stands alone; what is wrong with the file below it is said of that one.
  if (base && overrideFiles.includes(name))
    return read(folder, directory, [base, file]).filter(({ at }) => at.file === file);
  const own = alone();
  if (own.length === 0) return own;
  const asPart = [...(base ? [[base, file]] : []), ...chosenByName(folder, directory)];
  return asPart.some((files) => files.includes(file) && read(folder, directory, files).length === 0)
    ? []
    : own;
}

/** The files that the directory's `.env` names. */
function chosenByName(folder: Folder, directory: string): (readonly string[])[] {
  if (!folder.read(`${directory}/.env`)?.includes("COMPOSE_FILE")) return [];
  try {
    return [readProject(folder, { directory }).files];
  } catch (error) {
    if (error instanceof ComposeError) return [];
    throw error;
  }
}

function read(folder: Folder, directory: string, files: readonly string[]): readonly Mistake[] {
  try {
    const { services, dormant } = readProject(folder, { directory, files });
    const at = { file: files[0] ?? "", line: 1, column: 1 };
    return services.length + dormant.length > 0 ? [] : [{ what: "the file declares no service", at }];
  } catch (error) {
    if (error instanceof ComposeError) return error.mistakes;
    throw error;
  }
}
