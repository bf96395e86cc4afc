// Writes a report in the forms that the user asked for: `--format NAME=FILE`.
import { writeFileSync } from "node:fs";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { type FormatName, formats } from "../../reports/formats/index.ts";
import type { Report } from "../../reports/report/report.ts";

/** One form, and the file that it goes to. */
export interface WantedFormat {
  readonly name: FormatName;
  readonly file: string;
}

/** Writes each form to its file. @throws BadInput if a file cannot be written. */
export function writeFormats(report: Report, wanted: readonly WantedFormat[]): void {
  for (const { name, file } of wanted)
    try {
      writeFileSync(file, formats[name](report));
    } catch (error) {
      throw new BadInput(problem(`Not written: ${file}: ${(error as Error).message}`, `ls -ld ${file}`));
    }
}
