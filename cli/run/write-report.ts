// The HTML report of a run's document: of one target in the run's own folder, of several in one folder for each.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildReport } from "../../reports/allure/build.ts";
import { headline } from "../../reports/allure/headline.ts";
import { historyFile } from "../../reports/allure/history.ts";
import { allureResults, type Shown } from "../../reports/allure/results.ts";
import { readTranscripts } from "../../reports/allure/transcripts.ts";
import { runText } from "../../reports/run/file.ts";
import type { Run, RunTarget } from "../../reports/run/run.ts";
import { judgedTargets } from "../../reports/run/run.ts";

/** The folder of what each test did, in the folder of a phase: `allure-playwright` writes it. */
export const stepsFolder = "steps";

/**
 * Writes the report of a run on one target: `<dir>/report/index.html`, which it returns. The earlier runs of the same target
 * are in `history/` beside the run's folder.
 * @throws Error if Allure fails, or if the page would ask another host.
 */
export async function writeReport(run: Run, dir: string, target = only(run)): Promise<string> {
  const phase = target.phases.at(-1)?.name ?? "";
  const steps = join(dir, phase, stepsFolder);
  const { byRequirement, attached } = readTranscripts(steps);
  return buildReport({
    files: allureResults(run, target, { transcripts: byRequirement, shown: shownIn(run, dir) }),
    attached: [{ dir: steps, names: attached }],
    dir,
    name: headline(target),
    // A run on a stand-in has to judge everything; elsewhere a requirement that must be judged is unknown otherwise.
    mayBeOpen: run.command === "accept" ? 0 : target.requirements.length,
    history: historyFile(join(dir, "..", "history"), target),
  });
}

/** The same for each target of a run that has a result: `<dir>/<target>/report/index.html`. Returns the pages. */
export async function writeReports(run: Run, dir: string): Promise<string[]> {
  const pages: string[] = [];
  for (const target of judgedTargets(run))
    pages.push(await writeReport(run, join(dir, folderName(target.target)), target));
  return pages;
}

/** A name of an inventory is made of letters that any file may have; of a saved evidence it may be anything. */
const folderName = (name: string) => name.replaceAll(/[^A-Za-z0-9_-]/g, "_");

function only(run: Run): RunTarget {
  const [target] = judgedTargets(run);
  if (!target) throw new Error("This is a bug in the suite: a report of a run without a result");
  return target;
}

/** What the report shows of a run beside its requirements: the document, and what the commands printed. */
function shownIn(run: Run, dir: string): Shown[] {
  const logs = ["before/converge.log", "after/apply.log"].filter((name) => existsSync(join(dir, name)));
  return [
    { name: "run.json", type: "application/json", body: runText(run) },
    ...logs.map((name) => ({ name, type: "text/plain", body: readFileSync(join(dir, name), "utf8") })),
  ];
}
