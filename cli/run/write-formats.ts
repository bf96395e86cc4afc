// Writes a run in the forms that the user asked for, `--format NAME[=FILE]`, and prints its page.
import { writeFileSync } from "node:fs";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { quoteWord } from "../../fixtures/quote.ts";
import { type FormatName, formats } from "../../reports/formats/index.ts";
import { type TerminalStyle, terminal } from "../../reports/formats/terminal.ts";
import type { Run } from "../../reports/run/run.ts";

/**
 * One form, and the file that it goes to; without a file it is printed in place of the page. `{target}` in a file's name stands
 * for each target's name: then each has a file of its own.
 */
export interface WantedFormat {
  readonly name: FormatName;
  readonly file?: string;
}

/** How a run is shown. */
export interface Shown extends TerminalStyle {
  /** The same as the form `json` without a file. */
  readonly json: boolean;
  readonly format: readonly WantedFormat[];
}

/** Prints the page of a run, or the form that was asked for in its place, and writes the others. @throws BadInput if it can't. */
export function showRun(run: Run, shown: Shown, print: (text: string) => void): void {
  const { json, format } = shown;
  const instead = json ? "json" : format.find(({ file }) => file === undefined)?.name;
  print(instead === undefined ? terminal(run, shown) : formats[instead](run));
  for (const { name, file } of format)
    if (file?.includes("{target}"))
      for (const one of run.targets)
        write(file.replaceAll("{target}", one.target), formats[name]({ ...run, targets: [one] }));
    else if (file !== undefined) write(file, formats[name](run));
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new BadInput(
      problem(`Not written: ${file}: ${(error as Error).message}`, `ls -ld ${quoteWord(file)}`),
    );
  }
}
