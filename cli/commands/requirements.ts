// `requirements`: what must hold, and how far that is covered. The judge's side tells; here it is only started.
import { spawn } from "node:child_process";
import { join } from "node:path";

const program = join(import.meta.dirname, "../../specs/register/requirements.ts");

/** Prints the register and its coverage; returns 1 where something is missing. */
export function requirements({
  json,
  run,
}: {
  readonly json: boolean;
  readonly run?: string;
}): Promise<number> {
  const args = [...(json ? ["--json"] : []), ...(run === undefined ? [] : ["--run", run])];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 70));
  });
}
