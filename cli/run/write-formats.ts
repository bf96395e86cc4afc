// Writes a run in the forms that the user asked for: `--format NAME=FILE`.
import { writeFileSync } from "node:fs";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { type FormatName, formats } from "../../reports/formats/index.ts";
import type { Run } from "../../reports/run/run.ts";

/** One form, and the file that it goes to. `{target}` in it stands for each target's name: then each has a file of its own. */
export interface WantedFormat {
  readonly name: FormatName;
  readonly file: string;
}

/** Writes each form to its file. @throws BadInput if a file cannot be written. */
export function writeFormats(run: Run, wanted: readonly WantedFormat[]): void {
  for (const { name, file } of wanted)
    if (file.includes("{target}"))
      for (const one of run.targets)
        write(file.replaceAll("{target}", one.target), formats[name]({ ...run, targets: [one] }));
    else write(file, formats[name](run));
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new BadInput(problem(`Not written: ${file}: ${(error as Error).message}`, `ls -ld ${file}`));
  }
}
