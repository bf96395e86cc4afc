// `nightly status`: whether the last night ran, what it found, and whether somebody was told.
import { jsonText } from "../../fixtures/printable.ts";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { visibleLines } from "../../fixtures/visible-lines.ts";
import { statusOf } from "../nightly/status.ts";
import { nightsOf } from "./nightly.ts";

export interface NightlyStatusOptions {
  readonly nights?: string;
  /** Seconds that may pass since the last night ended. */
  readonly maxAge: number;
  readonly json: boolean;
  readonly hostEnvironment: HostEnvironment;
  readonly print: (text: string) => void;
}

/** Prints the state. Returns the last night's exit code; 2 if it passed and is too old, broken off or was not told. */
export function nightlyStatus(options: NightlyStatusOptions): number {
  const status = statusOf(nightsOf(options), options.maxAge, Date.now());
  options.print(
    options.json ? jsonText(status) : `${status.says.map((line) => visibleLines(line)).join("\n")}\n`,
  );
  return status.exitCode;
}
