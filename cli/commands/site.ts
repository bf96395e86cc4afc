// The static site from the documents of runs.
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { counted } from "../../fixtures/counted.ts";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { toType } from "../../fixtures/quote.ts";
import { collect, documentsIn, readKnown } from "../../reports/site/collect.ts";
import { knownFile, siteFiles } from "../../reports/site/site.ts";

export interface SiteOptions {
  /** Folders of runs, or folders of such folders. */
  readonly runs: readonly string[];
  readonly out: string;
  readonly print: (text: string) => void;
}

/**
 * Writes the site. What an earlier build in the same folder has read is not read again. Returns 2 if a document could not be
 * read: the pages are written without it, and say so.
 */
export function site({ runs, out, print }: SiteOptions): number {
  const files = documentsIn(runs);
  const collected = collect(files, readKnown(join(out, knownFile)));
  let count = 0;
  for (const [name, text] of siteFiles(collected)) {
    const file = join(out, name);
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.part`, text);
      renameSync(`${file}.part`, file);
    } catch (error) {
      throw new BadInput(problem(`Not written: ${file}: ${(error as Error).message}`, toType`ls -ld ${out}`));
    }
    count += 1;
  }
  const { histories, fresh, unread } = collected;
  print(
    `${join(out, "index.html")}: ${counted(count - 1, "page")} about ${counted(histories.length, "target")}, from ${counted(files.length, "run")} (${fresh} of them read now)\n`,
  );
  if (unread.length === 0) return Exit.pass;
  const lines = unread.map(({ file, why }) => `    ${file}\n        ${why}`);
  print(
    `Left out, since they can't be read:\n${lines.join("\n")}\nNext:\n    ${toType`ls -l ${unread[0]?.file ?? ""}`}\n`,
  );
  return Exit.unknown;
}
