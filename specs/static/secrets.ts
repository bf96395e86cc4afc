// Searches a tree's files for secret-like text, with the probe's own search on a copy.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CannotTell } from "../../fixtures/errors.ts";
import type { Answer } from "../../fixtures/evidence/fact.ts";
import type { Files, Unanswered } from "../../fixtures/evidence/from-tree.ts";
import { type Ran, run } from "./run.ts";

const script = fileURLToPath(new URL("../../fixtures/evidence/probe/secrets.sh", import.meta.url));

/** The answer of the probe's search on all files; it names only places. `folder` holds the copy. */
export async function lookForSecrets(files: Files, folder: string): Promise<Answer | Unanswered> {
  for (const [path, text] of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o600 });
  }
  // There is no administrator yet, so there is no known password to search for.
  const argv = [script, "tree", "all", join(folder, "none"), folder];
  mkdirSync(folder, { recursive: true });
  let ran: Ran | undefined;
  try {
    ran = await run("sh", argv, { cwd: folder, reads: [script], confinement: "wanted" });
  } catch (error) {
    if (!(error instanceof CannotTell)) throw error;
    return { unknown: error.message };
  }
  if (!ran) return { unknown: "sh is not installed on this machine" };
  const out = ran.out.replaceAll(`${folder}/`, "");
  return { command: "the search for secrets", code: ran.code, out, err: ran.err, ms: 0, at: "", digest: "" };
}
