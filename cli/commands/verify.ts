// `verify`: judges targets of an inventory, or saved evidence. By default it only looks.
import { BadInput, problem } from "../../fixtures/errors.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { readTarget } from "../../fixtures/target/inventory.ts";
import { summary } from "../../reports/summary.ts";
import { heading, nextForOpen, type Verified, type VerifyRun } from "../../reports/verified.ts";
import { register } from "../../specs/register/register.ts";
import { type Asked, specsFor, verifyOne } from "../verify/verify-one.ts";

export interface VerifyOptions extends Asked {
  readonly inventory?: string;
  readonly target?: string;
  readonly evidence?: string;
  readonly save?: string;
  readonly json: boolean;
  readonly progress: Progress;
  readonly print: (text: string) => void;
  readonly colour: boolean;
  readonly width: number;
}

/** Judges and prints the page. Returns the exit code of the verdicts. */
export async function verify(options: VerifyOptions): Promise<number> {
  checkIds([...options.only, ...options.require]);
  const { inventory, evidence, save } = options;
  if (inventory === undefined && evidence === undefined)
    throw new BadInput(
      problem("verify needs --inventory FILE or --evidence FILE", "npm run phoenix -- verify --help"),
    );
  const loading = specsFor(options);
  loading.catch(() => {}); // it is awaited after the evidence
  const target = inventory === undefined ? undefined : readTarget(inventory, options.target);
  const one = {
    ...(target && { target }),
    ...(evidence !== undefined && { evidenceFile: evidence }),
    ...(save !== undefined && { save }),
  };
  const verified = await verifyOne({ ...one, allowed: ["observe"] }, options, loading);
  const run: VerifyRun = { version: 1, exitCode: verified.exitCode, targets: [verified] };
  options.print(options.json ? `${JSON.stringify(run, null, 2)}\n` : page(verified, options));
  return run.exitCode;
}

function page(verified: Verified, options: VerifyOptions): string {
  const next = nextForOpen(verified, "npm run phoenix -- verify …");
  return `${heading(verified)}\n${summary([verified.verdicts], options)}${next === undefined ? "" : `\n${next}\n`}`;
}

/** @throws BadInput for an id that the register does not have. */
function checkIds(ids: readonly string[]): void {
  const unknown = ids.filter((id) => !register.some((one) => one.id === id));
  if (unknown.length === 0) return;
  const what = `No requirement ${unknown.join(", ")} in the register`;
  throw new BadInput(problem(what, "npm run phoenix -- requirements"));
}
