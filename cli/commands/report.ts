// `report`: renders a run again from its document, in any form.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Exit } from "../../fixtures/exit-codes.ts";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { readRun } from "../../reports/run/file.ts";
import { outputFolder } from "../run/output.ts";
import { showRun, type WantedFormat } from "../run/write-formats.ts";

export interface ReportOptions {
  /** The folder of a run, or its document; without it, the last `accept`. */
  readonly run?: string;
  readonly json: boolean;
  readonly format: readonly WantedFormat[];
  readonly hostEnvironment: HostEnvironment;
  readonly print: (text: string) => void;
  readonly colour: boolean;
  readonly width: number;
}

/** Prints and writes what the run printed and wrote, byte by byte. Returns `pass`: the verdict was that of the run. */
export function report(options: ReportOptions): number {
  const path = options.run ?? join(outputFolder(options.hostEnvironment), "latest");
  const run = readRun(path);
  const page = join(path.endsWith(".json") ? dirname(path) : path, "report", "index.html");
  showRun(run, { ...options, ...(existsSync(page) && { report: page }) }, options.print);
  return Exit.pass;
}
