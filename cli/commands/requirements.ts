// `requirements`: lists the register and its coverage. The program is on the judge's side; this only starts it.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { Exit } from "../../fixtures/exit-codes.ts";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { outputFolder } from "../run/output.ts";

const program = join(import.meta.dirname, "../../specs/register/requirements.ts");

/** Prints the register and its coverage. Returns `fail` if a spec or a control is missing. */
export function requirements({
  json,
  run,
  hostEnvironment,
}: {
  readonly json: boolean;
  readonly run?: string;
  readonly hostEnvironment: HostEnvironment;
}): Promise<number> {
  const args = [
    "--runs",
    outputFolder(hostEnvironment),
    ...(json ? ["--json"] : []),
    ...(run === undefined ? [] : ["--run", run]),
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? Exit.bug));
  });
}
