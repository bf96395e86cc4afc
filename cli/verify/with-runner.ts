// Judges the requirements that open a page or act, by Playwright, in a private folder that is removed at the end.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkSpace } from "../../fixtures/disk.ts";
import { type EvidenceDocument, writeDocument } from "../../fixtures/evidence/document.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { ensureBrowser } from "../../fixtures/setup/chromium.ts";
import { cacheFolder, type HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { type Action, type Target, writeTarget } from "../../fixtures/target/inventory.ts";
import type { Verdicts } from "../../reports/verdicts.ts";
import type { Given } from "../../specs/light/judge.ts";
import { TestRunner } from "../run/test-runner.ts";

export interface Acting {
  readonly target: Target;
  readonly document: EvidenceDocument;
  /** The requirements to judge. */
  readonly ids: readonly string[];
  /** Whether they are those that take the plan back, which nothing else may run beside. */
  readonly last: boolean;
  readonly withhold: readonly Action[];
  /** Whether one of them opens a page. */
  readonly browser: boolean;
  /** What an apply left, by the names that a run's folder has for it. */
  readonly files: Given["files"];
  readonly hostEnvironment: HostEnvironment;
  /** Disposed of when the command ends, also when it is interrupted. */
  readonly resources: AsyncDisposableStack;
}

const phase = "verified";

/** Judges them. @throws BadInput if there is no browser and one is needed; Error if the runner itself failed. */
export async function judgeActing(acting: Acting, progress: Progress): Promise<Verdicts> {
  const { target, document, ids, last, withhold, hostEnvironment, resources } = acting;
  const browser = acting.browser
    ? await ensureBrowser(progress, hostEnvironment.path)
    : { executable: "none", certutil: "none" };
  const all = join(cacheFolder(hostEnvironment), "verify");
  checkSpace(all);
  const run = privateFolder(all, "run");
  resources.defer(async () => rmSync(run, { recursive: true, force: true }));
  for (const name of [phase, "before"]) mkdirSync(join(run, name));
  writeTarget(run, target);
  writeDocument(join(run, phase, "evidence.json"), document);
  const { before, beforeRecord, record } = acting.files;
  if (before !== undefined) copyFileSync(before, join(run, "before", "evidence.json"));
  if (beforeRecord !== undefined) copyFileSync(beforeRecord, join(run, "before", "record.json"));
  if (record !== undefined) copyFileSync(record, join(run, phase, "record.json"));
  const projects = last ? ["last"] : ["judge", "act"];
  const runner = resources.use(
    new TestRunner({
      ...{ run, privateFolder: run, phase, projects, withhold, target, browser, only: ids },
      hear: progress.trace,
    }),
  );
  return await progress.step(`judging ${ids.length} by a browser or by actions`, () => runner.begin());
}
