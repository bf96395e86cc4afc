// `verify --merge FOLDER`: reads what the parts of a run printed.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { toType } from "../../fixtures/quote.ts";
import { parseJson } from "../../fixtures/schema.ts";
import { revisionOf } from "../../reports/run/build.ts";
import { asRun } from "../../reports/run/file.ts";
import { mergeParts, type PartFile } from "../../reports/run/merge.ts";
import type { Run } from "../../reports/run/run.ts";
import { register } from "../../specs/register/register.ts";

/** A target's result has some 50 KiB. */
const maxBytes = 256 << 20;

/**
 * The run whose parts are in the .json files of this folder. An empty file is the output of a part that failed: that part
 * is missing.
 * @throws BadInput if a file is not what a part prints, or the parts do not belong together.
 */
export function mergeFolder(folder: string): Run {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch (cause) {
    throw new BadInput(
      problem(`${folder} can't be read: ${(cause as Error).message}`, toType`ls -ld ${folder}`),
    );
  }
  const files = names.toSorted().map((name) => join(folder, name));
  const parts = files.flatMap((file) => readPart(file));
  if (parts.length === 0)
    throw new BadInput(
      problem(`${folder} has no result of a part: no .json file that is not empty`, toType`ls -l ${folder}`),
    );
  return mergeParts(parts, { digest: revisionOf(register).digest, ids: register.map(({ id }) => id) });
}

function readPart(file: string): PartFile[] {
  const stat = statSync(file);
  if (!stat.isFile()) throw new BadInput(problem(`${file} is not a file`, toType`ls -ld ${file}`));
  if (stat.size > maxBytes)
    throw new BadInput(problem(`${file} has more than 256 MiB`, toType`ls -l ${file}`));
  const text = readFileSync(file, "utf8");
  if (text.trim() === "") return [];
  const run = asRun(parseJson(text, file), { file, text });
  return [{ file, run }];
}
